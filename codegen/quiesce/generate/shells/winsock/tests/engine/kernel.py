"""Sockets without an operating system: whatever happens to one happens at once, and always in the same way.

They are as Linux has them, as far as the package can tell, but for their buffers, which hold a few bytes: so a send of
six has to wait for its peer. What arrives at a peer counts as acknowledged.
"""

import errno
import socket
import struct
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from ..schedules.states import Apart
from ..schedules.threads import always
from .delays import Delayed
from .likeness import ANYTHING, Touched, changes

ROOM: Final = 3
"""Bytes that one side of a connection holds until they are sent, and that the other one holds until they are read."""
MUCH: Final = 4096
"""The same for pairs of sockets inside a process."""
Buffer: TypeAlias = bytes | bytearray | memoryview
TCP_INFO: Final = 11
_CLOSED: Final = 7
"""How Linux tells, by TCP_INFO, that a connection is over."""


class Pipe:
    """One direction of a connection."""

    def __init__(self, name: str, room: int) -> None:
        self.name = name
        self.room = room
        self.held = bytearray()
        """Bytes that the side that sends still holds."""
        self.arrived = bytearray()
        self.ending = False
        """The end of the stream follows the bytes."""
        self.cut = 0
        """Why nothing comes any more, as a number of `errno`; 0 as long as something may."""

    def push(self) -> None:
        """Move what there is room for."""
        fits = self.room - len(self.arrived)
        self.arrived += self.held[:fits]
        del self.held[:fits]

    @property
    def ended(self) -> bool:
        """Whether the end of the stream has arrived."""
        return self.ending and not self.held

    def reset(self, forgets: bool) -> None:
        """Drop what has not arrived; or all that was not read, if the side that receives `forgets` that, too."""
        if forgets:
            self.arrived.clear()
        if forgets or not self.ended:
            self.held.clear()
            self.cut = errno.ECONNRESET


