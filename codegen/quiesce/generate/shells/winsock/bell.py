"""How one thread wakes another one that sleeps in the kernel: a pair of sockets."""

import contextlib
import socket
from collections import deque

from . import osdep


class Bell:
    """One end is waited for, the other is written to."""

    def __init__(self) -> None:
        """OSError if the system grants no sockets."""
        self.heard, self._rung = socket.socketpair()
        for end in (self.heard, self._rung):
            end.setblocking(False)
        self.ear = osdep.Ear(self.heard)
        """For a caller that waits for a socket and this bell."""

    def ring(self) -> None:
        """Make `heard` readable. Any thread may ring, at any moment, also when all is over."""
        with contextlib.suppress(OSError):  # full of rings already, or closed
            self._rung.send(b"\0")

    def hush(self) -> None:
        """Forget the rings so far."""
        with contextlib.suppress(BlockingIOError):
            self.heard.recv(4096)

    def close(self) -> None:
        """Give both ends back."""
        self.heard.close()
        self._rung.close()

    def __del__(self) -> None:
        """An interrupt may have lost the bell where it changed hands."""
        with contextlib.suppress(AttributeError):  # the system granted no sockets
            self.heard.close()
            self._rung.close()


class Bells:
    """Bells that nobody listens to at the moment; any thread borrows them and brings them back."""

    def __init__(self) -> None:
        self._idle: deque[Bell] = deque()
        self._over = True

    def open(self) -> None:
        """Keep what is brought back from now on."""
        self._over = False

    def borrow(self) -> Bell:
        """A bell of one's own. OSError if the system grants none."""
        try:
            return self._idle.pop()
        except IndexError:
            return Bell()

    def bring_back(self, bell: Bell) -> None:
        """Somebody else may have it."""
        self._idle.append(bell)
        if self._over:  # looked at after the append: else nobody would close it
            self.close()

    def close(self) -> None:
        """Give back all; those that are borrowed follow when they are brought back."""
        self._over = True
        with contextlib.suppress(IndexError):
            while True:
                self._idle.pop().close()
