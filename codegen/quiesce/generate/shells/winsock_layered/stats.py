"""Counters of what a layer did since it was made: those of its states, and those of the bytes that went through it."""

from typing import Any, Final

from winsock_provider import ErrorCode, Overlapped, Stats

from .core import Phase
from .history import History
from .states import Endpoint

LOST: Final = frozenset(
    {
        ErrorCode.WSAENETRESET,
        ErrorCode.WSAECONNABORTED,
        ErrorCode.WSAECONNRESET,
        ErrorCode.WSAETIMEDOUT,
    }
)
"""Failures of a send or a receive after which a connection is of no use any more."""
MANY: Final = 16
"""Receives under way from which on it is looked which of them have ended."""


class Tally:
    """The counters of calls. Each adds to them without a look for signals or other threads, as `passing` tells."""

    __slots__ = ("_many", "accepted", "lost", "received", "receives")

    def __init__(self) -> None:
        self.accepted = 0
        self.received = 0
        self.lost = 0
        self.receives: dict[Overlapped[Any], Endpoint] = {}
        """Overlapped receives that were under way when it was last looked."""
        self._many = MANY

    def lose(self, endpoint: Endpoint, error: int) -> None:
        """A send or a receive has failed; if it was the connection that broke, it broke once."""
        origin = endpoint.origin
        if error in LOST and not origin.lost:
            origin.lost = True
            self.lost += 1

    def settle_many(self) -> None:
        """Forget receives that have ended, from time to time."""
        if len(self.receives) >= self._many:
            self.settle()
            self._many = 2 * len(self.receives) + MANY

    def settle(self) -> None:
        """Count the bytes of overlapped receives that have ended."""
        for operation, endpoint in self.receives.copy().items():
            if not operation.done:
                continue
            self.lose(endpoint, operation.error())
            transferred = operation.transferred
            try:
                del self.receives[operation]  # whoever deletes it counts it, and nothing comes between
                self.received += transferred
            except KeyError:
                pass


def stats_of(history: History, tally: Tally) -> Stats:
    """All figures of one moment: that in which the newest state is seen to have none after it."""
    tally.settle()
    while True:
        state = history.now()
        accepted, received, lost = tally.accepted, tally.received, tally.lost
        if not state.after:
            break
    return Stats(
        startups=state.startups,
        cleanups=state.startups - state.refs,
        epochs=state.epoch,
        drains=state.epoch - (state.phase is Phase.RUNNING),
        drains_ended_early=state.drains_ended_early,
        sockets_opened=state.sockets_opened,
        sockets_closed=state.sockets_opened - len({endpoint.origin for endpoint in state.members}),
        sockets_reset=state.sockets_reset,
        connections_lost=lost,
        bytes_accepted=accepted,
        bytes_sent=accepted,
        bytes_given_up=0,
        bytes_received=received,
    )
