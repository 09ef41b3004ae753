"""Calls from the tasks of one event loop: they wait, run the activities that they made due, and are answered."""

import asyncio
from asyncio import CancelledError, get_running_loop
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from inspect import CORO_CREATED, getcoroutinestate
from types import CoroutineType, TracebackType
from typing import Any, Generic, TypeVar

from ._fitting import refuse_awaitable, refuse_copy
from ._loop import InALoop, inside, task_of_its_own, to_its_end
from ._moments import Moment, Rules, Step, log
from ._pending import Accepted, Awaited, Call, Deadline, Key, Ticket, WrongMember, seconds
from .core import Blocked, NotEnabled, Refused

M = TypeVar("M", bound=Moment)
T = TypeVar("T")


class Tasks(InALoop[M]):
    """The calls and the activities of one lifecycle, in the tasks of those who call.

    Work that can fail runs in the task that called, and is cancelled with it. Other work has to come to its end: it
    runs in a task of its own, and the call waits for that, however often it is cancelled meanwhile.
    """

    __slots__ = ("_followers",)

    def __init__(
        self,
        rules: Rules[M],
        owner: object,
        start: M,
        observe: Callable[[Step], object] | None = None,
        patience: Mapping[str, float] | None = None,
    ) -> None:
        super().__init__(rules, owner, start, observe, patience)
        self._followers: dict[asyncio.Task[None], list[Ticket]] = {}  # they run what timeouts have made due

    def begin_anew(self) -> None:
        """In a forked child: as at the start."""
        super().begin_anew()
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
        try:
            self.follow(old, new)
            if self.listeners:
                self.announce()
        except BaseException:
            self.announce()  # the step may have been taken: who sleeps is told of it twice rather than never
            raise
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
        accepted, by = accepted or Accepted(), self.time()
        while True:
            old = self.now()
            if old._pending and await self._help(old, by):
                continue
            new = old._copied()
            try:
                answer = call.step(new, *arguments)
            except Blocked:
                try:
                    by = await self.sleep(old, call.waits_for, deadline, call.name)
                finally:
                    del old, new  # an error that is kept keeps this frame
                continue
            except (NotEnabled, Refused, WrongMember) as refused:
                try:
                    raise self.refused(refused, call, arguments, new) from None
                finally:
                    del old, new
            new._action = answer or call.name
            new._arguments = arguments
            accepted.tickets = self.plan(new, None)
            awaited = self.awaited(call, old, new, accepted.tickets)
            accepted.happens_if(old, new)
            del old, new  # whoever holds a moment holds all that follow it, and from here on a call may take long
            if await self._go_on(call, awaited, deadline, accepted):
                return answer

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
            by = self.time()
            while awaited is not None and (call.name, awaited) in (moment := self.now())._pending:
                try:
                    if not await self._help(moment, by):
                        by = await self.sleep(moment, awaited.steps, deadline, call.name)
                finally:
                    del moment
            if awaited is not None and (over := self._followers_over()):
                await asyncio.wait(over)
        except BaseException:
            if accepted.forget():
                self.let_go(accepted.tickets)
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
        by = self.time()
        deadline = None if timeout is None else by + seconds(timeout)
        while True:
            moment = self.now()
            try:
                if refuse_awaitable(found(moment)):
                    return moment
                if not await self._help(moment, by):
                    by = await self.sleep(moment, frozenset(), deadline, "wait_for")
            finally:
                del moment

    # --- activities ---------------------------------------------------------------------------------------------

    async def _run_all(self, tickets: list[Ticket], cancelled: CancelledError | None = None) -> None:
        """Run activities one after another, and those that their outcomes make due.

        A cancellation goes on, or else the first error. After a cancellation, work that can fail has failed at once.
        """
        first: Exception | None = None
        failed = set[Key]()
        for ticket in tickets:
            try:
                if cancelled is None or not ticket.activity.fails:
                    await self._run(ticket, tickets)
                elif ticket.key not in failed:  # otherwise it is due by its own end, and left to the next who comes
                    failed.add(ticket.key)
                    self.end(ticket, tickets)
            except CancelledError as error:
                cancelled = cancelled or error
            except Exception as error:
                first = first or error
        try:
            if (raised := first if cancelled is None else cancelled) is not None:
                raise raised
        finally:
            del cancelled, raised, first  # otherwise they hold this frame, and this frame holds them

    async def _run(self, ticket: Ticket, further: list[Ticket]) -> None:
        """Run an activity: here, if it can fail, or else in a task of its own."""
        if ticket.activity.fails:
            await self._do(self.owner(), ticket, further)
            return
        task = ticket.runner = task_of_its_own(self._do_apart(self.owner(), ticket, further), ticket.activity.name)
        task.add_done_callback(lambda _: self.let_go([ticket]))
        await to_its_end(task)

    async def _do_apart(self, owner: object, ticket: Ticket, further: list[Ticket]) -> None:
        """Do it in this task; not if an interrupt cut the call off before it knew the task, as the next who comes does.

        An eager task begins before the call knows it, too.
        """
        task = asyncio.current_task()
        if ticket.abandoned and ticket.runner is not task:
            return
        ticket.runner = task
        try:
            await self._do(owner, ticket, further)
        finally:
            # If the call is gone by now, nobody but the next who comes sees to what the outcome has made due, either.
            if ticket.abandoned:
                self.let_go(further)

    async def _do(self, owner: object, ticket: Ticket, further: list[Ticket]) -> None:
        """Do the work of an activity, and take its outcome whatever happens."""
        token = inside.set((*inside.get(), ticket))
        try:
            try:
                for work in ticket.begin(owner):
                    try:
                        ticket.answers[None] = await work
                    finally:
                        if isinstance(work, CoroutineType) and getcoroutinestate(work) == CORO_CREATED:
                            ticket.has_not_begun()  # an interrupt came between the call and the first line
                        if isinstance(work, Coroutine):
                            work.close()  # of one that an interrupt has left in the middle
                if not ticket.answers:
                    raise RuntimeError(f"{ticket.activity.name} raised StopIteration")
            finally:
                self.end(ticket, further)
        except BaseException:
            # Once more, if an interrupt cut it off; otherwise it is over, and nothing happens.
            self.end(ticket, further)
            raise
        finally:
            with suppress(ValueError):  # it was closed from elsewhere, such as by the garbage collector
                inside.reset(token)

    # --- what is left to others ---------------------------------------------------------------------------------

    async def _help(self, moment: M, by: float) -> bool:
        """See to what is left, and to timeouts that have come by this time, as they may come again and again."""
        for key, each in moment._pending.items():
            match each:
                case Ticket(abandoned=True) if not self.runs(each):
                    await self._take_over(moment, key, each)
                    return True
                case Deadline() if each.has_come(by):
                    self.take_timeout(each)
                    return True
                case _:
                    pass
        return False

    async def _take_over(self, moment: M, key: Key, left: Ticket) -> None:
        """Run work whose call is gone."""
        tickets: list[Ticket] = []
        try:
            self.renew(moment, key, left, tickets)
            del moment
            await self._run_all(tickets)
        except Exception:
            log.exception("%s failed; it had been left by an interrupted call", left.activity.name)
        except BaseException:
            self.let_go(tickets)
            raise

    # --- timeouts of the model ----------------------------------------------------------------------------------

    def take_timeout(self, deadline: Deadline) -> None:
        """Take a step of the clock, if it is its time; what it makes due runs in a task that is ours.

        Nothing is as at the start before that has taken the last outcome; and whoever is answered then waits for it.
        """
        timeout, key = deadline.timeout, deadline.timeout.key
        try:
            while (old := self.now())._pending.get(key) is deadline and self.owner() is not None:
                new, accepted = old._copied(), Accepted()
                timeout.outcome.step(new)
                new._action, new._arguments = timeout.outcome.action, ()
                accepted.tickets = self.plan(new, None)
                accepted.happens_if(old, new)
                if accepted.tickets:
                    self._make_follower(timeout.name, accepted)
                if self.follow(old, new):
                    del old, new
                    self.announce()
                    return
        except BaseException:
            # An interrupt: the clock rings once more, unless the step was taken, which those who sleep are told then.
            self.clocks.pop(timeout.name, None)
            self.announce()
            raise

    def _make_follower(self, timeout: str, accepted: Accepted) -> None:
        """Make the task before the step is taken, so that nothing can come between them."""
        following = self._run_behind(timeout, accepted)
        following.send(None)  # so it hears of a cancellation before its first turn, too
        task = get_running_loop().create_task(following, name=timeout)
        self._followers[task] = accepted.tickets
        task.add_done_callback(self._followed)

    def _followed(self, task: "asyncio.Task[None]") -> None:
        """Such a task is over; what an interrupt has kept it from is left to the next who comes."""
        self.let_go(self._followers.pop(task))

    def _followers_over(self) -> "list[asyncio.Task[None]]":
        """Those that have taken their last outcome, and have next to nothing to do."""
        due = {*map(id, self.now()._pending.values())}
        return [task for task, tickets in self._followers.items() if due.isdisjoint(map(id, tickets))]

    async def _run_behind(self, timeout: str, accepted: Accepted, cancelled: CancelledError | None = None) -> None:
        try:
            await asyncio.sleep(0)  # until there is a task
            if asyncio.current_task() not in self._followers:
                await asyncio.sleep(0)  # an eager task begins before the step is taken
        except CancelledError as cancellation:
            cancelled = cancellation
        try:
            if accepted.forget():
                await self._run_all(accepted.tickets, cancelled)
        except Exception:
            log.exception("what followed the timeout %s failed", timeout)
        finally:
            self.let_go(accepted.tickets)


