"""The rights that the owner lends to callers, each to take one short step alone.

CPython runs signal handlers, raises KeyboardInterrupt and changes threads after calls and at jumps back, and nowhere
else. The step between the taking and the giving back of a permit contains neither: an attribute is deleted, an iterator
is taken one step further (which makes the one call of the kernel), an attribute is set. So a step is taken whole or not
at all, and nothing can be found half made but by another thread while the kernel is at work.
"""

import time
from collections.abc import Callable, Iterator
from itertools import repeat
from operator import itemgetter
from typing import Final, TypeAlias

from .bell import Bell
from .version import Version, WSPData

HIGH_WATER: Final = 1 << 20
"""A send is taken while fewer bytes than this are queued, whatever its own size, as Windows does."""
Steady: TypeAlias = bytes | memoryview
"""Bytes that do not change: also a caller that was interrupted may leave them to the owner."""

PAUSE: Final = 0.00005
"""Seconds after which the owner looks again whether a step has ended, which is soon: it is one call of the kernel."""
LONGEST_STEP: Final = 1.0
"""Seconds after which a step is taken for one that never ends. Only a debugger or a tracer can bring that about."""


class Permit:
    """A step that one caller at a time may take, while the owner lends it. It belongs to the owner to begin with.

    Who has deleted `free` has the permit, and gives it back by setting `free`.
    """

    __slots__ = ("free", "wanted")
    free: bool

    def __init__(self) -> None:
        self.wanted = True
        """The owner has the permit, or waits for it: callers leave it alone."""

    def lend(self) -> None:
        """From now on callers may take it."""
        self.free = True
        self.wanted = False

    def take_back(self) -> bool:
        """Called by the owner: nobody may take it any more. False if a step does not end; then it is over with it."""
        if self.wanted:
            return True
        self.wanted = True
        end: float | None = None
        while True:
            try:
                del self.free
            except AttributeError:
                pass
            else:
                return True
            now = time.monotonic()
            end = now + LONGEST_STEP if end is None else end
            if now >= end:
                return False
            time.sleep(PAUSE)


class Nesting(Permit):
    """The permit to count a startup that only adds to others, or to undo one."""

    __slots__ = ("count", "known", "startups")

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        """Startups of which the core has not heard yet."""
        self.startups = 0
        """All startups that callers have counted on their own, those that were undone too."""
        self.known: tuple[Version, WSPData] | None = None
        """A version that startups ask for, and the answer; None if a startup may have more to say than that."""


class ReceiveLane(Permit):
    """The permit to receive from the kernel."""

    __slots__ = ("_receive", "attempts", "cancelled", "sleepers")

    def __init__(self, receive: Callable[[int], bytes]) -> None:
        super().__init__()
        self._receive = receive
        self.attempts = self.attempts_of(1)
        """A size, and an iterator each step of which receives at most so many bytes."""
        self.sleepers: dict[Bell, None] = {}
        """The bells of callers that wait on their own until the kernel has something for them."""
        self.cancelled = False
        """The socket is closed: who waits on their own fails."""

    def attempts_of(self, size: int) -> tuple[int, Iterator[bytes]]:
        """`attempts` of that size. Most callers ask for the same one again, and then nothing is made anew."""
        self.attempts = size, map(self._receive, repeat(size))
        return self.attempts

    def wake(self) -> None:
        """Let those who wait on their own look again."""
        for bell in tuple(self.sleepers):
            bell.ring()

    def cancel(self) -> None:
        """Let those who wait on their own fail."""
        self.cancelled = True
        self.wake()


class SendLane(Permit):
    """The permit to send: to the kernel or, while something is queued that has to go first, to the `backlog`."""

    __slots__ = ("attempts", "backlog", "count", "offered", "posting", "room", "sent")

    def __init__(self, send: Callable[[Steady], int]) -> None:
        super().__init__()
        self.offered: list[Steady] = [b""]
        """One piece, which the next attempt sends; an empty one between two sends, so that no memory is kept."""
        self.attempts = map(send, map(itemgetter(0), repeat(self.offered)))
        """An iterator each step of which sends what is `offered`, and says how many bytes the kernel has taken."""
        self.posting = False
        """The kernel is full: what is sent goes to the backlog, and the owner fetches it from there."""
        self.backlog: list[Steady] = []
        self.sent = 0
        """How many bytes of the first piece of the backlog the kernel has already."""
        self.count = 0
        """Bytes that callers have sent on their own."""
        self.room = 0
        """The backlog takes more while this is above 0; a piece is taken whole, whatever its size."""

    def lend_with(self, queued: int) -> None:
        """Lend it behind so many bytes that are queued."""
        self.posting = queued > 0
        self.room = HIGH_WATER - queued
        self.lend()
