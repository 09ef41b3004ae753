"""Waiting for several sockets at once."""

import time
from collections.abc import Iterable
from selectors import EVENT_READ, EVENT_WRITE

from . import osdep
from .calling import spi
from .connection import HIGH_WATER, Connection
from .errors import ErrorCode, WinsockError
from .sockets import Sockets


class Selecting(Sockets):
    """The call that waits for any of many sockets."""

    @spi
    def select(
        self,
        readfds: Iterable[int] = (),
        writefds: Iterable[int] = (),
        exceptfds: Iterable[int] = (),
        timeout: float | None = None,
    ) -> tuple[list[int], list[int], list[int]]:
        """The descriptors that can be read, can be written, or failed to connect; `timeout` in seconds, None for ever.

        WSAEINVAL if no descriptor is given.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        wanted = tuple(readfds), tuple(writefds), tuple(exceptfds)
        self._require_running()
        if not any(wanted):
            raise WinsockError(ErrorCode.WSAEINVAL)
        with self._lock:
            groups = [{s: self._connection(s) for s in group} for group in wanted]
            while True:
                reading, writing, failed = osdep.ready(*([c.os_socket for c in group.values()] for group in groups))
                found = (
                    [s for s, c in groups[0].items() if c.os_socket in reading],
                    [s for s, c in groups[1].items() if c.os_socket in writing and c.queued < HIGH_WATER],
                    [s for s, c in groups[2].items() if c.os_socket in failed],
                )
                if any(found) or (deadline is not None and time.monotonic() >= deadline):
                    return found
                events: dict[Connection, int] = {}
                for group, event in zip(groups, (EVENT_READ, EVENT_WRITE, EVENT_WRITE), strict=True):
                    for connection in group.values():
                        if group is not groups[2] or (connection.connecting and not connection.has_peer()):
                            events[connection] = events.get(connection, 0) | event
                self._wait(events, deadline)
