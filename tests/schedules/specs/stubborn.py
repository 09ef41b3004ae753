"""Work that says itself that it has to be done once more."""

from enum import Enum, auto

from quiesce.spec import Answer, Machine, Nat, activity, call, when


class Phase(Enum):
    """Where it stands."""

    DOWN = auto()
    OPENING = auto()
    UP = auto()


class Stubborn(Machine):
    """Asks until there is an answer."""

    phase: Phase = Phase.DOWN
    tries: Nat = 0

    @activity("ask")
    def answered(self, there: Answer[bool]) -> None:
        """There it is."""
        when(self.phase == Phase.OPENING)
        when(there)
        self.phase = Phase.UP

    @activity("ask")
    def once_more(self, there: Answer[bool]) -> None:
        """Not yet: ask again."""
        when(self.phase == Phase.OPENING)
        when(not there)
        self.tries += 1

    @activity("ask", fails=True)
    def broken(self) -> None:
        """Nobody to ask: ask again."""
        when(self.phase == Phase.OPENING)
        self.tries += 1

    @call("start")
    def start_it(self) -> None:
        """Begin."""
        when(self.phase == Phase.DOWN)
        self.phase = Phase.OPENING

    @call("start", fails="STARTED")
    def start_twice(self) -> None:
        """Again."""
        when(self.phase != Phase.DOWN)

    @call("stop")
    def stop_it(self) -> None:
        """End."""
        when(self.phase == Phase.UP)
        self.phase = Phase.DOWN

    @call("stop", fails="NOT_UP")
    def stop_nothing(self) -> None:
        """Not up."""
        when(self.phase != Phase.UP)
