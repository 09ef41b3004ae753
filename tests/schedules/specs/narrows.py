"""A gate that opens only if its measuring says a word that is not the first, and only after a measuring that failed."""

from enum import Enum, auto

from quiesce.spec import Answer, Machine, activity, call, when


class Phase(Enum):
    """Where the gate stands."""

    SHUT = auto()
    MEASURING = auto()
    OPEN = auto()
    ENTERED = auto()
    SLAMMING = auto()
    DIRTY = auto()
    CLEANED = auto()
    POLISHING = auto()


class Narrows(Machine):
    """A gate to a place that is narrow."""

    phase: Phase = Phase.SHUT

    @activity("measure")
    def wide(self, narrow: Answer[bool]) -> None:
        """There is room."""
        when(self.phase == Phase.MEASURING)
        when(not narrow)
        self.phase = Phase.OPEN

    @activity("measure")
    def too_narrow(self, narrow: Answer[bool]) -> None:
        """There is none."""
        when(self.phase == Phase.MEASURING)
        when(narrow)
        self.phase = Phase.SHUT

    @activity("measure", fails=True)
    def unmeasured(self) -> None:
        """Nothing could be seen."""
        when(self.phase == Phase.MEASURING)
        self.phase = Phase.DIRTY

    @activity("slam")
    def slammed(self) -> None:
        """It fell shut."""
        when(self.phase == Phase.SLAMMING)
        self.phase = Phase.SHUT

    @activity("polish")
    def polished(self) -> None:
        """All can be seen."""
        when(self.phase == Phase.POLISHING)
        self.phase = Phase.SHUT

    @call("open")
    def open_it(self) -> None:
        """See whether it can be opened."""
        when(self.phase == Phase.SHUT)
        self.phase = Phase.MEASURING

    @call("open", fails="NOT_SHUT")
    def open_twice(self) -> None:
        """It is not shut."""
        when(self.phase != Phase.SHUT)

    @call("go_on")
    def enter(self) -> None:
        """Go in."""
        when(self.phase == Phase.OPEN)
        self.phase = Phase.ENTERED

    @call("go_on")
    def clean(self) -> None:
        """See to what nothing could be seen of."""
        when(self.phase == Phase.DIRTY)
        self.phase = Phase.CLEANED

    @call("go_on", fails="NOT_OPEN")
    def not_open(self) -> None:
        """It is neither open nor dirty."""
        when(self.phase != Phase.OPEN)
        when(self.phase != Phase.DIRTY)

    @call("finish")
    def shut_it(self) -> None:
        """Let it fall."""
        when(self.phase == Phase.ENTERED)
        self.phase = Phase.SLAMMING

    @call("finish")
    def polish_it(self) -> None:
        """Make it shine."""
        when(self.phase == Phase.CLEANED)
        self.phase = Phase.POLISHING

    @call("finish", fails="NOT_ENTERED")
    def not_entered(self) -> None:
        """There is nothing to finish."""
        when(self.phase != Phase.ENTERED)
        when(self.phase != Phase.CLEANED)
