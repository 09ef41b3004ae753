"""The sleep of the owner's thread: a selector, and a bell that wakes the thread."""

import contextlib
import selectors
from collections.abc import Iterable

from .bell import Bell
from .connection import Connection


class Watch:
    """Used by the owner's thread alone, but for `ring`."""

    def __init__(self) -> None:
        with contextlib.ExitStack() as undo:
            self._selector = selectors.DefaultSelector()
            undo.callback(self._selector.close)
            self._bell = Bell()
            undo.callback(self._bell.close)
            self._selector.register(self._bell.heard, selectors.EVENT_READ)
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

    def forget(self, connection: Connection) -> None:
        """Look no more; called before the handle is given back."""
        if connection.registered:
            connection.registered = 0
            with contextlib.suppress(KeyError, ValueError, OSError):  # it was not looked for after all
                self._selector.unregister(connection.os_socket)

    def ring(self) -> None:
        """Let `select` return soon. Any thread may ring, at any moment, also when all is over."""
        self._bell.ring()

    def select(self, timeout: float | None) -> list[tuple[Connection, int]]:
        """Sleep at most `timeout` seconds, None for ever; what became ready. OSError if the selector is broken."""
        ready = []
        for key, events in self._selector.select(timeout):
            if isinstance(key.data, Connection):
                ready.append((key.data, events))
            else:
                self._bell.hush()
        return ready

    def rebuild(self, connections: Iterable[Connection]) -> None:
        """Begin anew with a selector that knows what somebody waits for, whatever the old one believed."""
        with contextlib.suppress(Exception):
            self._selector.close()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._bell.heard, selectors.EVENT_READ)
        for connection in connections:
            connection.registered = 0
            if not connection.closed:
                self.update(connection)

    def close(self) -> None:
        """Give everything back. What is registered with the kernel is left alone: a forked parent may share it."""
        self._selector.close()
        self._bell.close()
