"""An event loop whose clock goes on by itself, so that nobody waits for it, and that tells when nothing will happen."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Generator
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")

MANY = 20_000
"""Turns of a loop after which somebody goes round in circles."""


class Stuck(Exception):
    """Everybody waits, and nothing will come; or somebody goes round in circles."""


class _Selector(selectors.SelectSelector):
    """It never waits: where the loop would sleep, the clock goes on instead."""

    now = 0.0
    turns = 0
    at_turn: Callable[[int], object] | None = None

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.turns += 1
        if self.at_turn is not None:
            self.at_turn(self.turns)
        elif timeout is None or self.turns > MANY:
            raise Stuck
        self.now += timeout or 0.0
        return super().select(0)


class Loop(asyncio.SelectorEventLoop):
    """It remembers all tasks that it was given, also those that hide."""

    def __init__(self) -> None:
        self.selector = _Selector()
        super().__init__(self.selector)
        self.tasks: list[asyncio.Task[Any]] = []
        self.set_task_factory(self._make)

    def time(self) -> float:
        return self.selector.now

    def _make(self, _: Any, coroutine: Any, **named: Any) -> "asyncio.Task[Any]":
        self.tasks.append(task := asyncio.Task(coroutine, loop=self, **named))
        return task

    def at_turn(self, turn: int, happens: Callable[[], object]) -> None:
        """Have something happen between two turns of the loop, as a signal or another thread may want it."""

        def look(now: int) -> None:
            if now == turn:
                self.selector.at_turn = None
                happens()

        self.selector.turns = 0
        self.selector.at_turn = look

    def left(self) -> list[str]:
        """The tasks that are not over."""
        return [task.get_name() for task in self.tasks if not task.done()]


def run(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """What a coroutine gives. Behind it, no task is left.

    Raises:
        Stuck: it waits for something that will never come.
    """
    loop = Loop()
    try:
        answer = loop.run_until_complete(main())
        assert loop.left() == []
        return answer
    finally:
        close(loop)


def close(loop: Loop) -> None:
    """Cancel what is left, as `asyncio.run` does, and close the loop."""
    left = [task for task in loop.tasks if not task.done()]
    for task in left:
        task.cancel()
    loop.selector.turns = 0
    with suppress(Stuck):
        if left:
            loop.run_until_complete(asyncio.wait(left))
    for task in loop.tasks:
        task._log_destroy_pending = False  # type: ignore[attr-defined]  # of those that a fault has left
        if task.done() and not task.cancelled():
            task.exception()
    loop.close()


class Interrupted:
    """A coroutine into which an interrupt is thrown instead of its n-th wait."""

    def __init__(self, coroutine: Coroutine[Any, Any, T], at: int, interrupt: type[BaseException]) -> None:
        self._coroutine = coroutine
        self._at = at
        self._interrupt = interrupt
        self.hit = False

    def __await__(self) -> Generator[Any, Any, Any]:
        waits, sent = 0, None
        step: Callable[[], Any] = lambda: self._coroutine.send(None)  # noqa: E731 -- it is replaced below
        while True:
            try:
                waited_for = step()
            except StopIteration as stop:
                return stop.value
            waits += 1
            if waits == self._at:
                self.hit = True
                if waited_for is not None:
                    waited_for.cancel()
                step = lambda: self._coroutine.throw(self._interrupt())  # noqa: E731
                continue
            try:
                sent = yield waited_for
            except BaseException as error:
                step = lambda error=error: self._coroutine.throw(error)  # type: ignore[misc]  # noqa: E731
            else:
                step = lambda sent=sent: self._coroutine.send(sent)  # type: ignore[misc]  # noqa: E731


async def turns(number: int) -> None:
    """Let others go on, so often."""
    for _ in range(number):
        await asyncio.sleep(0)
