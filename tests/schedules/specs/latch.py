"""A latch that is open for a while: work and a timeout have the same name."""

from enum import Enum, auto

from quiesce.spec import Answer, Machine, Nat, activity, call, timeout, when


class Phase(Enum):
    """Where the latch stands."""

    SHUT = auto()
    OPENING = auto()
    OPEN = auto()


class Latch(Machine):
    """A latch."""

    phase: Phase = Phase.SHUT
    width: Nat = 0

    @activity("open")
    def opened(self, width: Answer[Nat], whole: Answer[bool]) -> None:
        """It is open, more or less."""
        when(self.phase == Phase.OPENING)
        self.phase = Phase.OPEN
        self.width = width if whole else 0

    @activity("open", fails=True)
    def jammed(self) -> None:
        """It could not be opened."""
        when(self.phase == Phase.OPENING)
        self.phase = Phase.SHUT

    @timeout("open")
    def shut(self) -> None:
        """It was open for long enough."""
        when(self.phase == Phase.OPEN)
        self.phase = Phase.SHUT
        self.width = 0

    @call("push")
    def push(self) -> None:
        """It opens."""
        when(self.phase == Phase.SHUT)
        self.phase = Phase.OPENING

    @call("push", fails="OPEN")
    def push_in_vain(self) -> None:
        """It is open, or about to be."""
        when(self.phase != Phase.SHUT)
