"""Addresses and connections: bind, connect, listen, accept, shutdown and the names of both ends."""

import socket
from contextlib import ExitStack
from functools import partial
from selectors import EVENT_READ, EVENT_WRITE

from . import osdep
from .calling import spi
from .connection import Connection
from .constants import SD_BOTH, SD_RECEIVE, SD_SEND
from .core import SocketState
from .errors import ErrorCode, WinsockError
from .lookups import look_up
from .osdep import Address
from .request import Plan, Steps, Until
from .sockets import Sockets


class Endpoints(Sockets):
    """Calls that give a socket its two ends."""

    def _numeric(self, connection: Connection, address: Address) -> Steps[Address]:
        """The address with its host looked up, unless that is a number. WSAEINTR if the socket is closed meanwhile."""
        family = connection.os_socket.family
        with osdep.USABLE:
            if osdep.is_numeric(family, address):
                return address

        def is_open() -> bool:
            return connection.member.state is SocketState.OPEN

        return (yield from look_up(self._owner, partial(osdep.numeric, family, address), is_open))

    @spi
    def bind(self, s: int, address: Address) -> Plan[None]:
        """Give the socket its own address."""
        return Plan(steps=partial(self._bind, s, address))

    def _bind(self, s: int, address: Address) -> Steps[None]:
        connection = self._connection(s)
        numeric = yield from self._numeric(connection, address)
        with osdep.USABLE:
            connection.os_socket.bind(numeric)

    @spi
    def listen(self, s: int, backlog: int = socket.SOMAXCONN) -> Plan[None]:
        """Let peers connect."""
        return Plan(now=partial(self._listen, s, backlog))

    def _listen(self, s: int, backlog: int) -> None:
        connection = self._connection(s)
        if not _own_port(connection):
            raise WinsockError(ErrorCode.WSAEINVAL)
        with osdep.VALID:
            connection.os_socket.listen(backlog)

    @spi
    def connect(self, s: int, address: Address) -> Plan[None]:
        """Connect to a peer. WSAEWOULDBLOCK on a non-blocking socket: the attempt goes on in the background."""
        return Plan(steps=partial(self._connect, s, address))

    def _connect(self, s: int, named: Address) -> Steps[None]:
        connection = self._connection(s)
        address = yield from self._numeric(connection, named)
        if connection.stream and connection.has_peer():
            raise WinsockError(ErrorCode.WSAEISCONN)
        try:
            with osdep.USABLE:
                connection.os_socket.connect(address)
        except BlockingIOError as pending:
            if connection.connecting:
                raise WinsockError(ErrorCode.WSAEALREADY) from pending
            connection.connecting = True
            if not connection.member.blocking:
                raise WinsockError(ErrorCode.WSAEWOULDBLOCK) from pending
        while not connection.has_peer():
            yield Until({connection: EVENT_WRITE})
            if error := connection.os_socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                connection.connecting = False
                raise OSError(error, "the connection was not made")
        self._traffic.recall(connection)  # and lend, now that there is a peer

    @spi
    def accept(self, s: int) -> Plan[tuple[int, Address]]:
        """The next peer that connects: a new descriptor, with the options of `s`, and the peer's address."""
        return Plan(steps=partial(self._accept, s))

    def _accept(self, s: int) -> Steps[tuple[int, Address]]:
        while True:
            listener = self._connection(s)
            try:
                made, address = listener.os_socket.accept()
                break
            except BlockingIOError as none:
                if not listener.member.blocking:
                    raise WinsockError(ErrorCode.WSAEWOULDBLOCK) from none
            yield Until({listener: EVENT_READ})
        with ExitStack() as undo:
            undo.callback(made.close)
            made.setblocking(False)
            descriptor = self._adopt(made)
            undo.pop_all()
        connection = self._connection(descriptor)
        connection.connected = True
        self._traffic.recall(connection)  # and lend
        connection.linger_on, connection.linger_seconds = listener.linger_on, listener.linger_seconds
        self._core.wsp_set_sock_opt(connection.member, listener.member.linger, listener.member.blocking)
        return descriptor, address

    @spi
    def shutdown(self, s: int, how: int) -> Plan[None]:
        """End one or both directions; never waits. What is queued still goes out."""
        return Plan(now=partial(self._shutdown, s, how), gives_back=True)

    def _shutdown(self, s: int, how: int) -> None:
        connection = self._connection(s)
        if how not in (SD_RECEIVE, SD_SEND, SD_BOTH):
            raise WinsockError(ErrorCode.WSAEINVAL)
        if not connection.has_peer():
            raise WinsockError(ErrorCode.WSAENOTCONN)
        self._traffic.recall(connection)
        self._traffic.settle(connection)
        if how in (SD_SEND, SD_BOTH):
            self._core.wsp_shutdown(connection.member)
            if not connection.queue:
                connection.end_sending()
        if how in (SD_RECEIVE, SD_BOTH):
            connection.receive_shut = True
            connection.wake(EVENT_READ)

    @spi
    def getsockname(self, s: int) -> Plan[Address]:
        """The socket's own address. WSAEINVAL while it has none."""
        return Plan(now=partial(self._own_name, s))

    def _own_name(self, s: int) -> Address:
        connection = self._connection(s)
        if not _own_port(connection):
            raise WinsockError(ErrorCode.WSAEINVAL)
        address: Address = connection.os_socket.getsockname()
        return address

    @spi
    def getpeername(self, s: int) -> Plan[Address]:
        """The peer's address."""
        return Plan(now=partial(self._peer_name, s))

    def _peer_name(self, s: int) -> Address:
        address: Address = self._connection(s).os_socket.getpeername()
        return address


def _own_port(connection: Connection) -> int:
    port: int = connection.os_socket.getsockname()[1]
    return port
