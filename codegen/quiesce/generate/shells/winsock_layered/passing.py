"""Calls on sockets: each is checked by the core, and then passed down within the thread of its caller.

A layer keeps no bytes. So a send is accepted and passed down in one step, which leaves the core as it was, and a lower
provider that refuses a call, or fails in it, is quoted.

CPython looks for signals after calls and at jumps back, and nowhere else. On the way back from the lower provider
there is neither: what it has answered is unpacked from an iterator, in each function on the way, and returned. So no
interrupt loses bytes here that were received, nor a socket.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from itertools import starmap
from typing import Any, Final, TypeVar

from winsock_provider import MSG_PEEK, SO_LINGER, SOL_SOCKET, ErrorCode, Overlapped, WinsockError
from winsock_provider.calling import Remembering, as_winsock_error

from .core import Phase, Refused
from .layer import Layer
from .quiet import Routine, quiet_event, quiet_routine
from .states import Endpoint, Procedures

T = TypeVar("T")
_ONCE: Final = ((),)


class Passing(Remembering):
    """The ways down."""

    _layer: Layer

    def _failed(self, failure: Exception) -> WinsockError:
        """The error to raise for a failure; the thread's last error is set to it."""
        known = WinsockError(ErrorCode[failure.error]) if isinstance(failure, Refused) else as_winsock_error(failure)
        self.remember_error(known.winerror)
        return known

    def _here(self, work: Callable[[], T]) -> T:
        """Make a call that the layer answers itself; its failures become the thread's last error."""
        try:
            if self._failing:
                self.remember_error(0)
            (answer,) = starmap(work, _ONCE)
        except Exception as failure:
            raise self._failed(failure) from failure.__cause__
        else:
            return answer

    def _through(self, work: Callable[[], T]) -> T:
        """Make a call that goes down; its failures become the thread's last error."""
        calls, me, ident = self._layer.calls, object(), threading.get_ident()
        calls[me] = ident
        try:
            if self._failing:
                self.remember_error(0)
            (answer,) = starmap(work, _ONCE)
        except WinsockError as failure:
            self.remember_error(failure.winerror)
            raise
        except Refused as refused:
            raise self._failed(refused) from None
        except Exception as failure:
            raise self._failed(failure) from failure
        else:
            return answer
        finally:
            del calls[me]

    def _socket(self, s: object) -> tuple[Endpoint, Procedures]:
        """The socket behind a descriptor, and the procedures below; the core refuses dead ones."""
        endpoint, state = self._layer.find(s), self._layer.history.now()
        state.use(endpoint)
        if endpoint is None:
            raise WinsockError(ErrorCode.WSAENOTSOCK)
        return endpoint, state.table

    def _down(self, slot: str, s: object, *arguments: object) -> Any:
        """The answer of a procedure of the lower provider about one socket."""

        def work() -> object:
            endpoint, table = self._socket(s)
            (answer,) = starmap(table[slot], ((endpoint.lower, *arguments),))
            return answer

        (answer,) = map(self._through, (work,))
        return answer

    def _send(self, slot: str, s: object, *arguments: object) -> Any:
        """The same for a send, whose bytes are counted when they are taken."""
        try:
            (sent,) = starmap(self._down, ((slot, s, *arguments),))
        except WinsockError as failure:
            self._note(s, failure)
            raise
        match sent:
            case int():
                self._layer.tally.accepted += sent
        return sent

    def _receive(self, slot: str, s: object, size: int, flags: int) -> Any:
        """The same for a receive. On the way back, its bytes are counted without a call."""
        peeks = isinstance(flags, int) and flags & MSG_PEEK
        received: list[bytes] = []
        lengths = map(len, received)
        try:
            (answer,) = starmap(self._down, ((slot, s, size, flags),))
        except WinsockError as failure:
            self._note(s, failure)
            raise
        match answer:
            case (bytes() as data) | (bytes() as data, _) if not peeks:
                received += (data,)
                (length,) = lengths
                self._layer.tally.received += length
        return answer

    def _note(self, s: object, failure: WinsockError) -> None:
        endpoint = self._layer.find(s)
        if endpoint is not None:
            self._layer.tally.lose(endpoint, failure.winerror)

    def _begin_send(self, s: object, data: object, event: object, routine: Routine | None) -> Any:
        """An overlapped send; its bytes are taken at once."""
        (operation,) = starmap(self._begin, (("send_overlapped", s, data, event, routine),))
        match operation:
            case Overlapped():
                self._layer.tally.accepted += operation.size
        return operation

    def _begin_receive(self, s: object, size: object, event: object, routine: Routine | None) -> Any:
        """An overlapped receive; its bytes are counted when it has ended."""
        tally, endpoint = self._layer.tally, self._layer.find(s)
        tally.settle_many()
        (operation,) = starmap(self._begin, (("recv_overlapped", s, size, event, routine),))
        match operation:
            case Overlapped() if endpoint is not None:
                tally.receives[operation] = endpoint
        return operation

    def _begin(self, method: str, s: object, given: object, event: object, routine: Routine | None) -> Any:
        """An overlapped operation of the lower provider; such calls have no slot of their own."""

        def work() -> object:
            endpoint, _ = self._socket(s)
            begin, history = self._method(method), self._layer.history

            def hears() -> bool:
                return not endpoint.silent and history.now().phase is Phase.RUNNING

            arguments = endpoint.lower, given, quiet_event(hears, event), quiet_routine(hears, routine)
            (operation,) = starmap(begin, (arguments,))
            return operation

        (operation,) = map(self._through, (work,))
        return operation

    def _grant(self, work: Callable[[Endpoint], T], shared: bool = False) -> T:
        """Make a call that opens a socket; `shared` if another descriptor stands for it. One that nobody gets ends."""

        def guarded() -> T:
            endpoint = Endpoint()
            try:
                self._layer.endpoints[endpoint] = None
                (granted,) = map(work, (endpoint,))
            except BaseException:
                self._discard(endpoint, shared)
                raise
            else:
                return granted

        (granted,) = map(self._through, (guarded,))
        return granted

    def _discard(self, endpoint: Endpoint, shared: bool) -> None:
        """Nobody got this socket, as its call has failed or was interrupted."""
        layer, table = self._layer, self._layer.history.now().table
        if endpoint.lower is not None and table:
            with suppress(Exception):
                if not shared:
                    table["WSPSetSockOpt"](endpoint.lower, SOL_SOCKET, SO_LINGER, (1, 0))
                table["WSPCloseSocket"](endpoint.lower)
        if endpoint in layer.history.now().members:
            with suppress(Refused):
                layer.forget(endpoint, live=True, hard=not shared)
        layer.endpoints.pop(endpoint, None)

    def _method(self, name: str) -> Callable[..., Any]:
        """A call of the lower provider that is in no slot. WSAEOPNOTSUPP if it has no such call."""
        method = getattr(self._layer.lower, name, None)
        if not callable(method):
            raise WinsockError(ErrorCode.WSAEOPNOTSUPP, f"the lower provider has no {name}")
        return method  # type: ignore[no-any-return]
