"""Calls from any thread: they wait, run the activities that they made due, and are answered."""

import math
import threading
from collections.abc import Callable, Set
from contextlib import suppress
from threading import get_ident
from types import TracebackType
from typing import Any, Generic, TypeVar

from ._fitting import refuse_awaitable, refuse_copy
from ._moments import Moment, log
from ._pending import Accepted, Awaited, Call, Deadline, Key, Pending, Ticket, Timeout, WrongMember, seconds
from ._work import Works
from .core import Blocked, NotEnabled, Refused

M = TypeVar("M", bound=Moment)
T = TypeVar("T")

LOOK_AGAIN = 1.0
"""Seconds after which a sleeper looks by itself: two interrupts in a row may have cut off the one that wakes it."""


class Threads(Works[M]):
    """The calls and the activities of one lifecycle, in the threads of those who call."""

    __slots__ = ()

    awaits = False

    def runner(self) -> int:
        """The thread that calls."""
        return get_ident()

    def is_mine(self, ticket: Ticket) -> bool:
        """Whether this thread runs this work."""
        return ticket.runner == get_ident() and not ticket.abandoned

    def runs(self, _ticket: Ticket, /) -> bool:
        """No: work ends with its thread."""
        return False

    # --- calls --------------------------------------------------------------------------------------------------

    def call(
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
        deadline = None if timeout is None else self.time() + seconds(timeout)
        by: float | None = None
        while True:
            old = self.newest
            if old._after or (old._pending and self._help(old, by := by or self.time())):
                self.newest = self.now()
                continue
            new = old._copied()
            try:
                answer = call.step(new, *arguments) if arguments else call.step(new)
            except Blocked:
                try:
                    by = self._sleep(old, call.waits_for, deadline, call.name)
                finally:
                    # An error that is kept keeps this frame, and whoever holds a moment all that follow it.
                    del old, new
                continue
            except (NotEnabled, Refused, WrongMember) as refused:
                try:
                    raise self.refused(refused, call, arguments, new) from None
                finally:
                    del old, new
            action: Any = answer or call.name
            new._action = action
            new._arguments = arguments
            if accepted is not None or action in self.follows:
                accepted = accepted or Accepted()
                accepted.tickets = self.plan(new, get_ident())
                awaited = self.awaited(call, old, new, accepted.tickets)
                accepted.happens_if(old, new)
                # Whoever holds a moment holds all that follow it, and from here on a call may take long.
                del old, new
                if self._go_on(call.name, awaited, deadline, accepted):
                    return answer
            else:
                try:
                    if self.follow(old, new):
                        if self.listeners:
                            self.announce()
                        return answer
                except BaseException:
                    self.announce()  # the step may have been taken: who sleeps is told of it twice rather than never
                    raise

    def _go_on(self, name: str, awaited: Awaited | None, deadline: float | None, accepted: Accepted) -> bool:
        """Take the step of a call, run what falls to it, and wait for its answer; whether the step was taken."""
        try:
            self.follow(*accepted.step)
            if not accepted.forget():
                return False
            self.announce()
            self._run_all(accepted.tickets)
            by = 0.0 if awaited is None else self.time()
            while awaited is not None and (name, awaited) in (moment := self.now())._pending:
                try:
                    if not self._help(moment, by):
                        by = self._sleep(moment, awaited.steps, deadline, name)
                finally:
                    del moment
        except BaseException:
            if accepted.forget():
                self.let_go(accepted.tickets)
            raise
        return True

    # --- waiting ------------------------------------------------------------------------------------------------

    def wait_for(self, found: Callable[[M], bool], timeout: float | None = None) -> M:
        """The first moment seen of which `found` holds.

        Raises:
            TimeoutError: there was none for `timeout` seconds.
            TypeError: the answer of `found` would have to be awaited.
        """
        by = self.time()
        deadline = None if timeout is None else by + seconds(timeout)
        while True:
            moment = self.now()
            try:
                if refuse_awaitable(found(moment)):
                    return moment
                if not self._help(moment, by):
                    by = self._sleep(moment, frozenset(), deadline, "wait_for")
            finally:
                del moment

    def _sleep(self, moment: M, waits_for: Set[str], deadline: float | None, name: str) -> float:
        """Sleep until another moment follows this one, or a timeout of the model comes; the time then.

        Raises:
            TimeoutError: the deadline has passed.
        """
        held = [each for each in moment._pending.values() if isinstance(each, Ticket) and each.runner == get_ident()]
        alarm = threading.Lock()
        alarm.acquire()
        wake = alarm.release
        try:
            for ticket in held:
                ticket.waits_for = waits_for
            self.refuse_deadlock(moment, waits_for, name)
            self.listeners.append(wake)
            # Whoever adds a moment, or leaves work to others, then looks for sleepers; so one of both sees the other.
            if not moment._after and not any(_is_left(each) for each in moment._pending.values()):
                now = self.time()
                if deadline is not None and now >= deadline:
                    raise TimeoutError(f"{name} had to wait for too long") from None
                comes = [each.at for each in moment._pending.values() if isinstance(each, Deadline)]
                comes += [] if deadline is None else [deadline]
                alarm.acquire(timeout=max(0.0, min([now + LOOK_AGAIN, now + threading.TIMEOUT_MAX, *comes]) - now))
        finally:
            for ticket in held:
                ticket.waits_for = frozenset()
            if wake in self.listeners:
                self.listeners.remove(wake)
            del moment
        return self.time()

    # --- activities ---------------------------------------------------------------------------------------------

    def _run_all(self, tickets: list[Ticket]) -> None:
        """Run activities one after another, and those that their outcomes make due; the first error goes on."""
        first: Exception | None = None
        for ticket in tickets:
            try:
                self._run(ticket, tickets)
            except Exception as error:
                first = first or error
        try:
            if first is not None:
                raise first
        finally:
            del first  # otherwise it holds this frame, and this frame holds it

    def _run(self, ticket: Ticket, further: list[Ticket]) -> None:
        """Run an activity, and take its outcome whatever happens."""
        try:
            try:
                ticket.run(self.owner())
            finally:
                self.end(ticket, further)
        except BaseException:
            # Once more, if another interrupt cut it off; otherwise it is over, and nothing happens.
            self.end(ticket, further)
            raise

    # --- what is left to others ---------------------------------------------------------------------------------

    def _help(self, moment: M, by: float) -> bool:
        """See to what is left, and to timeouts that have come by this time; whether there was something.

        A timeout may come again and again: whoever tries something looks no further than to when he began.
        """
        for key, each in moment._pending.items():
            if _is_left(each) or (isinstance(each, Deadline) and each.has_come(by)):
                self._see_to(moment, key, each)
                return True
        return False

    def _see_to(self, moment: M, key: Key, pending: Pending) -> None:
        """Do what is the duty of nobody who calls, so that what goes wrong is told to nobody who calls."""
        try:
            match pending:
                case Ticket():
                    self._take_over(moment, key, pending)
                case Deadline():
                    self._take_timeout(pending)
                case Awaited():
                    pass
        except Exception:
            what = f"what followed the timeout {key[0]}" if isinstance(pending, Deadline) else key[0]
            log.exception("%s has failed", what)

    def _take_over(self, moment: M, key: Key, left: Ticket) -> None:
        """Run work whose holder was interrupted."""
        tickets: list[Ticket] = []
        try:
            self.renew(moment, key, left, tickets)
            self._run_all(tickets)
        except BaseException:
            self.let_go(tickets)
            raise

    def _take_timeout(self, deadline: Deadline) -> None:
        """Take the step of the clock, unless it has come too late, and run what it makes due."""
        timeout, accepted = deadline.timeout, Accepted()
        while (old := self.now())._pending.get(timeout.key) is deadline:
            new = old._copied()
            timeout.outcome.step(new)
            new._action, new._arguments = timeout.outcome.action, ()
            accepted.tickets = self.plan(new, get_ident())
            accepted.happens_if(old, new)
            del old, new
            if self._go_on(timeout.name, None, None, accepted):
                return

    def watch(self, deadline: Deadline) -> None:
        """Have a thread of our own take this step of the clock, if nobody else does."""
        name = deadline.timeout.name
        if name not in self.clocks and deadline.at < math.inf and self.owner() is not None:
            args = (name, _Clock(deadline))
            thread = threading.Thread(target=self._keep_time, args=args, name=f"{name} clock", daemon=True)
            try:
                thread.start()
            except RuntimeError:  # there are too many threads; whoever calls or waits takes the step, or tries again
                log.exception("the timeout %s has no thread of its own", name)

    def announce(self) -> None:
        """Wake everybody who sleeps, tell the observer what is new, and wake the clocks that nobody needs any more."""
        super().announce()
        if self.clocks:
            pending = self.now()._pending
            for name, clock in tuple(self.clocks.items()):
                if isinstance(clock, _Clock) and pending.get((name, Timeout)) is not clock.deadline:
                    clock.ring()

    def stop_clocks(self) -> None:
        """Wake the clocks, as there is nobody any more for whom they could take a step."""
        for clock in tuple(self.clocks.values()):
            if isinstance(clock, _Clock):
                clock.ring()

    def _keep_time(self, name: str, clock: "_Clock") -> None:
        """The life of such a thread: it ends when there is no such deadline any more, or another was here before."""
        if self.clocks.setdefault(name, clock) is not clock:
            return
        try:
            while isinstance(deadline := self.now()._pending.get((name, Timeout)), Deadline):
                deadline.begin(self.time())  # whoever has taken the step that it waits for may not have come so far
                rang = clock.sleep(deadline, deadline.at - self.time())
                owner = self.owner()
                if owner is None:
                    break
                if not rang:
                    self._help(self.now(), self.time())
                del owner
        except BaseException:
            log.exception("what followed the timeout %s was cut off", name)
        finally:
            del self.clocks[name]
            self.announce()  # if there is such a deadline after all, it has another thread then


class _Clock:
    """The alarm of a thread that waits for a timeout of the model."""

    __slots__ = ("_alarm", "deadline")

    def __init__(self, deadline: Deadline) -> None:
        self.deadline = deadline
        self._alarm = threading.Lock()
        self._alarm.acquire()

    def sleep(self, deadline: Deadline, seconds: float) -> bool:
        """Sleep for these seconds, or until it rings, as this is not the deadline any more; whether it rang."""
        self.deadline = deadline
        return self._alarm.acquire(timeout=max(0.0, min(seconds, threading.TIMEOUT_MAX)))

    def ring(self) -> None:
        """Wake the thread."""
        with suppress(RuntimeError):  # it is awake already
            self._alarm.release()


def _is_left(pending: object) -> bool:
    """Whether this is work that its holder was interrupted in seeing to."""
    return isinstance(pending, Ticket) and pending.abandoned


class EndedSession(Generic[T]):
    """The time between two calls, when nothing of it is to be done any more."""

    def __init__(
        self,
        life: Threads[Any],
        begin: Call[Any],
        given: tuple[Any, ...],
        timeout: float | None,
        end: Call[Any],
        given_back: tuple[Any, ...],
        gives: T,
    ) -> None:
        self._life = life
        self._owner = life.owner()  # it lives at least as long as the block
        self._begin = begin, given, timeout
        self._end = end, given_back, None
        self._gives = gives
        self._begun = Accepted()
        self._ended = Accepted()

    __reduce__ = refuse_copy

    def __enter__(self) -> T:
        if type(self) is EndedSession or self._begun.happened:
            raise RuntimeError("a session begins only once")
        try:
            self._life.call(*self._begin, self._begun)
        except BaseException:
            try:
                self._close()
            except Exception:
                log.exception("%s failed after an interrupt", self._end[0].name)
            raise
        return self._gives

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        """Make the second call, unless the first has not been accepted or has failed, or it was made already."""
        if self._begun.happened and not self._begun.failed and not self._ended.happened:
            try:
                self._life.call(*self._end, self._ended)
            except Exception:
                self.__class__ = EndedSession
                raise
            except BaseException:
                if not self._ended.happened:
                    try:
                        self._life.call(*self._end, self._ended)
                    except Exception:
                        log.exception("%s failed after an interrupt", self._end[0].name)
                raise
        # An interrupt in a finalizer is lost; so there is none for a session that needs none any more.
        self.__class__ = EndedSession


class Session(EndedSession[T]):
    """The time between two calls: the first is made at the start of a `with` block, and the second after it.

    What the first gives is what `with` yields. The second is made whatever happens inside. If an interrupt comes in
    between, where no code of the block or of ours is, it is made as soon as nobody holds the session any more.
    """

    def __del__(self) -> None:
        if hasattr(self, "_ended") and self._life.owner() is not None:  # otherwise both are dropped
            self._close()
