"""Somebody at the other end of a connection: a thread of its own, which reads and sends when it likes."""

import contextlib

from ..schedules.states import Apart
from .kernel import Kernel, Socket


class Peer(Apart):
    """A peer that waits at a port until the package connects, or connects to it."""

    def __init__(self, kernel: Kernel, port: int, connects: bool) -> None:
        """`connects` says that the package listens, and not the peer."""
        self.got = bytearray()
        self.end = ""
        """How the stream has ended, "end" or "reset"; nothing as long as it has not."""
        self._kernel = kernel
        self._port = port
        self._connects = connects
        self._socket = Socket(kernel, 2, 1, own=False)
        self._connection: Socket | None = None
        if not connects:
            self._socket.bind(("", port))
            self._socket.listen()

    @property
    def connection(self) -> Socket:
        """Its end of the connection."""
        if self._connection is None:
            raise AssertionError("there is no connection yet")
        return self._connection

    def meet(self) -> None:
        """Wait until there is a connection."""
        if self._connects:
            self._kernel.point("connect", ready=lambda: self._port in self._kernel.listeners)
            self._socket.connect(("", self._port))
            self._connection = self._socket
        else:
            self._connection, _ = self._socket.accept()

    def read(self, size: int = 64) -> bytes:
        """The bytes that come next; none if none will come any more."""
        try:
            data = self.connection.recv(size)
        except ConnectionError:
            self.end = "reset"
            return b""
        self.end = self.end or ("" if data else "end")
        self.got += data
        return data

    def read_all(self, size: int = 64) -> None:
        """Read to the end."""
        while self.read(size):
            pass

    def send(self, data: bytes) -> None:
        """Send everything, unless the other end is gone."""
        with contextlib.suppress(ConnectionError):
            while data:
                data = data[self.connection.send(data) :]

    def reset(self) -> None:
        """Drop the connection."""
        self.connection.drop()
        self.end = "reset"

    def close(self) -> None:
        """Give everything back."""
        self._socket.close()
        if self._connection is not None:
            self._connection.close()
