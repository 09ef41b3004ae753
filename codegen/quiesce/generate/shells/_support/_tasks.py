"""Calls from the tasks of one event loop: they wait, run the activities that they made due, and are answered."""

import asyncio
import math
from asyncio import CancelledError, get_running_loop
from collections.abc import Callable, Coroutine, Mapping, Set
from contextlib import suppress
from contextvars import ContextVar
from inspect import isawaitable, iscoroutinefunction, isfunction
from types import TracebackType
from typing import Any, Generic, TypeVar

from ._moments import History, Moment, Rules, Step, log
from ._pending import Accepted, Activity, Awaited, Call, Deadline, Key, Ticket, WrongMember, seconds, take_outcome
from .core import Blocked, Refused

M = TypeVar("M", bound=Moment)
T = TypeVar("T")

_inside: ContextVar[tuple[Ticket, ...]] = ContextVar("_inside", default=())
"""The activities that the running code is a part of. Tasks that it creates are a part of them, too."""


class Tasks(History[M]):
    """The calls and the activities of one lifecycle, in the tasks of those who call.

    Work that can fail runs in the task that called, and is cancelled with it. Other work has to come to its end: it
    runs in a task of its own, and the call waits for that, however often it is cancelled meanwhile.
    """

    __slots__ = ("_followers", "_loop", "_sleepers")

    def __init__(
        self,
        rules: Rules[M],
        owner: object,
        start: M,
        observe: Callable[[Step], object] | None = None,
        patience: Mapping[str, float] | None = None,
    ) -> None:
        """The work is done by methods of `owner`; `patience` is after how many seconds each timeout comes.

        Raises:
            TypeError: work is written without `async`, or the observer with it.
        """
        for name in sorted({each.name for all_of in rules.follows.values() for each in all_of if _is_work(each)}):
            method = getattr(type(owner), name)
            if isfunction(method) and not iscoroutinefunction(method) and not hasattr(method, "__wrapped__"):
                raise TypeError(f"{type(owner).__name__}.{name} must be written with `async def`")
        if iscoroutinefunction(observe):
            raise TypeError("the observer must be a plain function, as nobody would await it")
        super().__init__(rules, owner, start, observe, patience)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sleepers: dict[asyncio.Future[None], None] = {}
        self._followers: dict[asyncio.Task[None], list[Ticket]] = {}
        """The tasks that run what timeouts of the model have made due."""

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
        self._loop = loop

    def time(self) -> float:
        """What the clock of the loop shows."""
        return get_running_loop().time()

    def begin_anew(self) -> None:
        """In a forked child: as at the start, and in no loop."""
        super().begin_anew()
        self._loop = None
        self._sleepers.clear()
        self._followers.clear()

    # --- calls --------------------------------------------------------------------------------------------------

    def attempt(
        self,
        call: Call[T],
        arguments: tuple[Any, ...] = (),
        timeout: float | None = None,
        accepted: Accepted | None = None,
    ) -> T | None:
        """Make a call if it is answered at once and without any work; None if not, and whatever is wrong with it."""
        old = self.newest
        if timeout is not None or old._after or old._pending or get_running_loop() is not self._loop:
            return None
        new = old._copied()
        try:
            answer = call.step(new, *arguments) if arguments else call.step(new)
        except (Blocked, Refused, WrongMember):
            return None
        if answer is None or answer in self.follows:
            return None
        new._action = answer
        new._arguments = arguments
        if accepted is not None:
            accepted.happens_if(old, new)
        self.follow(old, new)
        if self.listeners:
            self.announce()
        return answer

    async def call(
        self,
        call: Call[T],
        arguments: tuple[Any, ...] = (),
        timeout: float | None = None,
        accepted: Accepted | None = None,
    ) -> T:
        """Make a call; the name of the action that accepted it.

        Raises:
            TimeoutError: it had to wait for longer than `timeout` seconds.
        """
        self.here()
        deadline = None if timeout is None else self.time() + seconds(timeout)
        accepted = accepted or Accepted()
        while True:
            old = self.now()
            if old._pending and await self._help(old):
                continue
            new = old._copied()
            try:
                answer = call.step(new, *arguments)
            except Blocked:
                await self._sleep(old, call.waits_for, deadline, call.name)
                continue
            except Refused as refusal:
                raise self.rules.refusals[refusal.error](refusal.error) from None
            except WrongMember as wrong:
                raise self.rules.wrong_member(str(wrong)) from None
            new._action = answer or call.name
            new._arguments = arguments
            accepted.tickets = self.plan(new, None)
            awaited = self._awaited(call, old, new, accepted.tickets)
            accepted.happens_if(old, new)
            # Whoever holds a moment holds all that follow it, and from here on a call may take long.
            del old, new
            if await self._go_on(call, awaited, deadline, accepted):
                return answer

    def _awaited(self, call: Call[Any], old: M, new: M, tickets: list[Ticket]) -> Awaited | None:
        """Enter what answers the call if its step is taken."""
        steps = call.until.get(new._action)
        if steps is None:
            return None
        if not any(steps & ticket.activity.ends for ticket in tickets):
            self._refuse_deadlock(old, steps, call.name)
        awaited = Awaited(steps, new._arguments)
        new._pending = {**new._pending, (call.name, awaited): awaited}
        return awaited

    async def _go_on(
        self, call: Call[Any], awaited: Awaited | None, deadline: float | None, accepted: Accepted
    ) -> bool:
        """Take the step of a call, run what falls to it, and wait for its answer; whether the step was taken."""
        try:
            self.follow(*accepted.step)
            if not accepted.forget():
                return False
            self.announce()
            await self._run_all(accepted.tickets)
            while awaited is not None and (call.name, awaited) in (moment := self.now())._pending:
                if not await self._help(moment):
                    await self._sleep(moment, awaited.steps, deadline, call.name)
            if awaited is not None and (over := self._followers_over()):
                await asyncio.wait(over)
        except BaseException:
            if accepted.forget():
                self._let_go(accepted.tickets)
            raise
        return True

    # --- waiting ------------------------------------------------------------------------------------------------

    async def wait_for(self, found: Callable[[M], bool], timeout: float | None = None) -> M:
        """The first moment seen of which `found` holds.

        Raises:
            TimeoutError: there was none for `timeout` seconds.
            TypeError: the answer of `found` would have to be awaited.
        """
        self.here()
        deadline = None if timeout is None else self.time() + seconds(timeout)
        while True:
            moment = self.now()
            holds = found(moment)
            if isawaitable(holds):
                if isinstance(holds, Coroutine):
                    holds.close()
                raise TypeError("the condition must be a plain function")
            if holds:
                return moment
            if not await self._help(moment):
                await self._sleep(moment, frozenset(), deadline, "wait_for")

    async def _sleep(self, moment: M, waits_for: Set[str], deadline: float | None, name: str) -> None:
        """Sleep until another moment follows this one, or somebody has let go of work.

        Raises:
            TimeoutError: the deadline has passed.
        """
        self._refuse_deadlock(moment, waits_for, name)
        if deadline is not None and self.time() >= deadline:
            raise TimeoutError(f"{name} had to wait for too long")
        loop = get_running_loop()
        change: asyncio.Future[None] = loop.create_future()
        alarm = None if deadline in (None, math.inf) else loop.call_at(deadline, _ring, change)
        held = [ticket for ticket in _inside.get() if moment._pending.get(ticket.key) is ticket]
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

    def _wake(self) -> None:
        """Wake all who sleep. They leave the list at once, so that the steps they take do not look at them again."""
        for change in tuple(self._sleepers):
            _ring(change)
        self._sleepers.clear()
        self.listeners.remove(self._wake)

    def _refuse_deadlock(self, moment: M, steps: Set[str], name: str) -> None:
        """See that who waits for these steps does not wait for himself, nor for somebody who waits for him."""
        inside, asked, waits = _inside.get(), set[Ticket](), [steps]
        while inside and waits:
            wanted = waits.pop()
            for ticket in moment._pending.values():
                if isinstance(ticket, Ticket) and ticket not in asked and wanted & ticket.activity.ends:
                    if ticket in inside:
                        raise self.rules.deadlock(f"{name} would wait for {ticket.activity.name}, which waits for it")
                    asked.add(ticket)
                    waits.append(ticket.waits_for)

    # --- activities ---------------------------------------------------------------------------------------------

    async def _run_all(self, tickets: list[Ticket]) -> None:
        """Run activities one after another, and those that their outcomes make due.

        A cancellation goes on, or else the first error. Work that can fail does not begin behind a cancellation: it has
        failed.
        """
        first: Exception | None = None
        cancelled: CancelledError | None = None
        for ticket in tickets:
            try:
                if cancelled is not None and ticket.activity.fails:
                    self._end(ticket, tickets)
                else:
                    await self._run(ticket, tickets)
            except CancelledError as error:
                cancelled = cancelled or error
            except Exception as error:
                first = first or error
        if cancelled is not None:
            raise cancelled
        if first is not None:
            raise first

    async def _run(self, ticket: Ticket, further: list[Ticket]) -> None:
        """Run an activity: here, if it can fail, or else in a task of its own."""
        work = self._do(self.owner(), ticket, further)
        if ticket.activity.fails:
            await work
            return
        task = ticket.runner = _task_of_its_own(work, ticket.activity.name)
        task.add_done_callback(lambda _: self._let_go([ticket]))
        await _to_its_end(task)

    async def _do(self, owner: object, ticket: Ticket, further: list[Ticket]) -> None:
        """Do the work of an activity, and take its outcome whatever happens."""
        token = _inside.set((*_inside.get(), ticket))
        try:
            try:
                for work in ticket.begin(owner):
                    ticket.answers.append(await work)
            finally:
                self._end(ticket, further)
        except BaseException:
            # Once more, if an interrupt cut it off; otherwise it is over, and nothing happens.
            self._end(ticket, further)
            raise
        finally:
            with suppress(ValueError):  # it was closed from elsewhere, such as by the garbage collector
                _inside.reset(token)

    def _end(self, ticket: Ticket, further: list[Ticket]) -> None:
        """Take the outcome of work that is over, unless it was taken; what becomes due by it is added to `further`.

        Raises:
            TypeError, ValueError: the work gave a wrong answer.
        """
        while ticket.over:
            old = self.now()
            if old._pending.get(ticket.key) is not ticket:
                return
            new = old._copied()
            wrong = take_outcome(new, ticket)
            tickets = self.plan(new, None)
            for each in tickets:
                each.abandoned = ticket.abandoned
            further.extend(tickets)
            if self.follow(old, new):
                del old, new
                self.announce()
                if wrong is not None:
                    raise wrong
                return
            del further[len(further) - len(tickets) :]

    def _let_go(self, tickets: list[Ticket]) -> None:
        """Take the outcomes of what is over, and leave to the next who comes what has neither begun nor a task."""
        for ticket in tickets:
            if not _runs(ticket):
                self._end(ticket, tickets)
            ticket.abandoned = True
        pending = self.now()._pending
        if any(pending.get(ticket.key) is ticket for ticket in tickets):
            self.announce()

    # --- what is left to others ---------------------------------------------------------------------------------

    async def _help(self, moment: M) -> bool:
        """See to what is pending and nobody sees to; whether there was something."""
        for key, each in moment._pending.items():
            match each:
                case Ticket(abandoned=True) if not _runs(each):
                    await self._take_over(moment, key, each)
                    return True
                case Deadline() if each.at <= self.time():
                    self._take_timeout(each)
                    return True
                case _:
                    pass
        return False

    async def _take_over(self, moment: M, key: Key, left: Ticket) -> None:
        """Run an activity whose call is gone; take its outcome, if it is over."""
        tickets: list[Ticket] = []
        try:
            self._end(left, tickets)
            new = self.unchanged(moment)
            ticket = Ticket(left.activity, key, None)
            new._pending = {**moment._pending, key: ticket}
            tickets.append(ticket)
            if not self.follow(moment, new):
                tickets.remove(ticket)
            del moment, new
            await self._run_all(tickets)
        except Exception:
            log.exception("%s failed; it had been left by an interrupted call", left.activity.name)
        except BaseException:
            self._let_go(tickets)
            raise

    # --- timeouts of the model ----------------------------------------------------------------------------------

    def announce(self) -> None:
        """Wake everybody who sleeps, tell the observer what is new, and stop the clocks that nobody needs any more."""
        super().announce()
        if self.clocks:
            pending = self.now()._pending
            for name, clock in tuple(self.clocks.items()):
                if isinstance(clock, _Clock) and pending.get((name, None)) is not clock.deadline:
                    clock.handle.cancel()
                    del self.clocks[name]

    def watch(self, deadline: Deadline) -> None:
        """Have the loop take this step of the clock when its time has come, also if nobody calls or waits."""
        name = deadline.timeout.name
        known = self.clocks.get(name)
        if deadline.at == math.inf or (isinstance(known, _Clock) and known.deadline is deadline):
            return
        if isinstance(known, _Clock):
            known.handle.cancel()
        self.clocks[name] = _Clock(deadline, self._take_timeout)

    def _take_timeout(self, deadline: Deadline) -> None:
        """Take a step of the clock, if it is its time; what it makes due runs in a task that is ours.

        Nothing is as at the start before that task has taken the last outcome; and a call that is answered then waits
        for the rest of it, too.
        """
        timeout = deadline.timeout
        key: Key = (timeout.name, None)
        while (old := self.now())._pending.get(key) is deadline and self.owner() is not None:
            new = old._copied()
            timeout.outcome.step(new)
            new._action, new._arguments = timeout.outcome.action, ()
            tickets = self.plan(new, None)
            if self.follow(old, new):
                del old, new
                if tickets:
                    task = get_running_loop().create_task(self._run_behind(timeout.name, tickets), name=timeout.name)
                    self._followers[task] = tickets
                    task.add_done_callback(self._followers.pop)
                self.announce()
                return

    def _followers_over(self) -> "list[asyncio.Task[None]]":
        """Those that have taken their last outcome, and have next to nothing to do."""
        pending = self.now()._pending
        return [
            task
            for task, tickets in self._followers.items()
            if not any(pending.get(ticket.key) is ticket for ticket in tickets)
        ]

    async def _run_behind(self, timeout: str, tickets: list[Ticket]) -> None:
        try:
            await self._run_all(tickets)
        except Exception:
            log.exception("what followed the timeout %s failed", timeout)
        finally:
            self._let_go(tickets)


