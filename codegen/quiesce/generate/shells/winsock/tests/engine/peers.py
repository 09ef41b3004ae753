"""Somebody at the other end of a connection: a thread of its own, which reads and sends when it likes."""

import contextlib

from ..schedules.states import Apart
from .kernel import Kernel, Socket


class Peer(Apart):
    """A peer that waits at a port until somebody connects."""

    def __init__(self, kernel: Kernel, port: int) -> None:
        self.port = port
        self.got = bytearray()
        self.end = ""
        """How the stream has ended, "end" or "reset"; nothing as long as it has not."""
        self._listener = Socket(kernel, 2, 1, own=False)
        self._listener.bind(("", port))
        self._listener.listen()
        self._connection: Socket | None = None

    @property
    def connection(self) -> Socket:
        """Its end of the connection."""
        if self._connection is None:
            raise AssertionError("nobody has connected")
        return self._connection

    def accept(self) -> None:
        """Wait until somebody connects."""
        self._connection, _ = self._listener.accept()

    def read(self, size: int = 64) -> bytes:
        """What comes next; nothing if nothing will come any more."""
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

    def close(self) -> None:
        """Give everything back."""
        self._listener.close()
        if self._connection is not None:
            self._connection.close()
