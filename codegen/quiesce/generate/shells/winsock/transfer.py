"""Bytes in and out: plain calls, datagrams, and overlapped operations."""

import threading
from collections.abc import Callable, Sequence
from functools import partial
from selectors import EVENT_READ, EVENT_WRITE
from socket import MSG_PEEK
from typing import Any, TypeAlias, TypeVar

from . import osdep
from .buffers import IntoBuffers, check_size, room_in
from .calling import local, spi
from .connection import LARGEST, Connection
from .endpoints import Endpoints
from .errors import ErrorCode, WinsockError
from .osdep import Address
from .overlapped import Overlapped, Routine, check_completion
from .owner import Owner
from .permit import HIGH_WATER
from .request import Plan, Steps, Until

Buffer: TypeAlias = bytes | bytearray | memoryview
Buffers: TypeAlias = Buffer | Sequence[Buffer]
"""Bytes to be sent: one buffer, or a list or tuple of buffers, one behind the other."""
T = TypeVar("T")


class Underway:
    """The owner at work on an operation of one connection."""

    __slots__ = ("_connection", "_owner", "_shift")

    def __init__(self, owner: Owner, connection: Connection) -> None:
        self._owner = owner
        self._shift = owner.at_work
        self._connection = connection

    def cancel(self, operation: Overlapped[Any]) -> bool:
        """End the operation, unless it has ended by itself; whether it was ended."""
        traffic = self._shift.traffic
        cancelling = Plan(now=partial(traffic.cancel, self._connection, operation), gives_back=True)
        return not self.is_gone() and bool(self._owner.ask(cancelling))

    def must_not_wait(self) -> bool:
        """Whether this thread is one that others wait for."""
        return self._owner.must_not_wait()

    def is_gone(self) -> bool:
        """Whether nobody is left who could end the operation: after a fork, the owner is the parent's."""
        return self._owner.shift is not self._shift


