"""A world of tasks: an event loop of its own, and before each of its turns the search decides what comes next.

A callback is run when it is its turn, as asyncio has it, or overtakes others if the bounds allow for that. Before each,
work can end, a call can be made, a timer can ring, and a task can be cancelled. An interrupt strikes a task where it
waits, or a turn where the text of the shell changes something; where, is known when the turn was taken without one.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from contextvars import Context
from types import MappingProxyType
from typing import Any, NoReturn

from .loop import NOBODY, Choice, Handle, Loop, Task, caller
from .search import ANYBODY, FOR_EVER, Bounds, Cut, Other, Search
from .states import Drawing, Ident, places

_UNHARMED = "unharmed"
_STRUCK = "struck at "


class Turns(Search):
    """Tasks that call the shell, in a loop whose turns are decided about."""

    preempts = False
    preemptions = 0
    interrupts = MappingProxyType(
        {"CancelledError": Bounds(cancellations=1), "KeyboardInterrupt": Bounds(interrupts=1)}
    )

    def _begin(self, other: Other) -> None:
        super()._begin(other)
        self.loop = Loop(self)
        self._callers: list[Task] = []
        self._choices: list[Choice] = []
        self._running: Handle | None = None
        self._deciding = False
        self._points, self._strike = 0, -1

    def _run(self) -> None:
        loop: Any = self.loop
        asyncio._set_running_loop(loop)
        try:
            self._roots = self._program.start()
            self._deciding = True
            while not self.over and self._turn():
                pass
        except Cut:
            pass
        finally:
            self.over = True
            self.loop.give_up()
            asyncio._set_running_loop(None)

    # --- turns ------------------------------------------------------------------------------------------------------

    def _turn(self) -> bool:
        """One thing more happens; False if nothing can."""
        self.turn()
        options = _told_apart(self._options())
        if not options:
            return False
        if not self._deciding:
            self._take(next(iter(options.values()))())
            return True
        can_strike = self._interrupts > 0
        overtaking = 0 if self.bounds.preemptions in (None, self._preempted) else len(self.loop.ready)
        preempting = [*options][1:overtaking]
        answer = self._decide(tuple(options), can_strike, dict.fromkeys(preempting))
        handle = options[answer]()
        if can_strike and handle is not None:
            self._take_or_strike(handle)
        else:
            self._take(handle)
        return True

    def _options(self) -> "Iterator[tuple[str, Callable[[], Handle | None]]]":
        """The things that can come next, each with a function that gives the callback to run then, if there is one."""
        loop = self.loop
        self._choices = [choice for choice in self._choices if not choice.future.done()]
        for handle in loop.ready[:1] if self._preempted == self.bounds.preemptions else loop.ready:
            yield f"{handle} goes on", lambda handle=handle: self._let_go_on(handle)  # type: ignore[misc]
        for choice in self._choices:
            for option in choice.options:
                yield f"{choice}: {option}", lambda c=choice, o=option: self._chosen(c, o)  # type: ignore[misc]
        able = bool(loop.ready or self._choices)
        passes = self._early > 0 if able else not self._deciding or self._program.at_rest() or self._rings()
        if passes and not able and not loop.timers:
            self.fail("somebody waits for the clock, and there is no timer")
        if passes and loop.timers:
            yield "time passes", lambda: self._pass_time(able)
        if self._deciding and self._cancellations:
            for task in self._to_be_cancelled():
                yield f"{task.get_name()} is cancelled", lambda task=task: self._cancel(task)  # type: ignore[misc]

    def _let_go_on(self, handle: "Handle") -> "Handle":
        return self.loop.out_of(self.loop.ready, handle)

    def _chosen(self, choice: "Choice", option: str) -> "Handle":
        choice.future.set_result(option)
        return self.loop.ready.pop()

    def _pass_time(self, early: bool) -> "Handle":
        self._early -= early
        timer = min(self.loop.timers, key=lambda timer: timer.when)
        self.now = max(self.now, timer.when)
        return self.loop.out_of(self.loop.timers, timer)

    def _to_be_cancelled(self) -> "Iterator[Task]":
        """Callers in the middle of a call, and other tasks that do not hide."""
        loop: Any = self.loop
        if any(task.hides is None for task in self.loop.tasks):
            found = asyncio.all_tasks(loop)
            for task in self.loop.tasks:
                task.hides = task not in found if task.hides is None else task.hides
        for task in self.loop.tasks:
            if task.done() or task.hides:
                continue
            if task not in self._callers or task.context.run(self._program.is_under_way):
                yield task

    def _cancel(self, task: "Task") -> None:
        self._cancellations -= 1
        self.note(f"{task.get_name()} is cancelled")
        task.cancel()
        if task in self._callers:
            task.context.run(self._program.interrupted, asyncio.CancelledError, True)
        else:
            self.cut_apart = True

    def _take(self, handle: "Handle | None") -> None:
        """Run a callback, and look at what it has done."""
        if handle is None:
            return
        self._running = handle
        try:
            handle.context.run(handle.callback, *handle.args)
        except KeyboardInterrupt:
            if not self.was_interrupted:
                raise
        except Exception as error:
            self.wrong = self.wrong or f"{handle} has raised {error!r}"
        for task in self._callers:
            if task.done() and not self.over and (end := task.exception()) is not None:
                self.wrong = self.wrong or f"{task.get_name()} ended with {end!r}"
        self.over = self.over or bool(self.wrong)
        handle.context.run(self._program.look)
        self._running = None

    def _take_or_strike(self, handle: "Handle") -> None:
        """The same, unharmed or with an interrupt; of all the places where it may strike, this run shows how many."""
        before = tuple(self._taken)
        known = self._decided[len(before)] if len(before) < len(self._decided) else _UNHARMED
        self._taken.append(known)
        first = 1 - self._can_be_struck_waiting(handle.task)
        self._points, self._strike = 0, int(known.removeprefix(_STRUCK)) if known != _UNHARMED else -1
        self._interrupts -= known != _UNHARMED
        self._take(handle)
        self._strike = -1
        if len(before) >= len(self._decided):
            struck = ((*before, f"{_STRUCK}{place}") for place in range(first, self._points + 1))
            self._others += [Other(decided, self._preempted) for decided in struck]

    def _can_be_struck_waiting(self, task: "Task | None") -> bool:
        if task is None or not task.waits:
            return False
        return task not in self._callers or task.context.run(self._program.is_under_way)

    def strikes_waiting(self) -> bool:
        """Whether the task that goes on is interrupted where it has waited."""
        struck, self._strike = self._strike == 0, self._strike or -1
        if struck:
            self._interrupted()
        return struck

    def point(self, _line: int, /, *_objects: object) -> None:
        """A place where an interrupt may strike."""
        if self.looks:
            return
        self._points += 1
        if self._points == self._strike:
            self._interrupted()
            raise KeyboardInterrupt

    def _interrupted(self) -> None:
        self.note("is interrupted")
        task = self._running.task if self._running else None
        self.cut_apart |= task not in self._callers
        if task is not None:
            self._program.interrupted(KeyboardInterrupt, task in self._callers)

    # --- what callers do --------------------------------------------------------------------------------------------

    def enter(self, name: str, body: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """A task that makes calls."""
        context = Context()
        context.run(caller.set, Ident(len(self._callers) + 1))
        self._callers.append(self.loop.create_task(body(), name=name, context=context))

    def first(self, body: Coroutine[Any, Any, None]) -> None:
        """Run something to its end, before there are callers."""
        task = self.loop.create_task(body, name="before", context=Context())
        while not task.done():
            self._turn()
        task.result()

    def work(self, body: Callable[..., Coroutine[Any, Any, object]]) -> Callable[..., object]:
        """An `async` method that does work."""

        async def work(*given: Any) -> object:
            return await body(*given)

        return work

    async def result(self, answer: Any) -> object:
        """The result of a coroutine."""
        return await answer

    async def enter_block(self, block: Any) -> object:
        """Begin a session; what it gives."""
        return await block.__aenter__()

    async def leave_block(self, block: Any, error: BaseException | None) -> object:
        """End a session, which an error may have cut off."""
        return await block.__aexit__(type(error) if error else None, error, None)

    async def choose(self, options: Sequence[str], _at: str = "", /) -> str:
        """A decision that a task takes for itself. It waits meanwhile, so others may always go on before."""
        if self.over:
            raise Cut
        future = self.loop.create_future()
        self._choices.append(Choice(asyncio.current_task(), options, future))
        answer: str = await future
        return answer

    def get_ident(self) -> int:
        """The number of the caller for whom the code runs."""
        return caller.get(NOBODY)

    @property
    def who(self) -> str:
        """The name of the task that runs."""
        task = asyncio.current_task()
        return task.get_name() if task else "-"

    def sleeps_beyond(self, _ident: int, moment: float, /) -> bool:
        """Whether nobody will wake this caller at that moment."""
        able = self.loop.ready or self._choices or self._running
        return not able and all(timer.when > moment for timer in self.loop.timers)

    def left(self, shell: Any) -> Sequence[str]:
        """The tasks that are not over, and those who still count as asleep."""
        sleeping = ["one who sleeps no more"] if shell._life._sleepers else []
        return [*(f"the task {task}" for task in self._own_tasks()), *sleeping]

    def ticking(self) -> Sequence[str]:
        """The timers that are left."""
        return [f"the timer of {timer}" for timer in self.loop.timers if timer.when > self.now]

    def _rings(self) -> bool:
        """Whether a timer rings at this very moment."""
        return any(timer.when <= self.now for timer in self.loop.timers)

    def outliving(self) -> Sequence[str]:
        """The tasks of the shell that are not over."""
        return self._own_tasks()

    def _own_tasks(self) -> list[str]:
        return [task.get_name() for task in self.loop.tasks if not task.done() and task not in self._callers]

    def modules(self) -> dict[str, object]:
        """Nothing: all that the code under test has of asyncio asks the loop."""
        return {}

    def turn(self) -> None:
        """A turn of the loop, or of one in the code under test, of which there must not be too many."""
        self._switches += 1
        if self._switches > FOR_EVER:
            if self.over:
                raise Cut
            self.fail("the tasks go on for ever, and nothing comes of it")

    def _stop(self) -> NoReturn:
        self.over = True
        raise Cut

    # --- states -----------------------------------------------------------------------------------------------------

    def _state(self) -> tuple[bytes, int]:
        loop = self.loop
        order = sorted(self._callers, key=lambda task: (task.done(), places(task.coroutine)))
        drawing = Drawing({task.context[caller]: place for place, task in enumerate(order)} | {0: -1}, self.constants)
        drawing.row += (self.now, self._interrupts, self._cancellations, self._early, int(self.cut_apart))
        drawing.of(order)
        drawing.of(self._roots)
        for those in (loop.ready, loop.timers, self._choices):
            # Where it does not matter in which order they came, it makes no other state.
            in_order = self.bounds.preemptions is not None
            drawing.of(those if in_order else sorted(those, key=lambda each: drawing.place_of(each.task)))
        return drawing.digest(), ANYBODY


def _told_apart(options: "Iterable[tuple[str, Any]]") -> "dict[str, Any]":
    """Options by their names, which are all different."""
    apart: dict[str, Any] = {}
    number = Counter[str]()
    for name, option in options:
        number[name] += 1
        apart[name if number[name] == 1 else f"{name} ({number[name]})"] = option
    return apart
