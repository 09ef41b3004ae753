"""Reports of a provider: what a drain gave up, and counters of what was done since the provider was made."""

from collections.abc import Collection
from dataclasses import dataclass

from .connection import Connection
from .core import Phase, WinsockProviderCore
from .permit import Nesting


@dataclass(frozen=True, slots=True)
class Report:
    """The losses of a drain: how many sockets it had to give up, and how many of their bytes were never sent."""

    sockets: int = 0
    unsent_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Stats:
    """The deeds of a provider since it was made, in this process: all figures are of one moment, and only grow.

    Always `startups - cleanups` is the count of users, `sockets_opened - sockets_closed` the number of sockets in use
    (open ones and those that close), and `bytes_accepted - bytes_sent - bytes_given_up` what is queued here.
    """

    startups: int
    """Startups that succeeded."""
    cleanups: int
    """Those of them that were undone: by a cleanup, for a caller who was interrupted, or at the end of the process."""
    epochs: int
    """How often the provider came to run: by an initialisation, or by a startup that took a drain over."""
    drains: int
    """How often its last user has left, and a drain has begun."""
    drains_ended_early: int
    """Drains that gave something up, since their time was over."""
    sockets_opened: int
    sockets_closed: int
    """Sockets that were given back, in whatever way; a close in progress is not there yet."""
    sockets_reset: int
    """Those of them that the provider reset: hard closes, lingers that expired, and what a drain gave up."""
    connections_lost: int
    """Connections that broke while they were in use: the peer reset them, or the network failed."""
    bytes_accepted: int
    """Bytes that sends were given, and that were taken."""
    bytes_sent: int
    """Bytes of them that the operating system has taken."""
    bytes_given_up: int
    """Bytes of them that it will never get: their connection was lost or reset."""
    bytes_received: int
    """Bytes that receives got from the operating system; those of a peek do not count."""


@dataclass(slots=True)
class Tally:
    """The counters of the owner: of sockets that are in use no more, and of what it did itself for the others."""

    startups: int = 0
    opened: int = 0
    closed: int = 0
    reset: int = 0
    lost: int = 0
    accepted: int = 0
    given_up: int = 0
    received: int = 0
    received_alone: int = 0
    """Bytes that callers have received on their own. Each adds to it without a look for signals or other threads."""
    drains_ended_early: int = 0

    def drop(self, connection: Connection) -> None:
        """The socket is given back; what its connection has counted counts on here."""
        self.closed += 1
        self.lost += connection.failure != 0
        self.accepted += connection.sending.count
        self.given_up += connection.dropped
        self.received += connection.received

    def stats(self, core: WinsockProviderCore, nesting: Nesting, connections: Collection[Connection]) -> Stats:
        """All figures of this moment, at which nobody sends: the owner has all permits for that, and that to nest."""
        startups = self.startups + nesting.startups
        accepted = self.accepted + sum(one.sending.count for one in connections)
        given_up = self.given_up + sum(one.dropped for one in connections)
        return Stats(
            startups=startups,
            cleanups=startups - core.refs - nesting.count,
            epochs=core.epoch,
            drains=core.epoch - (core.phase is Phase.RUNNING),
            drains_ended_early=self.drains_ended_early,
            sockets_opened=self.opened,
            sockets_closed=self.closed,
            sockets_reset=self.reset,
            connections_lost=self.lost + sum(one.failure != 0 for one in connections),
            bytes_accepted=accepted,
            bytes_sent=accepted - given_up - sum(one.queued for one in connections),
            bytes_given_up=given_up,
            bytes_received=self.received + self.received_alone + sum(one.received for one in connections),
        )
