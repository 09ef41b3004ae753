"""The machinery of one layer: its states, its sockets, the calls on their way, and the waits for the helper."""

import itertools
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final, TypeVar

from winsock_provider import ErrorCode, Report, WinsockError, WSPData
from winsock_provider.version import Version

from .core import Below, Blocked, LowerStart, Phase, Refused
from .helper import Helper
from .history import History
from .lower import Lower
from .states import Attempt, Ending, Endpoint, Given, Procedures, State
from .stats import Tally

T = TypeVar("T")
GLANCE: Final = 0.5
"""Seconds after which a caller that waits makes sure that somebody is at work."""


class Layer:
    """A layer without its interface. It lives on after its provider, until everything is given back."""

    def __init__(
        self, lower: Lower, lower_start: LowerStart, versions: tuple[Version, ...], waiting: dict[object, int]
    ) -> None:
        """`waiting` is the same for all layers of a chain."""
        self.lower = lower
        self.waiting = waiting
        """The threads that wait for a helper: calls of theirs cannot come back from below meanwhile."""
        self.versions = versions
        self._lower_start = lower_start
        self._numbers = itertools.count(1)
        self.begin_anew()

    def begin_anew(self) -> None:
        """Be unloaded: at first, and in a forked child, since all that was there belongs to the parent."""
        self.history = History(State(self._lower_start))
        self.helper = Helper(self)
        self.descriptors: dict[int, Endpoint] = {}
        self.endpoints: dict[Endpoint, None] = {}
        """All that stand on a lower socket, or are about to."""
        self.calls: dict[object, int] = {}
        """The threads of calls that may be in the lower provider."""
        self.tally = Tally()

    # Versions.

    def agreed(self, asked: Version, ceiling: Version | None) -> Version | None:
        """The greatest supported version not above the one asked for, nor above what the lower provider supports."""
        known = (each for each in self.versions if each <= asked and (ceiling is None or each <= ceiling))
        return max(known, default=None)

    def require_version(self, state: State) -> None:
        """WSAVERNOTSUPPORTED if the lower provider supports no version that the layer can use."""
        if state.given is not None and self.agreed(state.given.version, state.ceiling) is None:
            raise WinsockError(ErrorCode.WSAVERNOTSUPPORTED, "no version of the lower provider is supported")

    # Startup and cleanup.

    def start(self, agreed: int, asked: Version, given: Given, attempt: Attempt) -> WSPData:
        """Count one more user, who has asked for a version. A startup that is interrupted is undone."""

        def step(state: State) -> bool:
            first = state.start(agreed, given, attempt)
            if first:
                self._require_may_wait()
            return first

        try:
            if self._take(step, attempt):
                self._wait_for(attempt)
            ceiling = self.history.now().ceiling
            highest = self.versions[-1] if ceiling is None else min(self.versions[-1], ceiling)
            answer = WSPData(self.agreed(asked, ceiling) or given.version, highest)
        except BaseException:
            attempt.abandoned = True
            if attempt.happened():
                self.take_back(attempt)
            raise
        else:
            return answer
        finally:
            attempt.step = None

    def take_back(self, attempt: Attempt) -> None:
        """Nobody knows of this startup: its caller was interrupted. If it is under way, the helper comes here again."""
        try:
            if self.history.now().attempt is not attempt and attempt.failure is None and attempt.is_mine():
                self.undo(attempt)
        finally:
            self.helper.begin()

    def undo(self, attempt: Attempt | None = None) -> bool:
        """Undo one startup without waiting for anything; whether there was one. `attempt` may be that of a block."""
        try:
            self.history.take(partial(_end, ending=Ending(), attempt=attempt))
        except Refused:
            return False
        finally:
            self.helper.begin()
        return True

    def end(self, attempt: Attempt | None = None) -> Report:
        """Undo one startup; the last one is undone when the lower provider is. `attempt` may be that of a block."""
        ending = Ending()
        own = self.in_finalizer()

        def step(state: State) -> bool:
            last = _end(state, ending, attempt)
            if last and not own:
                self._require_may_wait()
            return last

        try:
            if self.history.take(step) and not own:
                self._wait(lambda state: state.ending is not ending)
        except Refused:
            if attempt is not None:
                self.history.take(partial(State.forget_block, begun=attempt))
            raise
        finally:
            self.helper.begin()
        if ending.failure is not None:
            raise ending.failure
        return ending.report

    def wait_released(self, deadline: float | None) -> bool:
        """Wait until the layer is unloaded, at most until `deadline`; whether it was."""

        def found(state: State) -> bool:
            return state.phase is Phase.UNLOADED

        if found(self.history.now()):
            return True
        if deadline is None or time.monotonic() < deadline:
            self._require_may_wait()
        return self._wait(found, deadline)

    # The lower provider.

    def usable(self) -> Procedures:
        """The procedures of the lower provider, which is started if it is not yet."""
        while True:
            state = self.history.now()
            if state.below is Below.USABLE:
                state.copied().open(Endpoint())  # refused as the next socket would be
                return state.table
            attempt = Attempt()

            def step(state: State, attempt: Attempt = attempt) -> bool:
                needed = state.need_lower(attempt)
                if needed:
                    self._require_may_wait()
                return needed

            try:
                if self._take(step, attempt):
                    self._wait_for(attempt)
            finally:
                self.helper.begin()

    # Waiting.

    def _take(self, step: Callable[[State], T], attempt: Attempt) -> T:
        """Take a step as soon as it need not wait."""
        while True:
            seen = self.history.now()
            try:
                return self.history.take(step, attempt)
            except Blocked:
                self._require_may_wait()
                self._wait(lambda state, seen=seen: state is not seen)  # type: ignore[misc]

    def _wait_for(self, attempt: Attempt) -> None:
        """Wait for a start, and raise what it failed of."""
        self._wait(lambda state: state.attempt is not attempt)
        if attempt.failure is not None:
            raise attempt.failure

    def _wait(self, found: Callable[[State], bool], deadline: float | None = None) -> bool:
        """Wait for a state, through all that follow the newest one, at most until `deadline`; whether it came."""
        history, waiting, me = self.history, self.waiting, object()
        ident, state, pause = threading.get_ident(), history.now(), GLANCE
        try:
            waiting[me] = ident
            while not found(state):
                if state.after:
                    state = state.after[0]
                    continue
                if deadline is not None:
                    pause = min(GLANCE, deadline - time.monotonic())
                    if pause <= 0:
                        return False
                self.helper.begin()
                if sys.is_finalizing() and not found(history.now()):
                    raise WinsockError(ErrorCode.WSAENETDOWN, "the interpreter ends, and the helper's thread with it")
                history.sleep(state, pause)
                if history is not self.history:
                    raise Refused("WSANOTINITIALISED")  # a fork within the call: the helper stayed in the parent
        finally:
            waiting.pop(me, None)
        return True

    def _require_may_wait(self) -> None:
        """WSAEINPROGRESS on a thread for which others wait."""
        if self.in_callback() or self.in_finalizer():
            raise WinsockError(ErrorCode.WSAEINPROGRESS)

    def in_callback(self) -> bool:
        """Whether this thread runs a completion routine, an event or a hook of a provider below."""
        return _asked(self.lower, "in_callback")

    def in_finalizer(self) -> bool:
        """Whether this thread does the work of this layer or of a provider below, so that only a finalizer can call."""
        return self.helper.ident == threading.get_ident() or _asked(self.lower, "in_finalizer")

    # Sockets.

    def find(self, descriptor: object) -> Endpoint | None:
        """The socket that a descriptor stands for, as far as it is one."""
        return self.descriptors.get(descriptor) if isinstance(descriptor, int) else None

    def describe(self, endpoint: Endpoint) -> int:
        """The core hears of a socket that stands on one below; its descriptor."""
        self.history.take(partial(State.open, endpoint=endpoint))
        endpoint.descriptor = next(self._numbers)
        self.descriptors[endpoint.descriptor] = endpoint
        return endpoint.descriptor

    def forget(self, endpoint: Endpoint, live: bool, hard: bool) -> None:
        """A socket was closed below, or was not live there any more. At the last cleanup, the helper sees to it."""
        try:
            self.history.take(partial(State.close, endpoint=endpoint, live=live, hard=hard))
        except Refused:
            if self.history.now().phase is Phase.RUNNING:
                raise
        self.descriptors.pop(endpoint.descriptor, None)
        self.endpoints.pop(endpoint, None)

    # Nobody holds the provider any more.

    def give_up(self) -> None:
        """Undo every startup without waiting."""
        while self.undo():
            pass


def _end(state: State, ending: Ending, attempt: Attempt | None) -> bool:
    """A cleanup, or the end of the block that has made `attempt`."""
    return state.end(ending) if attempt is None or not attempt.for_block else state.end_block(attempt, ending)


def _asked(lower: object, question: str) -> bool:
    """The answer of a provider about the calling thread; no if it does not know the question."""
    ask = getattr(lower, question, None)
    with suppress(Exception):
        return ask is not None and ask() is True
    return False
