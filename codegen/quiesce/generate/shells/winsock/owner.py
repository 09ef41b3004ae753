"""The one owner of the I/O, as callers see it: they post a request, in one atomic step, and wait for its answer.

None of this takes a lock, so a signal handler, a finalizer or an interrupt finds nothing half made wherever it strikes.
"""

import _thread
import sys
import threading
from dataclasses import replace
from typing import Any, TypeVar

from .core import Refused
from .desk import Desk, Settings
from .errors import ErrorCode, WinsockError
from .overlapped import GLANCE
from .recorder import Recorder
from .request import Abandoned, Message, Plan, Request
from .shift import Shift

T = TypeVar("T")


class Owner:
    """The machinery behind one provider. It lives as long as the provider; its thread lives from startup to release."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.next_descriptor = 1
        self.shift: Shift | None = None
        self.desk = self._new_desk()

    def _new_desk(self) -> Desk:
        settings = self.settings
        return Desk(settings.recorder.core(settings.open_sockets, settings.startup_while_draining))

    @property
    def at_work(self) -> Shift:
        """The owner's thread at work, for what runs on it."""
        if self.shift is None:
            raise WinsockError(ErrorCode.WSANOTINITIALISED)
        return self.shift

    # For callers: any thread, any moment.

    def require_running(self) -> None:
        """WSANOTINITIALISED if every startup is undone, or none has succeeded yet."""
        if self.desk.core.refs == 0:
            raise Refused("WSANOTINITIALISED")

    def must_not_wait(self) -> bool:
        """Whether this thread is one that others wait for: the owner's own, or that of people's code."""
        shift, ident = self.shift, threading.get_ident()
        return shift is not None and ident in (shift.ident, shift.herald.ident)

    def request(self, plan: Plan[Any]) -> Request:
        """A request for `plan`. WSAEINPROGRESS where its caller must not wait: inside a step of the owner itself."""
        shift, ident = self.shift, threading.get_ident()
        if shift is not None and shift.ident == ident and not plan.gives_back:
            raise WinsockError(ErrorCode.WSAEINPROGRESS)  # a finalizer, which the collector runs where it likes
        return Request(plan, self.desk.core, inside=shift is not None and shift.herald.ident == ident)

    def post(self, message: Message) -> None:
        """Hand `message` to the owner. WSASYSNOTREADY if there is none, and no thread for one."""
        self.desk.inbox.append(message)  # the one step: before it nothing has happened, then the owner sees to it
        self._ring()

    def _ring(self) -> None:
        if self.desk.claim.locked():
            shift = self.shift
            if self.desk.asleep and shift is not None:
                shift.ring()
            return
        try:
            _thread.start_new_thread(self._begin, ())
        except RuntimeError as none:
            raise WinsockError(ErrorCode.WSASYSNOTREADY, str(none)) from none

    def wait_for(self, request: Request) -> Any:
        """The answer; raises what the work raised."""
        try:
            shift = self.shift
            if shift is not None and shift.ident == threading.get_ident():
                return None  # a finalizer gives something back within a step: that follows right after the step
            while not request.over.acquire(timeout=GLANCE):
                self._look_after(request)
            if request.failure is not None:
                raise request.failure
            return request.value
        finally:
            del request  # else the traceback of the failure, and this frame in it, would keep each other alive

    def _look_after(self, request: Request) -> None:
        if sys.is_finalizing():
            raise WinsockError(ErrorCode.WSAENETDOWN, "the interpreter ends, and the I/O thread with it")
        if request.life is not self.desk.core:
            raise Refused("WSANOTINITIALISED")  # a fork within the call: the owner stayed in the parent
        if request.wait is None:
            self._ring()  # whoever was to ring or to begin may have been interrupted

    def abandon(self, request: Request) -> None:
        """The caller was interrupted: what the request does or did is taken back as far as that is possible.

        That is waited for, since what the caller does next may depend on it: bytes that are put back come before those
        that the kernel still has.
        """
        request.abandoned = True
        seen = threading.Lock()
        seen.acquire()
        self.desk.inbox.append(Abandoned(request, seen))
        if self.desk.claim.locked():
            self._ring()
            if not self.must_not_wait():
                seen.acquire(timeout=GLANCE)

    def ask(self, plan: Plan[T]) -> T:
        """Have `plan` carried out, and wait for its answer."""
        request = self.request(plan)
        try:
            self.post(request)
            answer: T = self.wait_for(request)
        except BaseException as failure:
            if failure is not request.failure:
                self.abandon(request)
            raise
        else:
            return answer
        finally:
            del request

    # The thread.

    def _begin(self) -> None:
        """Runs on a thread without a name, whose only purpose is that no interrupt can cut `Thread.start` short."""
        desk = self.desk
        if not desk.inbox:
            return  # another thread was faster
        try:
            threading.Thread(target=self._own, args=(desk,), name="winsock-provider-io", daemon=True).start()
        except BaseException as none:
            if desk.claim.acquire(blocking=False):
                try:
                    _refuse_all(desk, none)
                finally:
                    desk.claim.release()

    def _own(self, desk: Desk) -> None:
        if not desk.claim.acquire(blocking=False):
            return  # another thread is the owner, and sees the message
        shift: Shift | None = None
        try:
            self.shift = shift = Shift(desk, self.settings, self.post)
            try:
                shift.serve()
            finally:
                shift.leave()
            if shift.broken is not None:
                _refuse_all(desk, shift.broken)  # those who wait for another thread to begin
        except BaseException as failure:
            _refuse_all(desk, failure)
        finally:
            self.shift = None
            desk.claim.release()
            while shift is not None and shift.answers:
                shift.answers.popleft().over.release()
            if desk.inbox:  # posted when this thread had looked for the last time
                self._begin()

    # For forks.

    def before_fork(self) -> None:
        """Let the owner not be in the middle of a step."""
        if self.shift is None or self.shift.ident != threading.get_ident():
            self.desk.rest.acquire()

    def after_fork_in_parent(self) -> None:
        """Go on."""
        if self.shift is None or self.shift.ident != threading.get_ident():
            self.desk.rest.release()

    def after_fork_in_child(self) -> None:
        """Be unloaded: the count, the connections and the threads belong to the parent."""
        shift, self.shift = self.shift, None
        self.settings.recorder.forsake()
        self.settings = replace(self.settings, recorder=Recorder(None))  # the record goes on to tell of the parent
        self.desk = self._new_desk()
        if shift is not None:
            shift.abandon()


def _refuse_all(desk: Desk, failure: BaseException) -> None:
    while desk.inbox:
        message = desk.inbox.popleft()
        if isinstance(message, Request):
            message.failure = WinsockError(ErrorCode.WSASYSNOTREADY, str(failure))
            message.over.release()
