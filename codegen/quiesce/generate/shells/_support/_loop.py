"""The event loop of a lifecycle: who sleeps in it, which clock it has, and tasks in it that come to their end."""

import asyncio
import math
from asyncio import CancelledError, get_running_loop
from collections.abc import Callable, Coroutine, Mapping, Set
from contextvars import ContextVar
from typing import Any, TypeVar

from ._moments import Moment, Rules, Step, log
from ._pending import Deadline, Ticket, Timeout
from ._work import Works

M = TypeVar("M", bound=Moment)
T = TypeVar("T")

inside: ContextVar[tuple[Ticket, ...]] = ContextVar("inside", default=())
"""The activities that the running code is a part of. Tasks that it creates are a part of them, too."""


class InALoop(Works[M]):
    """A lifecycle that is used in one event loop."""

    __slots__ = ("_loop", "_sleepers")

    awaits = True

    def __init__(
        self,
        rules: Rules[M],
        owner: object,
        start: M,
        observe: Callable[[Step], object] | None = None,
        patience: Mapping[str, float] | None = None,
    ) -> None:
        super().__init__(rules, owner, start, observe, patience)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sleepers: dict[asyncio.Future[None], None] = {}

    def runner(self) -> None:
        """Nobody in particular: what has to end gets a task of its own."""

    def is_mine(self, ticket: Ticket) -> bool:
        """Whether the code that runs is a part of this work, also in a task that the work has made."""
        return ticket in inside.get()

    def runs(self, ticket: Ticket, /) -> bool:
        """Whether work has a task of its own, which is not over."""
        return isinstance(ticket.runner, asyncio.Task) and not ticket.runner.done()

    def here(self) -> None:
        """See that a call is made in the loop of the first; or in another, if that is closed and nothing is left."""
        loop = get_running_loop()
        if loop is self._loop:
            return
        if self._loop is not None:
            if not self._loop.is_closed():
                raise self.rules.wrong_loop(
                    "it is used in another event loop or thread; each needs a lifecycle of its own"
                )
            if left := self.left():
                raise self.rules.wrong_loop(f"the event loop in which it was used is closed, and it was left: {left}")
        self._sleepers.clear()
        self.stop_clocks()
        self.clocks.clear()
        self._loop = loop
        self.announce()  # timeouts that are still to come have a clock of this loop then

    def time(self) -> float:
        """The time that the clock of the loop shows."""
        return get_running_loop().time()

    def begin_anew(self) -> None:
        """In a forked child: as at the start, and in no loop."""
        super().begin_anew()
        self._loop = None
        self._sleepers.clear()

    async def sleep(self, moment: M, waits_for: Set[str], deadline: float | None, name: str) -> float:
        """Sleep until another moment follows this one, or somebody has let go of work; the time then.

        Raises:
            TimeoutError: the deadline has passed.
        """
        try:
            self.refuse_deadlock(moment, waits_for, name)
            if deadline is not None and self.time() >= deadline:
                raise TimeoutError(f"{name} had to wait for too long") from None
            held = [ticket for ticket in inside.get() if moment._pending.get(ticket.key) is ticket]
        finally:
            del moment
        loop = get_running_loop()
        change: asyncio.Future[None] = loop.create_future()
        alarm = None if deadline in (None, math.inf) else loop.call_at(deadline, _ring, change)
        try:
            for ticket in held:
                ticket.waits_for = waits_for
            self._sleepers[change] = None
            if self._wake not in self.listeners:
                self.listeners.append(self._wake)
            # As nothing was awaited since the state was looked at, it is the newest still.
            await change
        finally:
            for ticket in held:
                ticket.waits_for = frozenset()
            self._sleepers.pop(change, None)
            if alarm is not None:
                alarm.cancel()
        return self.time()

    def _wake(self) -> None:
        """Wake all who sleep. They leave the list at once, so that the steps they take do not look at them again."""
        for change in tuple(self._sleepers):
            _ring(change)
        self._sleepers.clear()
        self.listeners.remove(self._wake)

    # --- timeouts of the model ----------------------------------------------------------------------------------

    def announce(self) -> None:
        """Wake everybody who sleeps, tell the observer what is new, and stop the clocks that nobody needs any more."""
        super().announce()
        if self.clocks:
            pending = self.now()._pending
            for name, clock in tuple(self.clocks.items()):
                if isinstance(clock, _Clock) and pending.get((name, Timeout)) is not clock.deadline:
                    clock.handle.cancel()
                    del self.clocks[name]

    def stop_clocks(self) -> None:
        """Stop the clocks, as there is nobody any more for whom they could take a step."""
        for clock in tuple(self.clocks.values()):
            if isinstance(clock, _Clock):
                clock.handle.cancel()

    def watch(self, deadline: Deadline) -> None:
        """Have the loop take this step of the clock when its time has come, also if nobody calls or waits."""
        name = deadline.timeout.name
        known = self.clocks.get(name)
        if deadline.at == math.inf or (isinstance(known, _Clock) and known.deadline is deadline):
            return
        if isinstance(known, _Clock):
            known.handle.cancel()
        self.clocks[name] = _Clock(deadline, self.take_timeout)

    def take_timeout(self, deadline: Deadline) -> None:
        """Take a step of the clock, if it is its time."""
        raise NotImplementedError


class _Clock:
    """A timer of the loop, for a timeout of the model."""

    __slots__ = ("deadline", "handle")

    def __init__(self, deadline: Deadline, rings: Callable[[Deadline], None]) -> None:
        self.deadline = deadline
        self.handle = get_running_loop().call_at(deadline.at, rings, deadline)


def _ring(change: "asyncio.Future[None]") -> None:
    """Wake the one who waits for it."""
    if not change.done():
        change.set_result(None)


def task_of_its_own(coroutine: Coroutine[Any, Any, T], name: str) -> "asyncio.Task[T]":
    """A task that has to come to its end.

    Whoever cancels all tasks, as `asyncio.run` does at its end, does not see it. He waits for it all the same, as he
    waits for the call that waits for it.
    """
    task = get_running_loop().create_task(coroutine, name=name)
    asyncio.tasks._unregister_task(task)
    return task


async def to_its_end(task: "asyncio.Task[T]") -> T:
    """The result of a task. If whoever waits is cancelled meanwhile, the cancellation goes on when the task is over."""
    cancelled: CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait((task,))
        except CancelledError as cancellation:
            cancelled = cancelled or cancellation
    if cancelled is None:
        return task.result()
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("%s failed after its call was cancelled", task.get_name(), exc_info=error)
    raise cancelled
