"""A lock with a fence: whoever has it may lose it to a timeout, and giving it back is work that may fail."""

from enum import Enum, auto

from quiesce.spec import Machine, activity, always, call, session, timeout, when


class Held(Enum):
    """Where the lock stands."""

    FREE = auto()
    TAKING = auto()
    MINE = auto()
    GIVING = auto()


class Lease(Machine):
    """A lease of one lock."""

    held: Held = Held.FREE

    holding = session("take", "give")

    @activity("acquire")
    def acquired(self) -> None:
        """Ours."""
        when(self.held == Held.TAKING)
        self.held = Held.MINE

    @activity("acquire", fails=True)
    def denied(self) -> None:
        """Somebody else's."""
        when(self.held == Held.TAKING)
        self.held = Held.FREE

    @activity("release")
    def released(self) -> None:
        """Nobody's."""
        when(self.held == Held.GIVING)
        self.held = Held.FREE

    @activity("release", fails=True)
    def forgotten(self) -> None:
        """It ends by itself."""
        when(self.held == Held.GIVING)
        self.held = Held.FREE

    @call("take")
    def take(self) -> None:
        """Ask for it."""
        when(self.held == Held.FREE)
        self.held = Held.TAKING

    @call("take", blocks=True, fair=[acquired, denied, released, forgotten])
    def wait(self) -> None:
        """Not now."""
        when(self.held in (Held.TAKING, Held.GIVING))

    @call("take", fails="BUSY")
    def busy(self) -> None:
        """It is taken."""
        when(self.held == Held.MINE)

    @call("give")
    def give(self) -> None:
        """Give it back."""
        when(self.held == Held.MINE)
        self.held = Held.GIVING

    @call("give", fails="NOT_HELD")
    def give_nothing(self) -> None:
        """There is nothing to give."""
        when(self.held != Held.MINE)

    @timeout("lease_time")
    def expired(self) -> None:
        """It was held for too long."""
        when(self.held == Held.MINE)
        self.held = Held.GIVING

    @always
    def fine(self) -> bool:
        """One of four."""
        return self.held in (Held.FREE, Held.TAKING, Held.MINE, Held.GIVING)
