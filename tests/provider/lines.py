"""One socket of the provider, as its peer sees it: what it was given, and what has arrived."""

import fcntl
import socket
import struct
import termios
from dataclasses import dataclass, field
from typing import Any, Final

PATTERN: Final = bytes(range(251)) * 5000
"""What every stream consists of, so that the place of a piece tells whether it is the right one."""


@dataclass(eq=False)
class Line:
    """One socket of the provider, with its peer."""

    index: int
    member: Any
    peer: socket.socket
    sent: int = 0
    received: int = 0
    given: int = 0
    """Bytes that the peer has sent."""
    taken: int = 0
    """Bytes of those that somebody has received, or waits for."""
    operations: list[Any] = field(default_factory=list)
    receives: list[Any] = field(default_factory=list)
    told: list[int] = field(default_factory=list)
    expected: int = 0
    """Reports of completions that are due by now."""
    shut: bool = False
    was_reset: bool = False
    gone: bool = False
    """The peer has reset the connection."""
    fate: str = "open"

    def cut(self) -> str:
        """What becomes of the stream if the connection is reset now: whoever was told of its end may not notice."""
        return "given up" if self.shut else "reset"

    def held_by_peer(self) -> int:
        """Bytes that have arrived, and that the peer has not read yet."""
        return int(struct.unpack("i", fcntl.ioctl(self.peer, termios.FIONREAD, bytes(4)))[0])

    def read(self, size: int) -> int:
        """Let the peer read at most so many bytes; how many it got. They are the right ones."""
        try:
            part = self.peer.recv(size)
        except BlockingIOError:
            return 0
        except ConnectionResetError:  # which the system tells only once
            self.was_reset = True
            return 0
        start = self.received % 251
        assert part == PATTERN[start : start + len(part)]
        self.received += len(part)
        return len(part)
