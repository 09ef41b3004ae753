"""The event loop of a search: as much of one as the shell and asyncio's own tasks use, and what is ready in it."""

import asyncio
from collections.abc import Callable, Coroutine, Generator, Sequence
from contextlib import suppress
from contextvars import Context, ContextVar, copy_context
from typing import Any, Protocol

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


class Task(asyncio.Task[Any]):
    """A task, its context, and whether it waits for something."""

    context: Context
    waits = False


class Handle:
    """A callback that is to be run."""

    def __init__(self, callback: Callable[..., object], args: Sequence[object], context: Context) -> None:
        self.callback = callback
        self.args = args
        self.context = context

    @property
    def task(self) -> Task | None:
        """The task that it lets go on, if it does."""
        found = getattr(self.callback, "__self__", None)
        return found if isinstance(found, Task) else None

    def __str__(self) -> str:
        return self.task.get_name() if self.task else getattr(self.callback, "__qualname__", "a callback")


class Timer(Handle):
    """A callback that is to be run at some time."""

    def __init__(self, when: float, timers: "list[Timer]", *callback: Any) -> None:
        super().__init__(*callback)
        self.when = when
        self._timers = timers

    def cancel(self) -> None:
        """Not to be run at all."""
        self._timers[:] = [timer for timer in self._timers if timer is not self]


class Choice:
    """A decision that a task waits for."""

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
        self._coroutines: list[Coroutine[Any, Any, Any]] = []

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
        return asyncio.Future(loop=loop)

    def create_task(self, coro: Any, *, name: str | None = None, context: Context | None = None) -> Task:
        """A task of this loop."""
        context = copy_context() if context is None else context
        loop: Any = self
        task = Task(self._driven(coro), loop=loop, name=name or coro.__qualname__, context=context)
        task.context = context
        self.tasks.append(task)
        self._coroutines.append(coro)
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
        for task, coroutine in zip(self.tasks, self._coroutines, strict=False):  # they may become more meanwhile
            task._log_destroy_pending = False  # type: ignore[attr-defined]  # it is what the search does, not the shell
            if task.done() and not task.cancelled():
                task.exception()
            closing: list[Any] = [task.get_coro(), coroutine]
            for each in closing:
                with suppress(BaseException):  # the code under test may be wrong
                    each.close()


class _Driven:
    """A coroutine into which an interrupt is thrown when it goes on, if the search says so."""

    def __init__(self, world: World, coroutine: Coroutine[Any, Any, Any]) -> None:
        self._world = world
        self._coroutine = coroutine

    def __await__(self) -> Generator[Any, None, Any]:
        error: BaseException | None = None
        task: Any = asyncio.current_task()
        while True:
            task.waits = False
            try:
                awaited = self._coroutine.send(None) if error is None else self._coroutine.throw(error)
            except StopIteration as stop:
                return stop.value
            task.waits = True
            try:
                yield awaited
                error = None
            except BaseException as thrown:  # it goes on inside
                error = thrown
            if self._world.strikes_waiting():
                error = KeyboardInterrupt()
