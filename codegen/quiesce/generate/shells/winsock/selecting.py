"""Waiting for several sockets at once."""

import time
from collections.abc import Iterable
from functools import partial
from selectors import EVENT_READ, EVENT_WRITE
from typing import TypeAlias

from . import osdep
from .calling import spi
from .connection import Connection
from .errors import ErrorCode, WinsockError
from .permit import HIGH_WATER
from .request import Plan, Steps, Until
from .sockets import Sockets
from .timers import deadline_of

Found: TypeAlias = tuple[list[int], list[int], list[int]]


class Selecting(Sockets):
    """The call that waits for any of many sockets."""

    @spi
    def select(
        self,
        readfds: Iterable[int] = (),
        writefds: Iterable[int] = (),
        exceptfds: Iterable[int] = (),
        timeout: float | None = None,
    ) -> Plan[Found]:
        """The descriptors that can be read, can be written, or failed to connect; `timeout` in seconds, None for ever.

        WSAEINVAL if no descriptor is given, WSAEFAULT if what is given cannot be gone through.
        """
        with osdep.USABLE:
            wanted = tuple(readfds), tuple(writefds), tuple(exceptfds)
        if not any(wanted):
            raise WinsockError(ErrorCode.WSAEINVAL)
        return Plan(steps=partial(self._select, wanted, deadline_of(timeout)))

    def _select(self, wanted: tuple[tuple[int, ...], ...], deadline: float | None) -> Steps[Found]:
        while True:
            groups = [{s: self._connection(s) for s in group} for group in wanted]  # closed meanwhile, perhaps
            for connection in groups[1].values():
                self._traffic.recall_sending(connection)  # to know what is queued
            found = _ready(groups)
            if any(found) or (deadline is not None and time.monotonic() >= deadline):
                return found
            events: dict[Connection, int] = {}
            for group, event in zip(groups, (EVENT_READ, EVENT_WRITE, EVENT_WRITE), strict=True):
                for connection in group.values():
                    waits = group is not groups[2] or (connection.connecting and not connection.has_peer())
                    # also without an event to wait for: a close or the last cleanup cancels the wait
                    events[connection] = events.get(connection, 0) | (event if waits else 0)
            yield Until(events, deadline)


def _ready(groups: list[dict[int, Connection]]) -> Found:
    reading, writing, failed = osdep.ready(*([c.os_socket for c in group.values()] for group in groups))
    return (
        [s for s, c in groups[0].items() if c.os_socket in reading or c.put_back],
        [s for s, c in groups[1].items() if c.os_socket in writing and c.queued < HIGH_WATER],
        [s for s, c in groups[2].items() if c.os_socket in failed],
    )
