"""A wait that a newcomer ends is declared to last for ever, although a new member always exists."""

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

    @leads_to(fair=[honour], expect="refuted")
    def wait_ends(self) -> tuple[bool, bool]:
        """The wait ends, as the guest of honour comes sooner or later."""
        return self.phase == Phase.WAITING, self.phase == Phase.OVER
