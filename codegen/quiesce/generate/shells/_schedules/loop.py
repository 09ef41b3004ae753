"""The event loop of a search: as much of one as the shell and asyncio's own tasks use, and what is ready in it."""

import asyncio
from collections.abc import Callable, Coroutine, Generator, Sequence
from contextlib import suppress
from contextvars import Context, ContextVar, copy_context
from inspect import CORO_SUSPENDED, getcoroutinestate
from typing import Any, Protocol

from .python import task_of
from .states import Apart, Ident

caller: ContextVar[int] = ContextVar("caller")
"""The number of the caller for whom something runs, also in the tasks that are made for him."""

NOBODY = Ident(0)


class World(Protocol):
    """The world of a loop."""

    now: float
    """The time that its clock shows."""

    def strikes_waiting(self) -> bool:
        """Whether the task that goes on is interrupted where it has waited."""


class Future(asyncio.Future[Any]):
    """A future that remembers what is called when it is done."""

    def __init__(self, *, loop: Any) -> None:
        super().__init__(loop=loop)
        self._calls: list[tuple[object, Context | None]] = []

    def add_done_callback(self, fn: Any, /, *, context: Context | None = None) -> None:
        """Have it called."""
        self._calls.append((fn, context))
        super().add_done_callback(fn, context=context)

    def remove_done_callback(self, fn: Any, /) -> int:
        """Do not have it called."""
        self._calls = [each for each in self._calls if each[0] != fn]
        return super().remove_done_callback(fn)

    @property
    def remembered(self) -> tuple[object, ...]:
        """All that asyncio does not tell of a future that is not done."""
        return tuple(self._calls)


class Task(asyncio.Task[Any]):
    """A task that remembers its coroutine, its context, for what it waits, and what is called when it is done."""

    def __init__(self, coroutine: Any, driven: Any, context: Context, **named: Any) -> None:
        self.coroutine = coroutine
        self.context = context
        self.waits = getcoroutinestate(coroutine) == CORO_SUSPENDED
        """Whether it waits for something, or is about to go on from there."""
        self.awaited: Any = None
        """The future for which it waits; None if it has only let others go on."""
        self.hides: bool | None = None
        """Whether `asyncio.all_tasks` does not tell of it, as soon as somebody has looked."""
        self._is_to_be_cancelled = False
        self._calls: list[tuple[object, Context | None]] = []
        super().__init__(driven, context=context, **named)

    def goes_on(self) -> None:
        """It waits no longer, and hears of its cancellation."""
        self.waits, self.awaited, self._is_to_be_cancelled = False, None, False

    def cancel(self, msg: Any = None) -> bool:
        """Cancel what it waits for; or else the task, as soon as it goes on."""
        if not self.done() and (self.awaited is None or self.awaited.done()):
            self._is_to_be_cancelled = True
        return super().cancel(msg)

    def add_done_callback(self, fn: Any, /, *, context: Context | None = None) -> None:
        """Have it called."""
        self._calls.append((fn, context))
        super().add_done_callback(fn, context=context)

    def remove_done_callback(self, fn: Any, /) -> int:
        """Do not have it called."""
        self._calls = [each for each in self._calls if each[0] != fn]
        return super().remove_done_callback(fn)

    @property
    def remembered(self) -> tuple[object, ...]:
        """All that asyncio does not tell of a task that is not done."""
        known = self.waits, self.awaited, self._is_to_be_cancelled, self.cancelling(), self.coroutine, self.context
        return (*known, *self._calls)


class Handle:
    """A callback that is to be run."""

    __slots__ = ("args", "callback", "context")

    def __init__(self, callback: Callable[..., object], args: Sequence[object], context: Context) -> None:
        self.callback = callback
        self.args = args
        self.context = context

    @property
    def task(self) -> Task | None:
        """The task that it lets go on, if it does."""
        found = task_of(self.callback)
        return found if isinstance(found, Task) else None

    def __str__(self) -> str:
        return self.task.get_name() if self.task else getattr(self.callback, "__qualname__", "a callback")


