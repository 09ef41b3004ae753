"""The work that takes time: the lower provider is started, its table is checked, and in the end it is cleaned up.

It is done by a thread that lives as long as there is such work. So no interrupt can hit it, and what the lower provider
answers is always known. Which work is due is told by the newest state alone, so whoever waits can begin another helper
if something went wrong with the last one.
"""

import _thread
import logging
import threading
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final

from winsock_provider import SO_DONTLINGER, SO_LINGER, SOL_SOCKET, ErrorCode, Report, WinsockError

from .core import Below, Phase, SocketState
from .lower import checked_table, info_for, start_failure, version_in
from .states import Attempt, Endpoint, State

if TYPE_CHECKING:
    from .layer import Layer

LOG: Final = logging.getLogger("winsock_layered_provider")
PATIENCE: Final = 1.0
"""Seconds that the last cleanup waits for calls that are still on their way down, or back."""
FIRST_PAUSE: Final = 0.0002
"""Seconds after which the helper looks for the first time whether they have ended."""


def is_due(state: State) -> bool:
    """Whether there is work for a helper."""
    return state.below in (Below.WANTED, Below.STARTED) or state.phase in (Phase.STARTING, Phase.DRAINING)


class Helper:
    """Does the work of one layer; several threads may try to, and one of them does."""

    def __init__(self, layer: "Layer") -> None:
        self._layer = layer
        self._claim = threading.Lock()
        self.ident: int | None = None
        """The thread that is at work."""

    def begin(self) -> None:
        """See that what is due is done. Does not wait for it."""
        if self._claim.locked() or not is_due(self._layer.history.now()):
            return  # whoever has the claim looks once more when he has given it back
        try:
            _thread.start_new_thread(self._begin, ())
        except RuntimeError:  # the system grants no thread, or the interpreter ends
            self._run()

    def _begin(self) -> None:
        """Runs on a thread without a name, whose only purpose is that no interrupt can cut `Thread.start` short."""
        try:
            threading.Thread(target=self._run, name="winsock-layer", daemon=True).start()
        except RuntimeError:
            self._run()

    def _run(self) -> None:
        while is_due(self._layer.history.now()) and self._claim.acquire(blocking=False):
            try:
                self.ident = threading.get_ident()
                self._work()
            except BaseException:
                LOG.exception("the work of a layer was cut off; whoever waits for it has it done")
                return
            finally:
                self.ident = None
                self._claim.release()

    def _work(self) -> None:
        history = self._layer.history
        while is_due(state := history.now()):
            if state.below is Below.WANTED:
                self._start_lower(state)
            elif state.below is Below.STARTED:
                self._check(state)
            elif state.phase is Phase.STARTING:
                history.take(State.run)
                self._settle(state.attempt)
            else:
                self._drain(state)

    # The start.

    def _start_lower(self, state: State) -> None:
        given, attempt = state.given, state.attempt
        if given is None or attempt is None:
            raise RuntimeError("nobody has asked for the lower provider")
        lower = self._layer.lower
        if not attempt.answer:
            try:
                info = info_for(lower, given.protocol_info)
                attempt.answer.append(lower.startup(given.version, upcalls=given.upcalls, protocol_info=info))
            except BaseException as failure:
                attempt.failure = known = start_failure(failure)
                too_old = isinstance(known, WinsockError) and known.winerror == ErrorCode.WSAVERNOTSUPPORTED
                self._layer.history.take(partial(State.lower_failed, too_old=too_old))
                return
        (answer,) = attempt.answer
        agreed = version_in(answer, "version") or (0, 0)
        agreed = agreed if any(agreed) else given.version
        ceiling = version_in(answer, "high_version")
        self._layer.history.take(partial(State.lower_started, agreed=agreed[0] * 256 + agreed[1], ceiling=ceiling))

    def _check(self, state: State) -> None:
        layer, attempt = self._layer, state.attempt
        try:
            layer.require_version(state)
            table = checked_table(layer.lower)
        except BaseException as failure:  # also a stranger's: whoever waits has to hear of it
            if attempt is not None:
                attempt.failure = failure
            self._clean_lower_up()
            layer.history.take(State.lower_rejected)
            return
        layer.history.take(partial(State.lower_accepted, table=table))
        self._settle(attempt)

    def _settle(self, attempt: Attempt | None) -> None:
        """A start has succeeded; undo it if its caller has gone meanwhile."""
        if attempt is not None and attempt.abandoned:
            self._layer.take_back(attempt)

    # The end.

    def _drain(self, state: State) -> None:
        """Close below whatever is open, then clean the lower provider up: what was started last ends first."""
        layer, report = self._layer, Report()
        if state.below is Below.USABLE:
            self._close_all(state)
            self._wait_for_calls()
            self._close_all(layer.history.now())
            failure, report = self._clean_lower_up()
            if state.ending is not None:
                state.ending.failure, state.ending.report = failure, report
        layer.descriptors.clear()
        layer.endpoints.clear()
        layer.tally.settle()
        layer.history.take(partial(State.unload, ended_early=report != Report()))

    def _close_all(self, state: State) -> None:
        for endpoint in {**self._layer.endpoints, **state.members}:
            endpoint.silent = True
            live, hard = self._close_below(state, endpoint)
            member = self._layer.history.now().members.get(endpoint)
            if member is not None and member.state is SocketState.CLOSING:
                self._layer.history.take(partial(State.finish_closing, endpoint=endpoint, live=live, hard=hard))

    def _close_below(self, state: State, endpoint: Endpoint) -> tuple[bool, bool]:
        """Close a lower socket, without a wait that would hold up the others; whether it was there, and closed hard."""
        lower, endpoint.lower = endpoint.lower, None
        if lower is None:
            return False, False
        table, hard = state.table, False
        with suppress(Exception):
            on, seconds = table["WSPGetSockOpt"](lower, SOL_SOCKET, SO_LINGER)
            hard = bool(on and not seconds)
            if on and seconds:
                table["WSPSetSockOpt"](lower, SOL_SOCKET, SO_DONTLINGER, True)
        try:
            table["WSPCloseSocket"](lower)
        except WinsockError as failure:
            if failure.winerror != ErrorCode.WSAENOTSOCK:
                LOG.warning("a lower socket could not be closed: %s", failure)
            return False, hard
        except Exception:
            LOG.exception("a lower socket could not be closed")
            return False, hard
        return True, hard

    def _wait_for_calls(self) -> None:
        """Let calls that have seen the layer run come back from below; those of threads that wait for us cannot."""
        layer, pause, end = self._layer, FIRST_PAUSE, time.monotonic() + PATIENCE
        while set(layer.calls.copy().values()) - set(layer.waiting.copy().values()) - {threading.get_ident()}:
            if time.monotonic() >= end:
                LOG.warning("a layer is cleaned up although calls are still on their way through it")
                return
            time.sleep(pause)
            pause = min(pause * 2, 0.02)

    def _clean_lower_up(self) -> tuple[BaseException | None, Report]:
        """Undo the one startup below. It counts as undone whatever that answers, as nobody could ask again."""
        try:
            report = self._layer.lower.cleanup()
        except BaseException as failure:
            LOG.warning("the cleanup of a lower provider failed: %r", failure)
            return failure, Report()
        return None, report if isinstance(report, Report) else Report()
