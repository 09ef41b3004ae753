"""Bytes in and out: plain calls, datagrams, and overlapped operations."""

import threading
from collections.abc import Callable
from selectors import EVENT_READ, EVENT_WRITE
from typing import TypeAlias, TypeVar

from . import osdep
from .calling import spi
from .connection import HIGH_WATER, Connection
from .endpoints import Endpoints
from .errors import ErrorCode, WinsockError
from .osdep import Address
from .overlapped import Overlapped, Routine

Buffer: TypeAlias = bytes | bytearray | memoryview
T = TypeVar("T")


class Transfer(Endpoints):
    """Calls that move bytes."""

    @spi
    def send(self, s: int, data: Buffer) -> int:
        """Take all of `data` for sending; the number of its bytes.

        A stream whose queue is full waits for room, or refuses with WSAEWOULDBLOCK if it is non-blocking.
        """
        with self._lock:
            connection = self._connection(s)
            view = _view(data)
            _require_whole(connection)
            if not connection.stream:
                return self._send_datagram(connection, lambda: connection.os_socket.send(view))
            while connection.queued >= HIGH_WATER:
                self._core.wsp_send(connection.member, 0)  # refuse now what would be refused after the wait
                self._may_wait(connection, EVENT_WRITE)
                _require_whole(connection)
            self._core.wsp_send(connection.member, len(view))
            self._traffic.send(connection, view)
            return len(view)

    @spi
    def sendto(self, s: int, data: Buffer, address: Address) -> int:
        """Send a datagram to `address`; on a connected stream the address is ignored."""
        with self._lock:
            stream = self._connection(s).stream
        if stream:
            return self.send(s, data)
        address = self._numeric(s, address)
        with self._lock:
            connection = self._connection(s)
            view = _view(data)
            return self._send_datagram(connection, lambda: connection.os_socket.sendto(view, address))

    def _send_datagram(self, connection: Connection, attempt: Callable[[], int]) -> int:
        self._core.wsp_send(connection.member, 0)  # a datagram is the kernel's at once, or was never taken
        return self._attempt(connection, attempt, EVENT_WRITE)

    @spi
    def recv(self, s: int, size: int, flags: int = 0) -> bytes:
        """At most `size` bytes; none at all means that the peer has ended the stream."""
        with self._lock:
            connection = self._readable(s)
            system_flags = _flags(flags)
            data = self._attempt(connection, lambda: connection.os_socket.recv(size, system_flags), EVENT_READ)
            if not data and size and connection.failure:
                raise WinsockError(connection.failure)
            return data

    @spi
    def recvfrom(self, s: int, size: int, flags: int = 0) -> tuple[bytes, Address | None]:
        """Like `recv`, with the sender's address; None on a stream."""
        with self._lock:
            connection = self._readable(s)
            system_flags = _flags(flags)
            return self._attempt(connection, lambda: connection.os_socket.recvfrom(size, system_flags), EVENT_READ)

    def _readable(self, s: int) -> Connection:
        connection = self._connection(s)
        if connection.receive_shut:
            raise WinsockError(ErrorCode.WSAESHUTDOWN)
        if connection.stream and not connection.has_peer():
            raise WinsockError(ErrorCode.WSAENOTCONN)
        if not connection.stream and not connection.os_socket.getsockname()[1]:
            raise WinsockError(ErrorCode.WSAEINVAL)
        return connection

    def _attempt(self, connection: Connection, attempt: Callable[[], T], event: int) -> T:
        """Try until the operating system is ready. The lock is held."""
        while True:
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
            self._may_wait(connection, event)
            if event == EVENT_READ and connection.receive_shut:
                raise WinsockError(ErrorCode.WSAESHUTDOWN)

    def _may_wait(self, connection: Connection, event: int) -> None:
        if not connection.member.blocking:
            raise WinsockError(ErrorCode.WSAEWOULDBLOCK)
        self._wait({connection: event})

    @spi
    def send_overlapped(
        self, s: int, data: Buffer, event: threading.Event | None = None, routine: Routine | None = None
    ) -> Overlapped[int]:
        """Begin to send all of `data`; done once the operating system has taken its last byte."""
        with self._lock:
            connection = self._connection(s)
            view = _view(data)
            operation: Overlapped[int] = Overlapped(len(view), event, routine)
            _require_whole(connection)
            if connection.stream:
                self._core.wsp_send(connection.member, len(view))
                pending = self._traffic.send(connection, view, operation)
            else:
                self._send_datagram(connection, lambda: connection.os_socket.send(view))
                pending = False
            self._core.wsp_recv(connection.member, overlapped=True)
            if not pending:
                operation.succeed(len(view), len(view))
                self._traffic.end(connection.member, [operation])
            return operation

    @spi
    def recv_overlapped(
        self, s: int, size: int, event: threading.Event | None = None, routine: Routine | None = None
    ) -> Overlapped[bytes]:
        """Begin to receive at most `size` bytes."""
        with self._lock:
            connection = self._readable(s)
            if size < 0:
                raise WinsockError(ErrorCode.WSAEINVAL)
            operation: Overlapped[bytes] = Overlapped(size, event, routine)
            self._core.wsp_recv(connection.member, overlapped=True)
            connection.receives.append(operation)
            self._traffic.receive(connection)
            return operation


def _view(data: Buffer) -> memoryview:
    with osdep.USABLE:
        return memoryview(data).cast("B")


def _flags(flags: int) -> int:
    system = 0
    for flag, meaning in osdep.FLAGS.items():
        if flags & flag:
            system |= meaning
            flags &= ~flag
    if flags:
        raise WinsockError(ErrorCode.WSAEOPNOTSUPP)
    return system


def _require_whole(connection: Connection) -> None:
    if connection.failure:
        raise WinsockError(connection.failure)
    if not connection.has_peer():
        raise WinsockError(ErrorCode.WSAENOTCONN)
