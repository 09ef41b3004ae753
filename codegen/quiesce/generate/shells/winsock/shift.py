"""One run of the owner's thread, from a startup to the release: it alone touches core, sockets, queues and selector.

docs/engine.md of the project that generates this package tells the whole idea.
"""

import logging
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final, assert_never

from .connection import Connection
from .core import Linger, Phase, SocketState
from .desk import Desk, Settings
from .errors import ErrorCode, WinsockError, shortened
from .herald import LOG, Herald
from .mending import collapse, reconcile
from .request import Abandoned, Change, Done, GiveUp, Message, Outcome, Remainder, Request, Until, Wait, Waiting
from .stats import Report
from .timers import Timers
from .traffic import Operation, Traffic
from .watch import Watch
from .work import Work

LONGEST_SLEEP: Final = 3600.0
PATIENCE: Final = 1.0
"""Seconds that people's code may run on when the time of the drain is over."""
FAULTS: Final = 8
"""Turns that may fail one after the other before the owner gives everything up."""


class Shift:
    """The owner at work. Nothing of this is called by any other thread, but for `ring`."""

    def __init__(self, desk: Desk, settings: Settings, post: Callable[[Message], None]) -> None:
        """`post` hands a message to the owner, from any thread. OSError if the system grants no selector."""
        self._desk = desk
        self._settings = settings
        self._post = post
        self._watch = Watch()
        self.herald = Herald()
        self.thread = threading.current_thread()
        self.ident = threading.get_ident()
        self.traffic = Traffic(desk.core, desk.tally, self._watch, self.changed, self.tell)
        self.over = False
        """The provider was unloaded: another thread serves the next epoch."""
        self.broken: BaseException | None = None
        """Why no turn could be taken any more, if that was so: another thread would fare no better."""
        self._work = Work(desk.core, settings.hooks)
        self.waiting: dict[Request, Waiting | None] = {}
        self.answers: deque[Request] = deque()
        """Requests that are done, and whose callers do not know it yet."""
        self._deadlines: Timers[Request] = Timers()
        self._resumed: deque[tuple[Request, BaseException | None]] = deque()
        self._drain_deadline: float | None = None
        """When the drain is looked at for whether its time is over."""
        self._drain_end: float | None = None
        """When its time is over whether it makes progress or not."""
        self._asked_to_end = False  # people's code has had its time, and has now a last moment
        self._jobs = 0  # of people's code that the herald has not ended
        self._current: Request | None = None
        desk.bells.open()
        settings.recorder.open()

    def ring(self) -> None:
        """Wake the owner. Any thread may do so, at any moment."""
        self._watch.ring()

    # What work may use.

    def on_abandon(self, undo: Callable[[], None]) -> None:
        """How to take back what the work at hand has given, should its caller be interrupted before it has it."""
        if self._current is not None:
            self._current.undo = undo

    @property
    def inside(self) -> bool:
        """Whether the work at hand was asked for by people's code that the herald runs, and so must not wait for it."""
        return self._current is not None and self._current.inside

    def changed(self) -> None:
        """Calls that wait for a change may look again."""
        for request in tuple(self.waiting):
            if isinstance(request.wait, Change):
                self.resume(request)

    def resume(self, request: Request, failure: BaseException | None = None) -> None:
        """Let `request` go on, since the thing it waits for has come; or raise `failure` in its work."""
        if request in self.waiting:
            self._stop_waiting(request)
            self._resumed.append((request, failure))

    def tell(self, operation: Operation) -> None:
        """Have the herald perform the completion action of `operation`."""
        if operation.has_listener:
            self._foreign(operation.notify)

    def begin_drain(self, seconds: float | None = None) -> None:
        """The last cleanup: the core decides what becomes of each socket, and the traffic follows.

        With `seconds` it takes no longer than that.
        """
        self.traffic.recall_all()  # no bytes are accepted any more that nobody would send
        self._desk.core.wsp_cleanup()
        now = time.monotonic()
        self._asked_to_end = False
        total = self._settings.drain_total if seconds is None else seconds
        self._drain_end = None if total is None else now + total
        self._drain_deadline = self._end_without_progress(now)
        self._desk.forget()
        self.traffic.given_up = Report()
        self.traffic.follow_core(now)

    # The loop.

    def serve(self) -> None:
        """Work until the provider is unloaded. Whatever happens, it is brought to that."""
        faults = 0
        over = False
        while not over:
            try:
                over = self._take_turn()
                faults = 0
            except BaseException as failure:  # nobody else could be told, and nobody else would go on
                faults += 1
                over = self._mend(failure, faults)

    def _take_turn(self) -> bool:
        """Sleep, then do everything that is to be done; whether the provider is unloaded."""
        while self.answers:  # those of the last turn follow when everything is given back
            self.answers.popleft().over.release()
        ready = self._sleep()
        with self._desk.rest:
            for connection, events in ready:
                self._guard(connection, partial(self.traffic.on_ready, connection, events))
            self._keep_time()
            for _ in range(len(self._desk.inbox)):
                self._take(self._desk.inbox.popleft())
            self._go_on()
            self._keep_drain_bound()
            self._do_what_is_due()
            self.traffic.lend()
            self._desk.lend_nesting()
            if (failure := self._settings.recorder.flush()) is not None:
                self._log(logging.ERROR, "the record of the core ends here: %s", failure)
            return self._desk.core.phase is Phase.UNLOADED

    def _sleep(self) -> list[tuple[Connection, int]]:
        self._desk.asleep = True  # before the look at the inbox: whoever posts after that look rings
        try:
            unloaded = self._desk.core.phase is Phase.UNLOADED  # another thread was faster, and nothing is left to do
            if self._desk.inbox or self._resumed or unloaded:
                return self._watch.select(0)
            draining = self._desk.core.phase is Phase.DRAINING  # and was not taken over
            end_of_drain = self._drain_deadline if draining else None
            moments = (self._deadlines.next(), end_of_drain, self.traffic.checks.next())
            due = min((moment for moment in moments if moment is not None), default=None)
            if due is None:
                return self._watch.select(None)
            return self._watch.select(min(max(due - time.monotonic(), 0), LONGEST_SLEEP))
        finally:
            self._desk.asleep = False

    def _keep_time(self) -> None:
        now = time.monotonic()
        for request in self._deadlines.take(now):
            self.resume(request)
        for connection in self.traffic.checks.take(now):
            self._guard(connection, partial(self.traffic.check_close, connection))

    def _guard(self, connection: Connection, event: Callable[[], None]) -> None:
        """Carry out one event of one socket; an error of it costs that socket and no other."""
        try:
            event()
        except Exception as failure:
            self._log(logging.ERROR, "a connection is given up after an error of the engine: %r", failure)
            self.traffic.lose(connection, ErrorCode.WSAECONNABORTED)

    # Messages and work.

    def _take(self, message: Message) -> None:
        match message:
            case Request():
                if not message.abandoned or message.plan.gives_back:
                    self._advance(message, None)
            case Abandoned(request, seen):
                self._take_back(request)
                seen.release()
            case Done(by, ended, failure):
                if by is self.herald:
                    self._jobs -= 1
                if ended is not None:
                    ended(failure)
            case GiveUp(at_once, why):
                self._give_up(at_once, why)
            case Remainder(connection):
                self._guard(connection, partial(self.traffic.recall_sending, connection))
            case _:
                assert_never(message)

    def _go_on(self) -> None:
        while self._resumed:
            request, failure = self._resumed.popleft()
            self._advance(request, failure)

    def _advance(self, request: Request, failure: BaseException | None) -> None:
        """Do the work of a request as far as it goes without waiting."""
        self._current = request
        try:
            if (wait := request.go_on(failure)) is not None:
                self._wait(request, wait)
                return
        except BaseException as raised:
            request.failure = shortened(raised)
        finally:
            self._current = None
        request.steps = None
        self.answers.append(request)
        if request.abandoned:
            self._take_back(request)

    def _wait(self, request: Request, wait: Wait) -> None:
        if request.inside and not isinstance(wait, Outcome):
            request.stop()
            raise WinsockError(ErrorCode.WSAEINPROGRESS)  # people's code that the herald runs would hold up the herald
        request.wait = wait
        waiting = None
        if isinstance(wait, Until):
            waiting = Waiting(self.resume, request)
            for connection, events in wait.events.items():
                connection.waiters[waiting] = events
                self._look(connection)
        elif isinstance(wait, Outcome):
            self._work.answers(request)
        if not isinstance(wait, Outcome) and wait.deadline is not None:
            self._deadlines.set(request, wait.deadline)
        self.waiting[request] = waiting

    def _stop_waiting(self, request: Request) -> None:
        waiting = self.waiting.pop(request)
        wait, request.wait = request.wait, None
        self._deadlines.cancel(request)
        if waiting is not None and isinstance(wait, Until):
            for connection in wait.events:
                connection.waiters.pop(waiting, None)
                self._look(connection)

    def _look(self, connection: Connection) -> None:
        if not connection.closed:
            self._watch.update(connection)

    def _take_back(self, request: Request) -> None:
        """Nobody waits for the answer: end the work if it waits for the world, undo it if it is done."""
        if request in self.waiting:
            if not isinstance(request.wait, Outcome) and not request.plan.gives_back:
                self._stop_waiting(request)
                request.stop()
            return  # else it goes on to its end
        undo, request.undo = request.undo, None
        if undo is not None and request.failure is None:
            try:
                undo()
            except Exception as failure:
                self._log(logging.ERROR, "an interrupted call could not be taken back: %r", failure)

    # People's code, and the work of the model.

    def _foreign(self, job: Callable[[], object], ended: Callable[[BaseException | None], None] | None = None) -> None:
        herald = self.herald
        self._jobs += 1

        def report(failure: BaseException | None) -> None:
            if herald is self.herald:  # else nobody waits for it any more
                self._post(Done(herald, ended, failure))

        herald.run(job, report)

    def _log(self, level: int, text: str, *values: object) -> None:
        """Have the herald write to the log, since handlers are people's code."""
        self._foreign(partial(LOG.log, level, text, *values))

    def _do_what_is_due(self) -> None:
        """Run the activity that the core says is due. What ends at once may make the next one due."""
        while not self._jobs and (activity := self._work.begin()) is not None:  # else people's code is still running
            if activity.job is None:
                self._take_outcome(None)
            else:
                self._foreign(activity.job, self._take_outcome)
            self._go_on()

    def _take_outcome(self, failure: BaseException | None) -> None:
        caller = self._work.end(failure)
        self.over = self._desk.core.phase is Phase.UNLOADED
        self.changed()
        if caller is not None:  # at once, before other calls see what the outcome has changed
            self._stop_waiting(caller)
            self._advance(caller, failure)

    # The drain.

    def _keep_drain_bound(self) -> None:
        if self._desk.core.phase is not Phase.DRAINING or self._drain_deadline is None:
            return
        if (now := time.monotonic()) >= self._drain_deadline:
            later = self._end_without_progress(self.traffic.latest_progress())
            self._drain_deadline = later if later > now and not self._asked_to_end else None
            if self._drain_deadline is None:
                self._end_drain()
                self._go_on()

    def _end_without_progress(self, latest: float) -> float:
        """When the time of the drain is over, if from `latest` on nobody takes anything."""
        end = latest + self._settings.drain_timeout
        return end if self._drain_end is None else min(end, self._drain_end)

    def _end_drain(self) -> None:
        """The time of the drain is over: whoever has not come to an end by now is not waited for."""
        if not self._desk.core.can_release():
            self.traffic.give_up()
            if (lost := self.traffic.given_up).sockets:
                text = "the drain was ended after its time: %d sockets were reset, with %d bytes unsent"
                self._log(logging.WARNING, text, lost.sockets, lost.unsent_bytes)
        if self._jobs and not self._asked_to_end:
            self._asked_to_end = True
            self._drain_deadline = time.monotonic() + PATIENCE
        elif self._jobs and not self._work.running:
            self.herald.end(wait=False)
            self.herald, self._jobs = Herald(), 0
            self._log(logging.ERROR, "people's code was still running after the time of the drain; it is left alone")

    # When something has gone wrong, or everybody has gone.

    def _give_up(self, at_once: bool, why: str) -> None:
        """Undo every startup, since nobody is left who could."""
        core = self._desk.core
        if core.refs == 0:
            return
        self._desk.count_nested()
        self._foreign(partial(warnings.warn, why, ResourceWarning, stacklevel=1))
        self._desk.forgiven.extend([None] * core.refs)
        while core.refs > 1:
            core.wsp_cleanup()
        for connection in tuple(self.traffic.connections) if at_once else ():
            if connection.member.state is SocketState.OPEN:
                core.wsp_set_sock_opt(connection.member, Linger.HARD, connection.member.blocking)
        self.begin_drain(0.0 if at_once else None)

    def _mend(self, failure: BaseException, faults: int) -> bool:
        """A turn has failed: trust nothing but the core, and go on. Whether the thread has to end."""
        try:
            with self._desk.rest:
                self._log(logging.ERROR, "the I/O thread goes on after an error: %r", failure)
                if faults < FAULTS:
                    reconcile(self._desk.core, self._watch, self.traffic)
                    return False
        except BaseException as second:
            self._log(logging.ERROR, "the I/O thread could not go on after an error: %r", second)
        with self._desk.rest:
            collapse(self._desk, self.traffic)
        self.broken = failure
        return True

    def leave(self) -> None:
        """Send nobody away without an answer, and give everything back."""
        for request in tuple(self.waiting):
            del self.waiting[request]
            if isinstance(request.wait, Change) and not request.plan.gives_back:  # a startup: another thread begins it
                request.stop()
                self._desk.inbox.append(request)
            else:
                self._resumed.append((request, None))
        for request, _ in self._resumed:
            request.failure = WinsockError(ErrorCode.WSAENETDOWN)
            self.answers.append(request)
        self.traffic.leave()
        self.herald.end(wait=self._jobs == 0)
        self._desk.bells.close()
        self._watch.close()
        self._settings.recorder.close()

    def abandon(self) -> None:
        """Give back the handles only: after a fork no thread is here, and the parent still uses what they stand for."""
        self._watch.close()
        self._desk.bells.close()
        for connection in self.traffic.connections:
            connection.os_socket.close()
            for bell in tuple(connection.receiving.sleepers):  # of other threads, but for a handler that has forked
                bell.close()