class Socket(Apart):
    """One end of a connection, or a socket that is none yet."""

    def __init__(self, kernel: "Kernel", family: int, kind: int, own: bool) -> None:
        self.family = family
        self.type = kind
        self.own = own
        """Whether the package has it, and not a peer."""
        self.sent = 0
        """Bytes that were taken from its owner."""
        self._kernel = kernel
        self._number = kernel.number_for(self)
        self._name = kernel.world.name_for("socket")
        self._into: Pipe | None = None
        self._out: Pipe | None = None
        self.is_bell = False
        """Whether threads of this process wake each other with it."""
        self._blocking = True
        self._hard = False
        self._port = 0
        self.backlog: deque[Socket] | None = None
        """Connections that nobody has accepted yet; None if it does not listen."""

    # What people do with a socket.

    def fileno(self) -> int:
        """The handle; -1 when it was given back."""
        return self._number

    def setblocking(self, blocking: bool) -> None:
        """Whether calls wait."""
        self._blocking = blocking

    def getpeername(self) -> tuple[str, int]:
        """The address of the peer."""
        self._kernel.point("getpeername", self.touches())
        if self._out is None or self._out.cut:
            raise OSError(errno.ENOTCONN, "not connected")
        return "127.0.0.1", self._port

    def getsockname(self) -> tuple[str, int]:
        """The address of its own."""
        return "127.0.0.1", self._port

    def bind(self, address: tuple[str, int]) -> None:
        """Give it an address."""
        self._port = address[1]

    def listen(self, _backlog: int = 0) -> None:
        """Let peers connect."""
        self.backlog = deque()
        self._kernel.listeners[self._port] = self

    def connect(self, address: tuple[str, int]) -> None:
        """Connect to whoever listens there."""
        self._kernel.point("connect")
        self._check()
        listener = self._kernel.listeners.get(address[1])
        if listener is None or listener.backlog is None:
            raise ConnectionRefusedError(errno.ECONNREFUSED, "nobody listens")
        peer = Socket(self._kernel, self.family, self.type, own=listener.own)
        self.join(peer, self._kernel.room)
        self._port = peer._port = address[1]
        if self.own:
            self._kernel.streams[address[1]] = self
        listener.backlog.append(peer)

    def join(self, other: "Socket", room: int) -> None:
        """Make a connection."""
        self._out = other._into = Pipe(self._kernel.world.name_for("pipe"), room)
        self._into = other._out = Pipe(self._kernel.world.name_for("pipe"), room)

    def accept(self) -> tuple["Socket", tuple[str, int]]:
        """The next connection."""
        self._wait("accept", self.is_readable)
        self._check()
        if not self.backlog:
            raise BlockingIOError(errno.EAGAIN, "nobody there")
        made = self.backlog.popleft()
        if made.own:
            self._kernel.streams[self._port] = made
        return made, ("127.0.0.1", self._port)

    def send(self, data: Buffer, _flags: int = 0) -> int:
        """Hand bytes over, as many as there is room for."""
        self._wait("send", self.is_writable)
        self._check()
        if self._out is None:
            raise BrokenPipeError(errno.EPIPE, "not connected")
        if self._out.cut or self._out.ending:
            raise _failure(self._out.cut or errno.EPIPE)
        given = bytes(data)
        taken = given[: self._out.room - len(self._out.held)]
        if given and not taken:
            raise BlockingIOError(errno.EAGAIN, "no room")
        self._out.held += taken
        self.sent += len(taken)
        self._out.push()
        return len(taken)

    def sendmsg(self, buffers: Sequence[Buffer]) -> int:
        """The same for several buffers."""
        return self.send(b"".join(bytes(each) for each in buffers))

    def recv(self, size: int, flags: int = 0) -> bytes:
        """The bytes that have arrived, at most `size`; none after the end of the stream."""
        self._wait("recv", self.is_readable)
        self._check()
        if self._into is None:
            raise _failure(errno.ENOTCONN)
        found = bytes(self._into.arrived[:size])
        if found:
            if not flags & socket.MSG_PEEK:
                del self._into.arrived[:size]
                self._into.push()
            return found
        if self._into.cut:
            why, self._into.cut, self._into.ending = self._into.cut, 0, True  # which is told once
            raise _failure(why)
        if self._into.ended:
            return b""
        raise BlockingIOError(errno.EAGAIN, "nothing there")

    def shutdown(self, how: int) -> None:
        """End one direction, or both."""
        self._kernel.point("shutdown", self.touches())
        self._check()
        if self._out is None or self._out.cut:
            raise _failure(errno.ENOTCONN)
        if how in (socket.SHUT_WR, socket.SHUT_RDWR):
            self._out.ending = True

    def setsockopt(self, level: int, option: int, value: int | bytes) -> None:
        """Of all options, only how it is closed makes a difference."""
        if (level, option) == (socket.SOL_SOCKET, socket.SO_LINGER) and isinstance(value, bytes):
            self._hard = struct.unpack("ii", value) == (1, 0)

    def getsockopt(self, level: int, option: int, size: int = 0) -> int | bytes:
        """Whether the connection is over, where that is asked; nothing goes wrong in the background."""
        if size and (level, option) == (socket.IPPROTO_TCP, TCP_INFO):
            self._kernel.point("getsockopt", self.touches())
            return bytes([_CLOSED if self._out is None or self._out.cut else 1])
        return 0

    def drop(self) -> None:
        """Close it at once, with a reset."""
        self._hard = True
        self.close()

    def close(self) -> None:
        """Give the handle back. Unless the close is hard, what is held is still sent."""
        if self._number < 0:
            return
        self._kernel.point("close", self.touches())
        self._kernel.give_back(self._number)
        self._number = -1
        for waiting in self.backlog or ():
            waiting.drop()
        if self._out is None or self._into is None:
            return
        if self._hard or self._into.arrived:  # unread bytes bring a reset about, too
            self._out.reset(self._kernel.forgetful)
        self._out.ending = True
        if not self._into.ended:
            self._into.reset(self._kernel.forgetful)

    # What the kernel tells.

    def outgoing(self) -> int:
        """Bytes that have not arrived; the end of the stream counts as one."""
        self._kernel.point("ioctl", self.touches())
        return 0 if self._out is None else len(self._out.held) + (self._out.ending and not self._out.ended)

    def incoming(self) -> int:
        """Bytes that have arrived."""
        self._kernel.point("ioctl", self.touches())
        return 0 if self._into is None else len(self._into.arrived)

    def is_readable(self) -> bool:
        """Whether a receive, or an accept, would not have to wait."""
        if self.backlog is not None:
            return bool(self.backlog)
        return self._into is not None and bool(self._into.arrived or self._into.cut or self._into.ended)

    def is_writable(self) -> bool:
        """Whether a send would not have to wait."""
        if self._out is None:
            return False
        return bool(self._out.cut or self._out.ending) or len(self._out.held) < self._out.room

    def touches(self) -> Touched:
        """The things that are touched by a call about this socket."""
        known = [each.name for each in (self._into, self._out) if each is not None]
        return changes(*(known or [self._name]))

    def _wait(self, what: str, ready: Callable[[], bool]) -> None:
        goes_on = (lambda: self._number < 0 or ready()) if self._blocking else always
        self._kernel.point(what, self.touches(), goes_on)

    def _check(self) -> None:
        if self._number < 0:
            raise OSError(errno.EBADF, "closed")


def _failure(number: int) -> OSError:
    return OSError(number, errno.errorcode[number])


class Kernel(Apart):
    """All sockets of a run."""

    def __init__(self, world: Delayed, room: int = ROOM) -> None:
        self.world = world
        self.forgetful = False
        """A reset takes from the other side what it has not read, as on Windows; on Linux it keeps that."""
        self.over = False
        """The run of this kernel has ended."""
        self.room = room
        self.handles: dict[int, Socket] = {}
        self.listeners: dict[int, Socket] = {}
        self.streams: dict[int, Socket] = {}
        """The sockets by which the package is connected to others, by their ports."""
        self.selectors = 0
        """Selectors that were not given back."""

    def point(self, what: str, touches: Touched = ANYTHING, ready: Callable[[], bool] = always) -> None:
        """A call of the system, before which another thread may go on; one that waits goes on when it is `ready`."""
        if not self.over and not self.world.over:  # else a finalizer gives a handle back
            self.world.will_touch(touches)
            self.world.switch(what, ready)

    def number_for(self, made: Socket) -> int:
        """The lowest handle that is free, as POSIX has it."""
        number = 3
        while number in self.handles:
            number += 1
        self.handles[number] = made
        return number

    def give_back(self, number: int) -> None:
        """A handle that is free again."""
        del self.handles[number]

    def pair(self) -> tuple[Socket, Socket]:
        """Two ends of a connection inside the process."""
        one, other = (Socket(self, socket.AF_INET, socket.SOCK_STREAM, own=True) for _ in range(2))
        one.is_bell = other.is_bell = True
        one.join(other, MUCH)
        return one, other

    def of_the_package(self) -> list[Socket]:
        """The sockets that the package has not given back."""
        return [each for each in self.handles.values() if each.own]
