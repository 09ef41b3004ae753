"""A pool of connections to a Redis server: what the lifecycle asks for, and the few words of Redis that it takes."""

import socket
from contextlib import suppress
from typing import TypeAlias

from pool_lifecycle import Connection, PoolLifecycle

Address: TypeAlias = tuple[str, int] | str
"""A host and a port, or the path of a Unix socket."""

Reply: TypeAlias = "str | int | list[Reply] | None"


class RedisError(Exception):
    """The server refused a command; the text is the server's own. The connection still works."""


class Wire:
    """One connection, and the protocol of Redis (RESP 2) on it."""

    def __init__(self, address: Address, timeout: float) -> None:
        """Connect.

        Raises:
            OSError: nobody listens there.
        """
        if isinstance(address, str):
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.settimeout(timeout)
            try:
                self._socket.connect(address)
            except BaseException:
                self._socket.close()
                raise
        else:
            self._socket = socket.create_connection(address, timeout)
        self._replies = self._socket.makefile("rb")
        self.usable = True
        """Whether the last command was answered as a whole, so that the next answer belongs to the next command."""

    def ask(self, *words: str | int) -> Reply:
        """Send one command, and wait for its answer.

        Raises:
            RedisError: the server refused the command.
            OSError: the connection broke, or the answer took too long.
        """
        self.usable = False
        texts = [str(word).encode() for word in words]
        self._socket.sendall(b"*%d\r\n" % len(texts) + b"".join(b"$%d\r\n%b\r\n" % (len(t), t) for t in texts))
        reply = self._read()
        self.usable = True
        if isinstance(reply, RedisError):
            raise reply
        return reply

    def _read(self) -> "Reply | RedisError":
        line = self._replies.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionResetError("the server closed the connection")
        kind, rest = line[:1], line[1:-2].decode()
        match kind:
            case b"+":
                return rest
            case b"-":
                return RedisError(rest)
            case b":":
                return int(rest)
            case b"$" if int(rest) >= 0:
                return self._replies.read(int(rest) + 2)[:-2].decode()
            case b"*" if int(rest) >= 0:
                items = [self._read() for _ in range(int(rest))]
                return [str(item) if isinstance(item, RedisError) else item for item in items]
            case _:
                return None

    def close(self) -> None:
        """Close the connection, also under somebody who waits for an answer."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._replies.close()
        self._socket.close()


class RedisPool(PoolLifecycle):
    """Connections to one server, for any number of threads.

    ```python
    pool = RedisPool(("127.0.0.1", 6379), drain_timeout=5.0)
    with pool.running(size=4), pool.connection() as c:
        pool.ask(c, "INCR", "visits")
    ```
    """

    def __init__(
        self, address: Address, *, password: str | None = None, patience: float = 5.0, drain_timeout: float = 10.0
    ) -> None:
        """`patience` is how many seconds an answer may take.

        `drain_timeout` is how many seconds `close` waits for those who do not give their connection back.
        """
        super().__init__(drain_timeout=drain_timeout)
        self.address = address
        self.password = password
        self.patience = patience
        self._lent: dict[Connection, Wire] = {}
        self._idle: list[Wire] = []

    def ask(self, c: Connection, *words: str | int) -> Reply:
        """Send one command on a connection that was borrowed, and wait for its answer.

        Raises:
            RedisError: the server refused the command.
            OSError: the connection broke, or the pool took it away.
        """
        wire = self._lent.get(c)
        if wire is None:
            raise ConnectionError("this connection is not lent any more")
        return wire.ask(*words)

    # --- the work that the lifecycle asks for ----------------------------------------------------------------------

    def check(self, c: Connection) -> bool:
        """Take an idle connection, and see whether the server still answers there."""
        wire = self._idle.pop()
        try:
            wire.ask("PING")
        except OSError:
            wire.close()
            return False
        except BaseException:
            wire.close()
            raise
        self._lent[c] = wire
        return True

    def connect(self, c: Connection) -> None:
        """Make a new connection."""
        wire = Wire(self.address, self.patience)
        try:
            if self.password is not None:
                wire.ask("AUTH", self.password)
            wire.ask("PING")
        except BaseException:
            wire.close()
            raise
        self._lent[c] = wire

    def take_back(self, c: Connection) -> bool:
        """Keep a connection for the next who wants one, if it still works."""
        wire = self._lent.pop(c)
        if wire.usable:
            self._idle.append(wire)
        else:
            wire.close()
        return wire.usable

    def disconnect(self) -> None:
        """Close all that are idle, and those that were not given back in time."""
        while self._idle:
            self._idle.pop().close()
        while self._lent:
            self._lent.popitem()[1].close()