class _Clock:
    """A timer of the loop, for a timeout of the model."""

    __slots__ = ("deadline", "handle")

    def __init__(self, deadline: Deadline, rings: Callable[[Deadline], None]) -> None:
        self.deadline = deadline
        self.handle = get_running_loop().call_at(deadline.at, rings, deadline)


def _is_work(each: object) -> bool:
    return isinstance(each, Activity)


def _ring(change: "asyncio.Future[None]") -> None:
    """Wake the one who waits for it."""
    if not change.done():
        change.set_result(None)


def _runs(ticket: Ticket) -> bool:
    """Whether an activity has a task of its own, which is not over."""
    return isinstance(ticket.runner, asyncio.Task) and not ticket.runner.done()


def _task_of_its_own(coroutine: Coroutine[Any, Any, T], name: str) -> "asyncio.Task[T]":
    """A task that has to come to its end.

    Whoever cancels all tasks, as `asyncio.run` does at its end, does not see it. He waits for it all the same, as he
    waits for the call that waits for it.
    """
    task = get_running_loop().create_task(coroutine, name=name)
    asyncio.tasks._unregister_task(task)
    return task


async def _to_its_end(task: "asyncio.Task[T]") -> T:
    """What a task gives. If whoever waits is cancelled meanwhile, the cancellation goes on when the task is over."""
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