class Timer(Handle):
    """A callback that is to be run at some time."""

    __slots__ = ("_timers", "when")

    def __init__(self, when: float, timers: "list[Timer]", *callback: Any) -> None:
        super().__init__(*callback)
        self.when = when
        self._timers = timers

    def cancel(self) -> None:
        """Not to be run at all."""
        self._timers[:] = [timer for timer in self._timers if timer is not self]


class Choice:
    """A decision that a task waits for."""

    __slots__ = ("future", "options", "task")

    def __init__(self, task: "asyncio.Task[Any] | None", options: Sequence[str], future: "asyncio.Future[str]") -> None:
        self.task = task
        self.options = options
        self.future = future

    def __str__(self) -> str:
        return self.task.get_name() if self.task else "-"


class Loop(Apart):
    """As much of an event loop as the shell and asyncio's own tasks use."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.ready: list[Handle] = []
        self.timers: list[Timer] = []
        self.tasks: list[Task] = []

    def time(self) -> float:
        """The time of the world."""
        return self._world.now

    def call_soon(self, callback: Any, *args: Any, context: Context | None = None) -> Any:
        """The callback can be run."""
        self.ready.append(Handle(callback, args, copy_context() if context is None else context))
        return self.ready[-1]

    def call_at(self, when: float, callback: Any, *args: Any, context: Context | None = None) -> Any:
        """The callback can be run at that time, for nobody who calls."""
        context = copy_context() if context is None else context
        context.run(caller.set, NOBODY)
        self.timers.append(Timer(when, self.timers, callback, args, context))
        return self.timers[-1]

    def create_future(self) -> "asyncio.Future[Any]":
        """A future of this loop."""
        loop: Any = self
        return Future(loop=loop)

    def create_task(self, coro: Any, *, name: str | None = None, context: Context | None = None) -> Task:
        """A task of this loop."""
        context = copy_context() if context is None else context
        loop: Any = self
        driven = self._driven(coro)
        driven.send(None)  # so it hears of a cancellation before the first turn, and passes it on
        task = Task(coro, driven, context, loop=loop, name=name or coro.__qualname__)
        self.tasks.append(task)
        return task

    async def _driven(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return await _Driven(self._world, coroutine)

    def get_debug(self) -> bool:
        """No."""
        return False

    def is_closed(self) -> bool:
        """No."""
        return False

    def is_running(self) -> bool:
        """Yes."""
        return True

    def call_exception_handler(self, context: Any) -> None:
        """Errors that nobody has asked for are told to nobody."""

    def out_of(self, handles: "list[Any]", handle: Handle) -> Handle:
        """Take a callback out of a list."""
        handles[:] = [each for each in handles if each is not handle]
        return handle

    def give_up(self) -> None:
        """Close whatever is not over, so that nothing of this run is heard of later."""
        for task in self.tasks:  # they may become more meanwhile
            if task.done() and not task.cancelled():
                task.exception()
            driven: Any = task.get_coro()
            for each in (driven, task.coroutine):
                with suppress(BaseException):  # the code under test may be wrong
                    each.close()


class _Driven:
    """A coroutine into which an interrupt is thrown when it goes on, if the search says so."""

    __slots__ = ("_coroutine", "_world")

    def __init__(self, world: World, coroutine: Coroutine[Any, Any, Any]) -> None:
        self._world = world
        self._coroutine = coroutine

    def __await__(self) -> Generator[Any, None, Any]:
        error: BaseException | None = None
        try:
            yield
        except GeneratorExit:
            self._coroutine.close()
            raise
        except BaseException as thrown:
            error = thrown
        if self._world.strikes_waiting():
            error = KeyboardInterrupt()
        task: Any = asyncio.current_task()
        while True:
            task.goes_on()
            try:
                awaited = self._coroutine.send(None) if error is None else self._coroutine.throw(error)
            except StopIteration as stop:
                return stop.value
            task.waits, task.awaited = True, awaited
            try:
                yield awaited
                error = None
            except BaseException as thrown:  # it goes on inside
                error = thrown
            if self._world.strikes_waiting():
                error = KeyboardInterrupt()
