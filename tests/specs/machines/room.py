from enum import Enum, auto

from quiesce.spec import Machine, Nat, always, call, environment, leads_to, recoverable, step, when


class Light(Enum):
    """Whether anybody is inside."""

    OFF = auto()
    ON = auto()


class Counter(Machine):
    """People in a room, and the light that they need."""

    light: Light = Light.OFF
    people: Nat = 0
    visits: Nat = 0

    @call("enter")
    def enter(self) -> None:
        """One more."""
        self.people += 1
        self.visits += 1
        self.light = Light.ON

    @call("leave")
    def leave(self) -> None:
        """One of several."""
        when(self.people > 1)
        self.people -= 1

    @call("leave")
    def leave_last(self) -> None:
        """The last one."""
        when(self.people == 1)
        self.people = 0
        self.light = Light.OFF

    @call("leave", fails="NOBODY")
    def nobody(self) -> None:
        """There is nobody to leave."""
        when(self.people == 0)

    @environment
    def cool(self) -> None:
        """A step that makes no difference where nobody was."""
        when(self.visits > 0 and self.people == 0)
        self.visits = 0

    @always
    def lit_while_used(self) -> bool:
        """Nobody stands in the dark."""
        return (self.people > 0) == (self.light == Light.ON)