class Session(Generic[T]):
    """The time between two calls: the first is made at the start of an `async with` block, and the second behind it.

    What the first gives is what `async with` yields. The second is made whatever happens inside, and comes to its end
    however often it is cancelled; the cancellation goes on behind it.
    """

    def __init__(
        self,
        life: Tasks[Any],
        begin: Call[Any],
        given: tuple[Any, ...],
        timeout: float | None,
        end: Call[Any],
        given_back: tuple[Any, ...],
        gives: T,
    ) -> None:
        self._life = life
        self._owner = life.owner()
        """Nobody else may hold it."""
        self._begin = begin, given, timeout
        self._end = end, given_back
        self._gives = gives
        self._begun = Accepted()

    async def __aenter__(self) -> T:
        if self._begun.happened:
            raise RuntimeError("a session begins only once")
        try:
            if self._life.attempt(*self._begin, self._begun) is None:
                await self._life.call(*self._begin, self._begun)
            self._begun.forget()
            return self._gives  # noqa: TRY300 -- an interrupt may come even here
        except BaseException:
            if self._begun.forget() and not self._begun.failed:
                await self._close()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._life.attempt(*self._end) is None:
            await self._close()

    async def _close(self) -> None:
        """Make the second call in a task of its own, which no cancellation reaches."""
        self._life.here()
        await _to_its_end(_task_of_its_own(self._life.call(*self._end), self._end[0].name))
