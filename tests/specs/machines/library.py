from enum import Enum, auto

from quiesce.spec import (
    Machine,
    Nat,
    Requirement,
    accepts,
    always,
    assume,
    call,
    enabled,
    implies,
    initially,
    internal,
    leads_to,
    policy,
    pristine,
    recoverable,
    refuses,
    step,
    when,
)


class Phase(Enum):
    """Where the library stands."""

    OFF = auto()
    ON = auto()
    LEAVING = auto()


class Rest(Enum):
    """What is left of the work when all have gone."""

    GONE = auto()
    KEPT = auto()
    LOST = auto()


REST = policy(Rest.LOST, Rest.GONE, Rest.KEPT)


class Library(Machine):
    """Counts its users and their work; under some policies work is left when it is off."""

    phase: Phase = Phase.OFF
    users: Nat = 0
    work: Nat = 0

    @call("enter")
    def enter(self) -> None:
        """One more user."""
        when(self.phase != Phase.LEAVING)
        self.phase = Phase.ON
        self.users += 1
        self.work += 1

    @call("enter", fails="LEAVING")
    def enter_late(self) -> None:
        """The last one is about to go."""
        when(self.phase == Phase.LEAVING)

    @call("leave")
    def leave(self) -> None:
        """One user less."""
        when(self.phase == Phase.ON)
        assume(self.work > 0, "who leaves has something to finish")
        self.users -= 1
        if self.users == 0:
            self.phase = Phase.LEAVING

    @call("leave", fails="NOBODY")
    def leave_too_often(self) -> None:
        """Nobody is here."""
        when(self.phase != Phase.ON)

    @internal
    def finish(self) -> None:
        """The last one has gone."""
        when(self.phase == Phase.LEAVING and REST != Rest.LOST)
        self.phase = Phase.OFF
        if REST == Rest.GONE:
            self.work = 0

    @internal
    def drop(self) -> None:
        """Work is done."""
        when(self.work > 0 and self.phase == Phase.ON)
        self.work -= 1

    @always
    def on_while_used(self) -> bool:
        """Whoever is in is in while it is on."""
        return (self.users > 0) == (self.phase == Phase.ON)
