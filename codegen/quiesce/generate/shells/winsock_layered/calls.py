"""The calls on sockets and names; each goes down to the lower provider."""

from collections.abc import Iterable
from contextlib import suppress
from itertools import starmap
from socket import SOMAXCONN
from threading import Event
from typing import Any

from winsock_provider import (
    SO_DONTLINGER,
    SO_LINGER,
    SOL_SOCKET,
    ErrorCode,
    Overlapped,
    WinsockError,
    WinsockProvider,
)
from winsock_provider.blocks import SocketBlocks
from winsock_provider.buffers import IntoBuffers, room_in
from winsock_provider.options import OptionValue
from winsock_provider.osdep import Address
from winsock_provider.selecting import Found
from winsock_provider.transfer import Buffers

from .passing import Passing
from .quiet import Routine
from .states import Endpoint, Procedures


class Calls(Passing, SocketBlocks, IntoBuffers):
    """A layer's calls. Its descriptors are its own: ints that are never handed out again."""

    # Sockets.

    def socket(self, family: int, type: int, proto: int = 0) -> int:  # noqa: A002 - the documented name
        """Open a socket. The first one starts the lower provider of a layer that is not eager."""
        (s,) = map(self._open_for, (family,), (type,), (proto,), ([],))
        return s

    def _open_for(self, family: int, kind: int, proto: int, opened: list[int]) -> int:
        def work(endpoint: Endpoint) -> int:
            table = self._layer.usable()
            (endpoint.lower,) = starmap(table["WSPSocket"], ((family, kind, proto),))
            opened.append(self._layer.describe(endpoint))
            return opened[0]

        (s,) = map(self._grant, (work,))
        return s

    def accept(self, s: int) -> tuple[int, Address]:
        """The next peer that connects: a new descriptor, and the peer's address."""

        def work(endpoint: Endpoint) -> tuple[int, Address]:
            listener, table = self._socket(s)
            endpoint.lingers = listener.origin.lingers
            ((endpoint.lower, address),) = starmap(table["WSPAccept"], ((listener.lower,),))
            return self._layer.describe(endpoint), address

        (accepted,) = map(self._grant, (work,))
        return accepted

    def duplicate_socket(self, s: int) -> int:
        """One more descriptor for the same socket; the close of the last one closes it."""

        def work(endpoint: Endpoint) -> int:
            shared, table = self._socket(s)
            endpoint.origin = shared.origin
            (endpoint.lower,) = starmap(table["WSPDuplicateSocket"], ((shared.lower,),))
            return self._layer.describe(endpoint)

        (copy,) = map(self._grant, (work,), (True,))
        return copy

    def closesocket(self, s: int) -> None:
        """Close a descriptor. A close that the lower provider refuses, with WSAEWOULDBLOCK say, has no effect."""

        def work() -> None:
            endpoint, table = self._socket(s)
            hard = endpoint.origin.lingers and _is_hard(endpoint, table)
            try:
                self._close(endpoint, table, hard)
            except Exception:
                raise
            except BaseException:
                with suppress(Exception):  # nobody knows whether the lower provider has heard of it
                    self._close(endpoint, table, hard)
                raise

        self._through(work)

    def _close(self, endpoint: Endpoint, table: Procedures, hard: bool) -> None:
        live = True
        try:
            table["WSPCloseSocket"](endpoint.lower)
        except WinsockError as failure:
            if failure.winerror != ErrorCode.WSAENOTSOCK:
                raise
            live = False
        self._layer.forget(endpoint, live, hard)

    def shutdown(self, s: int, how: int) -> None:
        """End one or both directions; never waits. What is queued still goes out."""
        self._down("WSPShutdown", s, how)

    # Addresses and connections.

    def bind(self, s: int, address: Address) -> None:
        """Give the socket its own address."""
        self._down("WSPBind", s, address)

    def listen(self, s: int, backlog: int = SOMAXCONN) -> None:
        """Let peers connect."""
        self._down("WSPListen", s, backlog)

    def connect(self, s: int, address: Address) -> None:
        """Connect to a peer. WSAEWOULDBLOCK on a non-blocking socket: the attempt goes on in the background."""
        self._down("WSPConnect", s, address)

    def getsockname(self, s: int) -> Address:
        """The socket's own address. WSAEINVAL while it has none."""
        return self._down("WSPGetSockName", s)  # type: ignore[no-any-return]

    def getpeername(self, s: int) -> Address:
        """The peer's address."""
        return self._down("WSPGetPeerName", s)  # type: ignore[no-any-return]

    # Bytes.

    def send(self, s: int, data: Buffers) -> int:
        """Take all of `data` for sending, which may be a list of buffers; the number of its bytes."""
        return self._send("WSPSend", s, data)  # type: ignore[no-any-return]

    def sendto(self, s: int, data: Buffers, address: Address) -> int:
        """Send a datagram to `address`; on a connected stream the address is ignored."""
        return self._send("WSPSendTo", s, data, address)  # type: ignore[no-any-return]

    def recv(self, s: int, size: int, flags: int = 0) -> bytes:
        """At most `size` bytes; none at all means that the peer has ended the stream."""
        (data,) = starmap(self._receive, (("WSPRecv", s, size, flags),))
        return data  # type: ignore[no-any-return]

    def _room(self, s: int, buffer: bytearray | memoryview, size: int) -> memoryview:
        def work() -> memoryview:
            self._socket(s)
            return room_in(buffer, size)

        return self._through(work)

    def recvfrom(self, s: int, size: int, flags: int = 0) -> tuple[bytes, Address | None]:
        """Like `recv`, with the sender's address; None on a stream."""
        (received,) = starmap(self._receive, (("WSPRecvFrom", s, size, flags),))
        return received  # type: ignore[no-any-return]

    def send_overlapped(
        self, s: int, data: Buffers, event: Event | None = None, routine: Routine | None = None
    ) -> Overlapped[int]:
        """Begin to send all of `data`."""
        return self._begin_send(s, data, event, routine)  # type: ignore[no-any-return]

    def recv_overlapped(
        self, s: int, size: int, event: Event | None = None, routine: Routine | None = None
    ) -> Overlapped[bytes]:
        """Begin to receive at most `size` bytes."""
        (operation,) = starmap(self._begin_receive, ((s, size, event, routine),))
        return operation  # type: ignore[no-any-return]

    # Options, and waiting for several sockets at once.

    def setsockopt(self, s: int, level: int, option: int, value: OptionValue | None) -> None:
        """Set an option; SO_LINGER takes (onoff, seconds), SO_DONTLINGER a truth value, the others a number."""
        endpoint = self._layer.find(s)
        if endpoint is not None and level == SOL_SOCKET and option in (SO_LINGER, SO_DONTLINGER):
            endpoint.origin.lingers = True
        self._down("WSPSetSockOpt", s, level, option, value)

    def getsockopt(self, s: int, level: int, option: int) -> OptionValue:
        """Read an option, in the form in which `setsockopt` takes it."""
        return self._down("WSPGetSockOpt", s, level, option)  # type: ignore[no-any-return]

    def ioctl(self, s: int, command: int, argument: OptionValue | None = None) -> int:
        """FIONBIO switches non-blocking mode on or off; FIONREAD answers how many bytes a receive would find."""
        return self._down("WSPIoctl", s, command, argument)  # type: ignore[no-any-return]

    def select(
        self,
        readfds: Iterable[int] = (),
        writefds: Iterable[int] = (),
        exceptfds: Iterable[int] = (),
        timeout: float | None = None,
    ) -> Found:
        """The descriptors that can be read, can be written, or failed to connect; `timeout` in seconds, None for ever.

        WSAEINVAL if no descriptor is given, WSAEFAULT if what is given cannot be gone through.
        """

        def work() -> Found:
            self._layer.history.now().require_running()
            upper: dict[int | None, int] = {}
            groups: list[list[int | None]] = []
            for group in (readfds, writefds, exceptfds):
                endpoints = {s: self._socket(s)[0] for s in group}
                upper.update({endpoint.lower: s for s, endpoint in endpoints.items()})
                groups.append([endpoint.lower for endpoint in endpoints.values()])
            if not upper:
                raise WinsockError(ErrorCode.WSAEINVAL)
            found = self._layer.history.now().table["WSPSelect"](*groups, timeout)
            reading, writing, failed = ([upper[lower] for lower in group] for group in found)
            return reading, writing, failed

        return self._through(work)

    # Names.

    def gethostbyname(self, name: str | None) -> str:
        """The IPv4 address of a host, of this one for None, in dotted form."""
        return self._ask("gethostbyname", name)  # type: ignore[no-any-return]

    def getservbyname(self, name: str | None, proto: str | None = None) -> int:
        """The port of a service."""
        return self._ask("getservbyname", name, proto)  # type: ignore[no-any-return]

    def getservbyport(self, port: int, proto: str | None = None) -> str:
        """The service of a port."""
        return self._ask("getservbyport", port, proto)  # type: ignore[no-any-return]

    def _ask(self, method: str, *arguments: object) -> Any:
        """The answer of the lower provider to a question about names, for which it is started if it is not yet."""

        def work() -> object:
            self._layer.usable()
            return self._method(method)(*arguments)

        return self._here(work)

    inet_addr = staticmethod(WinsockProvider.inet_addr)

    def _unsupported(self, /, *_arguments: object, **_options: object) -> object:
        """A slot of the table for which this interface has no call."""

        def work() -> object:
            self._layer.history.now().require_running()
            raise WinsockError(ErrorCode.WSAEOPNOTSUPP)

        return self._through(work)


def _is_hard(endpoint: Endpoint, table: Procedures) -> bool:
    """Whether a close resets the connection."""
    with suppress(Exception):
        on, seconds = table["WSPGetSockOpt"](endpoint.lower, SOL_SOCKET, SO_LINGER)
        return bool(on and not seconds)
    return False
