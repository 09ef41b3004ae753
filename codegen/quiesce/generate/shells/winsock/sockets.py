"""Descriptors: what stands for a socket, how it is opened, shared and closed, and how a call waits for it."""

import threading
import time
from collections.abc import Mapping
from socket import SOCK_STREAM
from socket import socket as OsSocket  # noqa: N812 - a class, spelled like one

from . import osdep
from .calling import spi
from .connection import Connection, Waiter
from .core import Linger, Refused, Socket, SocketState
from .errors import ErrorCode, WinsockError
from .lifecycle import Lifecycle


class Sockets(Lifecycle):
    """The descriptor table of a provider. A descriptor is an int and is never handed out again."""

    @spi
    def socket(self, family: int, type: int, proto: int = 0) -> int:  # noqa: A002 - the documented name
        """Open a socket of Winsock's `family`, `type` and `proto`."""
        with self._lock:
            made: OsSocket | None = None
            refusal: OSError | None = None
            try:
                made = osdep.new_socket(family, type, proto)
            except OSError as failure:
                refusal = failure
            try:
                return self._adopt(made, refusal)
            except BaseException:
                if made is not None:
                    made.close()
                raise

    def _adopt(self, made: OsSocket | None, refusal: OSError | None = None) -> int:
        """A descriptor for what the operating system granted, or why there is none. The lock is held."""
        member = Socket()
        try:
            self._core.wsp_socket(member, granted=made is not None)
        except Refused as refused:
            if refusal is not None and refused.error == "WSAEMFILE":
                raise refusal from None  # the operating system knows better why
            raise
        if made is None:
            raise WinsockError(ErrorCode.WSAEMFILE)
        connection = Connection(made, member, stream=made.type == SOCK_STREAM)
        self._traffic.adopt(connection)
        return self._describe(connection)

    def _describe(self, connection: Connection) -> int:
        descriptor = self._next_descriptor
        self._next_descriptor += 1
        self._descriptors[descriptor] = connection
        return descriptor

    def _connection(self, descriptor: int) -> Connection:
        """The socket behind a descriptor; the core refuses dead ones. The lock is held."""
        connection = self._descriptors.get(descriptor)
        self._core.wsp_recv(Socket() if connection is None else connection.member, overlapped=False)
        if connection is None:
            raise WinsockError(ErrorCode.WSAENOTSOCK)
        return connection

    def _require_running(self) -> None:
        """Refuse like any call on a socket would, if the provider does not run."""
        with self._lock:
            try:
                self._core.wsp_recv(Socket(), overlapped=False)
            except Refused as refused:
                if refused.error != "WSAENOTSOCK":  # which the stand-in is, and nobody asked for a socket
                    raise

    @spi
    def duplicate_socket(self, s: int) -> int:
        """One more descriptor for the same socket; the close of the last one closes it."""
        with self._lock:
            connection = self._connection(s)
            self._core.wsp_duplicate_socket(connection.member)
            return self._describe(connection)

    @spi
    def closesocket(self, s: int) -> None:
        """Close a descriptor, and with the last one the socket, in the way its linger options say.

        WSAEWOULDBLOCK if a non-blocking socket would have to wait; then nothing has happened.
        """
        with self._lock:
            connection = self._descriptors.get(s)
            if connection is None:
                self._core.wsp_close_socket(Socket())
                return
            member = connection.member
            self._traffic.settle(connection)
            timed = member.linger is Linger.TIMED and member.blocking
            outcome = self._core.wsp_close_socket(member)
            del self._descriptors[s]
            if outcome == "close_shared":
                return
            cancelled = connection.cancel_operations()
            connection.cancel_waiters()
            if member.state is SocketState.ABSENT:
                self._traffic.abort(connection)
            else:
                deadline = time.monotonic() + (connection.linger_seconds or 0) if timed else None
                self._traffic.begin_close(connection, deadline)
        for operation in cancelled:
            operation.notify()
        if timed:
            self._wait_until_closed(connection)

    def _wait_until_closed(self, connection: Connection) -> None:
        with self._lock:
            if self._engine is None or self._engine.is_current_thread():
                return  # over already; or a completion routine, which must not wait for its own thread
            while not connection.closed:
                self._changed.wait()

    def _wait(self, events: Mapping[Connection, int], deadline: float | None = None) -> None:
        """Sleep until one of `events` is likely, or the monotonic `deadline`. The lock is held, and free meanwhile.

        WSAEINTR if the socket is closed or the provider cleaned up; WSAEINPROGRESS on the I/O thread itself.
        """
        if self._engine is not None and self._engine.is_current_thread():
            raise WinsockError(ErrorCode.WSAEINPROGRESS)
        traffic = self._traffic
        waiter = Waiter(self._lock)
        try:
            for connection, wanted in events.items():
                connection.waiters[waiter] = wanted
                traffic.watch(connection)
            while not (waiter.woken or waiter.cancelled):
                left = None if deadline is None else deadline - time.monotonic()
                if (left is not None and left <= 0) or not waiter.condition.wait(
                    None if left is None else min(left, threading.TIMEOUT_MAX)
                ):
                    break
        finally:
            for connection in events:
                connection.waiters.pop(waiter, None)
                traffic.watch(connection)
        if waiter.cancelled:
            raise WinsockError(ErrorCode.WSAEINTR)
