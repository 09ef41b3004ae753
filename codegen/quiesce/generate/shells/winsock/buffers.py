"""Receiving into a buffer of the caller's."""

from abc import abstractmethod
from itertools import starmap

from .errors import ErrorCode, WinsockError


class IntoBuffers:
    """The receive into a buffer, which is a plain receive and a copy."""

    @abstractmethod
    def recv(self, s: int, size: int, flags: int = 0) -> bytes:
        """At most `size` bytes."""

    @abstractmethod
    def _room(self, s: int, buffer: bytearray | memoryview, size: int) -> memoryview:
        """Where `recv_into` puts what it receives. What is wrong with a descriptor comes before a wrong buffer."""

    def recv_into(self, s: int, buffer: bytearray | memoryview, size: int = 0, flags: int = 0) -> int:
        """Receive into `buffer`, at most `size` bytes, or as many as it has room for; how many there were.

        WSAEFAULT if it cannot be written, WSAEINVAL if it has not that much room.
        """
        target = self._room(s, buffer, size)
        received: list[bytes] = []
        lengths = map(len, received)
        (data,) = starmap(
            self.recv, ((s, len(target), flags),)
        )  # from here on nothing is called: no interrupt loses it
        received += (data,)
        (length,) = lengths
        target[:length] = data
        return length


def room_in(buffer: bytearray | memoryview, size: int) -> memoryview:
    """The bytes of a buffer that a receive may fill: `size` of them, or all."""
    check_size(size)
    view = memoryview(buffer).cast("B")
    if view.readonly:
        raise WinsockError(ErrorCode.WSAEFAULT, "the buffer cannot be written")
    if size > len(view):
        raise WinsockError(ErrorCode.WSAEINVAL, f"the buffer has room for {len(view)} bytes, and not for {size}")
    return view[: size or len(view)]


def check_size(size: int) -> None:
    """WSAEINVAL for what is no number of bytes."""
    if not isinstance(size, int) or size < 0:
        raise WinsockError(ErrorCode.WSAEINVAL, f"not a number of bytes: {size!r}")