class Transfer(Endpoints, IntoBuffers):
    """Calls that move bytes."""

    @spi
    def send(self, s: int, data: Buffers) -> Plan[int]:
        """Take all of `data` for sending, which may be a list of buffers; the number of its bytes.

        A stream whose queue is full waits for room, or refuses with WSAEWOULDBLOCK if it is non-blocking.
        """
        return Plan(steps=partial(self._send, s, _viewed(data)))

    def _send(self, s: int, data: memoryview | str) -> Steps[int]:
        connection = self._connection(s)
        view = _given(data)
        self._traffic.recall_sending(connection)
        _require_whole(connection)
        if not connection.stream:
            return (yield from self._send_datagram(connection, lambda: connection.os_socket.send(view)))
        while connection.queued >= HIGH_WATER:
            self._core.wsp_send(connection.member, 0)  # refuse now what would be refused after the wait
            yield _unless_blocking(connection, EVENT_WRITE)
            self._traffic.recall_sending(connection)
            _require_whole(connection)
        self._core.wsp_send(connection.member, len(view))
        self._traffic.send(connection, view)
        return len(view)

    @spi
    def sendto(self, s: int, data: Buffers, address: Address) -> Plan[int]:
        """Send a datagram to `address`; on a connected stream the address is ignored."""
        connection = self._find(s)
        if connection is None or connection.stream:
            return Plan(steps=partial(self._send, s, _viewed(data)))
        return Plan(steps=partial(self._send_to, s, _viewed(data), address))

    def _send_to(self, s: int, data: memoryview | str, named: Address) -> Steps[int]:
        connection = self._connection(s)
        view = _given(data)
        address = yield from self._numeric(connection, named)
        return (yield from self._send_datagram(connection, lambda: connection.os_socket.sendto(view, address)))

    def _send_datagram(self, connection: Connection, attempt: Callable[[], int]) -> Steps[int]:
        self._core.wsp_send(connection.member, 0)  # a datagram is the kernel's at once, or was never taken
        sent = yield from self._attempt(connection, attempt, EVENT_WRITE)
        self._traffic.tally.accepted += sent
        return sent

    @spi
    def recv(self, s: int, size: int, flags: int = 0) -> Plan[bytes]:
        """At most `size` bytes; none at all means that the peer has ended the stream."""
        return Plan(steps=partial(self._recv, s, size, flags))

    def _recv(self, s: int, size: int, flags: int) -> Steps[bytes]:
        connection = self._readable(s)
        system_flags = _flags(flags)
        check_size(size)
        data = yield from self._attempt(connection, lambda: connection.receive(size, system_flags), EVENT_READ)
        if not data and size and connection.failure:
            raise WinsockError(connection.failure)
        if connection.stream and data and not system_flags:
            self._owner.at_work.on_abandon(partial(self._traffic.put_back, connection, data))
        return data

    @local
    def _room(self, s: int, buffer: bytearray | memoryview, size: int) -> memoryview:
        """Where `recv_into` puts what it receives. What is wrong with a descriptor comes before a wrong buffer."""
        if self._find(s) is None:
            raise WinsockError(ErrorCode.WSAENOTSOCK)
        return room_in(buffer, size)

    @spi
    def recvfrom(self, s: int, size: int, flags: int = 0) -> Plan[tuple[bytes, Address | None]]:
        """Like `recv`, with the sender's address; None on a stream."""
        return Plan(steps=partial(self._recvfrom, s, size, flags))

    def _recvfrom(self, s: int, size: int, flags: int) -> Steps[tuple[bytes, Address | None]]:
        connection = self._readable(s)
        if connection.stream:
            return (yield from self._recv(s, size, flags)), None
        system_flags = _flags(flags)
        check_size(size)

        def attempt() -> tuple[bytes, Address | None]:
            return connection.os_socket.recvfrom(min(size, LARGEST), system_flags)

        data, sender = yield from self._attempt(connection, attempt, EVENT_READ)
        if not system_flags & MSG_PEEK:
            connection.received += len(data)
        return data, sender

    def _readable(self, s: int) -> Connection:
        connection = self._connection(s)
        if connection.receive_shut:
            raise WinsockError(ErrorCode.WSAESHUTDOWN)
        if connection.stream and not connection.has_peer():
            raise WinsockError(ErrorCode.WSAENOTCONN)
        if not connection.stream and not connection.os_socket.getsockname()[1]:
            raise WinsockError(ErrorCode.WSAEINVAL)
        return connection

    def _attempt(self, connection: Connection, attempt: Callable[[], T], event: int) -> Steps[T]:
        """Try until the operating system is ready."""
        while True:
            if event == EVENT_READ:
                self._traffic.recall_receiving(connection)
                _require_known(connection)
            if not (event == EVENT_READ and connection.receives):  # overlapped receives were there first
                try:
                    with osdep.VALID:
                        return attempt()
                except BlockingIOError:
                    pass
                except WinsockError:
                    raise
                except OSError as failure:
                    if connection.stream:
                        self._traffic.broke(connection, osdep.winsock_number(failure))
                    raise
            yield _unless_blocking(connection, event)
            if event == EVENT_READ and connection.receive_shut:
                raise WinsockError(ErrorCode.WSAESHUTDOWN)

    @spi
    def send_overlapped(
        self, s: int, data: Buffers, event: threading.Event | None = None, routine: Routine | None = None
    ) -> Plan[Overlapped[int]]:
        """Begin to send all of `data`; done once the operating system has taken its last byte.

        WSA_INVALID_HANDLE if `event` cannot be set, WSAEFAULT if `routine` cannot be called.
        """
        return Plan(steps=partial(self._send_overlapped, s, _viewed(data), event, routine))

    def _send_overlapped(
        self, s: int, data: memoryview | str, event: threading.Event | None, routine: Routine | None
    ) -> Steps[Overlapped[int]]:
        connection = self._connection(s)
        view = _given(data)
        check_completion(event, routine)
        operation: Overlapped[int] = Overlapped(len(view), event, routine, Underway(self._owner, connection))
        self._traffic.recall_sending(connection)
        _require_whole(connection)
        if connection.stream:
            self._core.wsp_send(connection.member, len(view))
            pending = self._traffic.send(connection, view, operation)
        else:
            yield from self._send_datagram(connection, lambda: connection.os_socket.send(view))
            pending = False
        self._core.wsp_recv(connection.member, overlapped=True)
        if not pending:
            operation.succeed(len(view), len(view))
            self._traffic.end(connection.member, [operation])
        return operation

    @spi
    def recv_overlapped(
        self, s: int, size: int, event: threading.Event | None = None, routine: Routine | None = None
    ) -> Plan[Overlapped[bytes]]:
        """Begin to receive at most `size` bytes.

        WSA_INVALID_HANDLE if `event` cannot be set, WSAEFAULT if `routine` cannot be called.
        """
        return Plan(now=partial(self._recv_overlapped, s, size, event, routine))

    def _recv_overlapped(
        self, s: int, size: int, event: threading.Event | None, routine: Routine | None
    ) -> Overlapped[bytes]:
        connection = self._readable(s)
        check_size(size)
        check_completion(event, routine)
        operation: Overlapped[bytes] = Overlapped(size, event, routine, Underway(self._owner, connection))
        self._traffic.recall_receiving(connection)
        _require_known(connection)
        self._core.wsp_recv(connection.member, overlapped=True)
        connection.receives.append(operation)
        self._traffic.receive(connection)
        self._owner.at_work.on_abandon(partial(self._withdraw, connection, operation))
        return operation

    def _withdraw(self, connection: Connection, operation: Overlapped[bytes]) -> None:
        """Nobody knows of this receive: its caller was interrupted before it had it."""
        if operation in connection.receives:
            connection.receives.remove(operation)
            operation.fail(ErrorCode.WSA_OPERATION_ABORTED)
            self._core.complete(connection.member)
            self._traffic.recall_receiving(connection)
        elif operation.transferred and connection.stream:
            self._traffic.put_back(connection, operation.result(0))


def _viewed(data: Buffers) -> memoryview | str:
    """The bytes of `data`; what is wrong with them is told only after what is wrong with the descriptor."""
    try:
        whole = b"".join(data) if isinstance(data, list | tuple) else data
        return memoryview(whole).cast("B")  # type: ignore[arg-type] # other sequences are no buffers, which is told
    except (TypeError, ValueError, BufferError) as wrong:
        return str(wrong)


def _given(data: memoryview | str) -> memoryview:
    if isinstance(data, str):
        raise WinsockError(ErrorCode.WSAEFAULT, data)
    return data


def _flags(flags: int) -> int:
    if not isinstance(flags, int):
        raise WinsockError(ErrorCode.WSAEOPNOTSUPP)
    system = 0
    for flag, meaning in osdep.FLAGS.items():
        if flags & flag:
            system |= meaning
            flags &= ~flag
    if flags:
        raise WinsockError(ErrorCode.WSAEOPNOTSUPP)
    return system


def _unless_blocking(connection: Connection, event: int) -> Until:
    if not connection.member.blocking:
        raise WinsockError(ErrorCode.WSAEWOULDBLOCK)
    return Until({connection: event})


def _require_known(connection: Connection) -> None:
    if connection.lost:
        raise WinsockError(connection.failure)


def _require_whole(connection: Connection) -> None:
    if connection.failure:
        raise WinsockError(connection.failure)
    if not connection.has_peer():
        raise WinsockError(ErrorCode.WSAENOTCONN)