class Session(Generic[T]):
    """The time between two calls: the first is made at the start of an `async with` block, and the second after it.

    What the first gives is what `async with` yields. The second is made whatever happens inside, and comes to its end
    however often it is cancelled; the cancellation goes on after it.
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
        self._owner = life.owner()  # nobody else may hold it
        self._begin = begin, given, timeout
        self._end = end, given_back
        self._gives = gives
        self._begun, self._ended = Accepted(), Accepted()
        self._apart: asyncio.Task[Any] | None = None

    __reduce__ = refuse_copy

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
                await self._told(self._close())
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def _close(self) -> None:
        """Make the second call: in a task of its own, which no cancellation reaches, unless it is answered at once."""
        try:
            if self._life.attempt(*self._end, None, self._ended) is None:
                await self._end_apart()
            self._ended.forget()
        except BaseException as cut:
            again = not isinstance(cut, Exception) and not self._ended.happened
            if again and (self._apart is None or self._apart.done()):
                await self._told(self._end_apart())
            raise

    async def _told(self, ending: Coroutine[Any, Any, None]) -> None:
        """Make the second call after an interrupt, which goes on; so nobody is told of errors but the log."""
        try:
            await ending
        except Exception:
            log.exception("%s failed after an interrupt", self._end[0].name)

    async def _end_apart(self) -> None:
        self._life.here()
        self._apart = task_of_its_own(self._life.call(*self._end, None, self._ended), self._end[0].name)
        await to_its_end(self._apart)
