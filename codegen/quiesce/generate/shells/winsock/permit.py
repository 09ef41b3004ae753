"""The rights that the owner lends to callers, each to take one short step alone.

CPython runs signal handlers, raises KeyboardInterrupt and changes threads after calls and at jumps back, and nowhere
else. The step between the taking and the giving back of a permit contains neither: an attribute is deleted, an iterator
is unpacked (which makes the one call of the kernel), an attribute is set. So a step is taken whole or not at all, and
nothing can be found half made but by another thread while the kernel is at work.
"""

import time
from collections.abc import Callable
from typing import Final, Generic, ParamSpec, TypeAlias, TypeVar

from .bell import Bell
from .version import Version, WSPData

P = ParamSpec("P")
T = TypeVar("T")
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


class Lane(Permit, Generic[P, T]):
    """The permit to make one call of the kernel on a socket: to send or to receive."""

    __slots__ = ("act", "sleepers")

    def __init__(self, act: Callable[P, T]) -> None:
        super().__init__()
        self.act = act
        self.sleepers: dict[Sleeper, None] = {}
        """Callers that wait on their own until the kernel has something for them."""

    def wake(self) -> None:
        """Let those who wait on their own look again."""
        for sleeper in tuple(self.sleepers):
            sleeper.bell.ring()

    def cancel(self) -> None:
        """Let those who wait on their own fail."""
        for sleeper in tuple(self.sleepers):
            sleeper.cancelled = True
            sleeper.bell.ring()


class SendLane(Lane[[Steady], int]):
    """The permit to send: to the kernel or, while something is queued that has to go first, to the `backlog`."""

    __slots__ = ("backlog", "count", "posting", "room", "sent")

    def __init__(self, act: Callable[[Steady], int]) -> None:
        super().__init__(act)
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


class Sleeper:
    """A caller that waits on its own."""

    __slots__ = ("bell", "cancelled")

    def __init__(self, bell: Bell) -> None:
        self.bell = bell
        self.cancelled = False
