"""Descriptors: what stands for a socket, how it is opened, shared and closed."""

import time
from collections import deque
from functools import partial
from socket import SOCK_STREAM
from socket import socket as OsSocket  # noqa: N812 - a class, spelled like one

from . import osdep
from .blocks import SocketBlocks
from .calling import spi
from .connection import Connection
from .core import Linger, Refused, Socket, SocketState
from .errors import ErrorCode, WinsockError
from .lifecycle import Lifecycle
from .request import CHANGE, Plan, Steps
from .traffic import Operation


class Sockets(Lifecycle, SocketBlocks):
    """The descriptor table of a provider. A descriptor is an int and is never handed out again.

    Methods with an underscore are work: the owner runs them.
    """

    @spi
    def socket(self, family: int, type: int, proto: int = 0) -> Plan[int]:  # noqa: A002 - the documented name
        """Open a socket of Winsock's `family`, `type` and `proto`."""
        return Plan(now=partial(self._socket, family, type, proto))

    def _socket(self, family: int, kind: int, proto: int) -> int:
        made: OsSocket | None = None
        refusal: OSError | None = None
        try:
            made = osdep.new_socket(family, kind, proto)
        except OSError as failure:
            refusal = failure
        try:
            return self._adopt(made, refusal)
        except BaseException:
            if made is not None:
                made.close()
            raise

    @spi
    def _open_for(self, family: int, kind: int, proto: int, opened: list[int]) -> Plan[int]:
        return Plan(now=partial(self._socket_for, family, kind, proto, opened))

    def _socket_for(self, family: int, kind: int, proto: int, opened: list[int]) -> int:
        opened.append(self._socket(family, kind, proto))
        return opened[0]

    def _adopt(self, made: OsSocket | None, refusal: OSError | None = None) -> int:
        """A descriptor for what the operating system granted, or why there is none."""
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
        owner = self._owner
        descriptor = owner.next_descriptor
        owner.next_descriptor += 1
        owner.desk.descriptors[descriptor] = connection
        owner.at_work.on_abandon(partial(self._forget, descriptor))
        return descriptor

    def _forget(self, descriptor: int) -> None:
        """Nobody knows of this descriptor: its caller was interrupted before it had it."""
        connection = self._find(descriptor)
        if connection is not None:
            if connection.member.shares == 1:
                self._core.wsp_set_sock_opt(connection.member, Linger.HARD, connection.member.blocking)
            self._release(descriptor, connection)

    def _find(self, descriptor: int) -> Connection | None:
        """The socket that a descriptor stands for, as far as it is one."""
        return self._owner.desk.descriptors.get(descriptor) if isinstance(descriptor, int) else None

    def _connection(self, descriptor: int) -> Connection:
        """The socket behind a descriptor; the core refuses dead ones."""
        connection = self._find(descriptor)
        self._core.wsp_recv(Socket() if connection is None else connection.member, overlapped=False)
        if connection is None:
            raise WinsockError(ErrorCode.WSAENOTSOCK)
        return connection

    @spi
    def duplicate_socket(self, s: int) -> Plan[int]:
        """One more descriptor for the same socket; the close of the last one closes it."""
        return Plan(now=partial(self._duplicate, s))

    def _duplicate(self, s: int) -> int:
        connection = self._connection(s)
        self._core.wsp_duplicate_socket(connection.member)
        return self._describe(connection)

    @spi
    def closesocket(self, s: int) -> Plan[None]:
        """Close a descriptor, and with the last one the socket, in the way its linger options say.

        WSAEWOULDBLOCK if a non-blocking socket would have to wait; then nothing has happened.
        """
        cancelled: deque[Operation] = deque()
        return Plan(steps=partial(self._close, s, cancelled), after=partial(_notify, cancelled), gives_back=True)

    def _close(self, s: int, cancelled: deque[Operation]) -> Steps[None]:
        connection = self._find(s)
        if connection is None:
            self._core.wsp_close_socket(Socket())
            return
        timed = connection.member.linger is Linger.TIMED and connection.member.blocking
        cancelled.extend(self._release(s, connection))
        self._owner.at_work.on_abandon(partial(self._notify_late, cancelled))
        if not timed or connection.closed or connection.member.shares:
            return
        self._notify_late(cancelled)
        while (
            not connection.closed and not self._owner.at_work.inside
        ):  # people's code must not wait for its own thread
            yield CHANGE

    def _notify_late(self, cancelled: deque[Operation]) -> None:
        """The caller is not there, or waits: the herald tells of what was cancelled."""
        while cancelled:
            self._owner.at_work.tell(cancelled.popleft())

    def _release(self, s: int, connection: Connection) -> list[Operation]:
        """Take a descriptor away, and with the last one close the socket. The operations that this cancelled."""
        member = connection.member
        self._traffic.recall(connection)
        self._traffic.settle(connection)
        timed = member.linger is Linger.TIMED and member.blocking
        outcome = self._core.wsp_close_socket(member)
        del self._owner.desk.descriptors[s]
        if outcome == "close_shared":
            return []
        cancelled = connection.cancel_operations()
        connection.cancel_waiters()
        if member.state is SocketState.ABSENT:
            self._traffic.abort(connection)
        else:
            deadline = time.monotonic() + (connection.linger_seconds or 0) if timed else None
            self._traffic.begin_close(connection, deadline)
        return cancelled


def _notify(cancelled: deque[Operation], _none: None) -> None:
    while cancelled:
        cancelled.popleft().notify()
