"""The sleep of the I/O thread: a selector, and a pair of sockets that wakes the thread."""

import contextlib
import selectors
import socket
from typing import Final

from .connection import Connection

_SEES_CHANGES: Final = hasattr(selectors, "EpollSelector") or hasattr(selectors, "KqueueSelector")
"""Whether a selector that sleeps already notices what is registered with it meanwhile."""


class Watch:
    """Changed only with the provider's lock held; `select` sleeps without it."""

    def __init__(self) -> None:
        with contextlib.ExitStack() as undo:
            self._selector = selectors.DefaultSelector()
            undo.callback(self._selector.close)
            self._bell, self._ringer = socket.socketpair()
            undo.callback(self._bell.close)
            undo.callback(self._ringer.close)
            for end in (self._bell, self._ringer):
                end.setblocking(False)
            self._selector.register(self._bell, selectors.EVENT_READ)
            undo.pop_all()

    def update(self, connection: Connection) -> None:
        """Look for exactly the events that somebody waits for."""
        wanted = connection.interest()
        if wanted == connection.registered:
            return
        if not wanted:
            self._selector.unregister(connection.os_socket)
        elif connection.registered:
            self._selector.modify(connection.os_socket, wanted, connection)
        else:
            self._selector.register(connection.os_socket, wanted, connection)
        connection.registered = wanted
        if not _SEES_CHANGES:
            self.wake()

    def forget(self, connection: Connection) -> None:
        """Look no more; called before the handle is given back."""
        if connection.registered:
            self._selector.unregister(connection.os_socket)
            connection.registered = 0

    def wake(self) -> None:
        """Let `select` return soon."""
        with contextlib.suppress(BlockingIOError):  # full of rings already
            self._ringer.send(b"\0")

    def select(self, timeout: float | None) -> list[tuple[Connection, int]]:
        """Sleep at most `timeout` seconds, None for ever; what became ready."""
        try:
            found = self._selector.select(timeout)
        except OSError:
            return []  # only where sockets closed meanwhile upset the sleeper; they are forgotten by now
        ready = []
        for key, events in found:
            if isinstance(key.data, Connection):
                ready.append((key.data, events))
            else:
                with contextlib.suppress(BlockingIOError):
                    self._bell.recv(4096)
        return ready

    def close(self) -> None:
        """Give everything back. What is registered with the kernel is left alone: a forked parent may share it."""
        self._selector.close()
        self._bell.close()
        self._ringer.close()
