"""A wait that nothing fair ends is declared to last for ever."""

from enum import Enum, auto

from quiesce.spec import Machine, Nat, environment, leads_to, when


class Phase(Enum):
    """Where the machine stands."""

    WAITING = auto()
    OVER = auto()


class Patience(Machine):
    """Waits until enough arrives at once."""

    phase: Phase = Phase.WAITING

    @environment
    def arrive(self, n: Nat) -> None:
        """A hundred are not enough; it is always possible that more arrive."""
        when(self.phase == Phase.WAITING and n > 100)
        self.phase = Phase.OVER

    @leads_to(fair=[], expect="refuted")
    def wait_ends(self) -> tuple[bool, bool]:
        """False: nothing has to arrive, however long it could."""
        return self.phase == Phase.WAITING, self.phase == Phase.OVER
