"""Waiting for several sockets at once, as the selectors and the `poll` of the standard library do it."""

import errno
import math
import struct
from collections.abc import Iterator, Sequence
from functools import reduce
from operator import or_
from selectors import EVENT_READ, EVENT_WRITE
from typing import Any, Final, NamedTuple

from ..schedules.states import Apart
from .kernel import Kernel, Socket
from .likeness import Touched

POLLIN: Final = 1
POLLPRI: Final = 2
POLLOUT: Final = 4
POLLERR: Final = 8
POLLHUP: Final = 16
POLLNVAL: Final = 32


class Key(NamedTuple):
    """A socket that is waited for."""

    fileobj: Socket
    fd: int
    events: int
    data: Any


class Selector(Apart):
    """The selector of a thread."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._keys: dict[int, Key] = {}
        kernel.selectors += 1

    def register(self, fileobj: Socket, events: int, data: object = None) -> None:
        """Wait for this one, too."""
        if fileobj.fileno() < 0:
            raise ValueError("closed")
        if fileobj.fileno() in self._keys:
            raise KeyError("registered already")
        self._keys[fileobj.fileno()] = Key(fileobj, fileobj.fileno(), events, data)

    def modify(self, fileobj: Socket, events: int, data: object = None) -> None:
        """Wait for other events of it."""
        self.unregister(fileobj)
        self.register(fileobj, events, data)

    def unregister(self, fileobj: Socket) -> None:
        """Wait for it no more."""
        del self._keys[fileobj.fileno()]

    def select(self, timeout: float | None = None) -> list[tuple[Key, int]]:
        """Those that are ready, as soon as there is one or the time is over."""
        world = self._kernel.world
        end = math.inf if timeout is None else world.now + max(timeout, 0)
        world.will_touch(_together([key.fileobj for key in self._keys.values()]))
        world.switch("select", lambda: any(self._ready()), end)
        return list(self._ready())

    def _ready(self) -> Iterator[tuple[Key, int]]:
        for key in self._keys.values():
            found = (EVENT_READ * key.fileobj.is_readable() | EVENT_WRITE * key.fileobj.is_writable()) & key.events
            if found and key.fileobj.fileno() >= 0:
                yield key, found

    def close(self) -> None:
        """Give it back."""
        if self._keys is not _NOTHING:
            self._keys = _NOTHING
            self._kernel.selectors -= 1


_NOTHING: Final[dict[int, Key]] = {}


class Poll(Apart):
    """An object of `select.poll`."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._wanted: dict[int, int] = {}

    def register(self, one: Socket | int, events: int) -> None:
        """Wait for this one, too."""
        number = one if isinstance(one, int) else one.fileno()
        if number < 0:
            raise ValueError("file descriptor cannot be a negative integer (-1)")
        self._wanted[number] = events

    def unregister(self, number: int) -> None:
        """Wait for it no more."""
        del self._wanted[number]

    def poll(self, milliseconds: float | None = None) -> list[tuple[int, int]]:
        """Those that are ready, as soon as there is one or the time is over. A handle that was given back is."""
        world, handles = self._kernel.world, self._kernel.handles
        known = {number: handles.get(number) for number in self._wanted}  # also if it is given back meanwhile
        end = math.inf if milliseconds is None else world.now + milliseconds / 1000

        def ready() -> Iterator[tuple[int, int]]:
            for number, wanted in self._wanted.items():
                one = known[number]
                if one is None:
                    yield number, POLLNVAL
                elif found := (POLLIN * one.is_readable() | POLLOUT * one.is_writable()) & wanted:
                    yield number, found

        world.will_touch(_together([one for one in known.values() if one is not None]))
        world.switch("poll", lambda: any(ready()), end)
        return list(ready())


def _together(sockets: Sequence[Socket]) -> Touched:
    """The things that are touched by a wait for all of them."""
    return reduce(or_, (one.touches() for one in sockets), Touched())


def control(kernel_socket: Socket, request: int, _argument: bytes) -> bytes:
    """The requests of `ioctl` that are used: how much is still held, and how much has arrived."""
    match request:
        case 1:
            held = kernel_socket.outgoing()
        case 2:
            held = kernel_socket.incoming()
        case _:
            raise OSError(errno.EINVAL, "no such request")
    return struct.pack("i", held)


TIOCOUTQ: Final = 1
FIONREAD: Final = 2
