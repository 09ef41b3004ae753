"""A wait that only a newcomer ends is declared to last for ever, as no newcomer has to come."""

from enum import Enum, auto

from quiesce.spec import Family, Machine, Member, New, environment, leads_to, when


class Phase(Enum):
    """Where the machine stands."""

    WAITING = auto()
    OVER = auto()


class Guest(Member):
    """Comes once, and stays."""

    here: bool = False


class Reception(Machine):
    """Waits for a guest of honour among any number of guests."""

    phase: Phase = Phase.WAITING
    guests: Family[Guest]

    @environment
    def welcome(self, guest: New[Guest]) -> None:
        """Another guest comes."""
        when(self.phase == Phase.WAITING)
        guest.here = True

    @environment
    def honour(self, guest: New[Guest]) -> None:
        """The guest of honour comes."""
        when(self.phase == Phase.WAITING)
        guest.here = True
        self.phase = Phase.OVER

    @leads_to(fair=[], expect="refuted")
    def wait_ends(self) -> tuple[bool, bool]:
        """False: the guest of honour may never come."""
        return self.phase == Phase.WAITING, self.phase == Phase.OVER
