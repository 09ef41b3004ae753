from enum import Enum, auto

from quiesce.spec import (
    Machine,
    Nat,
    Requirement,
    always,
    call,
    implies,
    internal,
    leads_to,
    pristine,
    recoverable,
    step,
    when,
)

R1 = Requirement("R1", "Started means counted.", "nowhere")


class Phase(Enum):
    """Where the service stands."""

    OFF = auto()
    ON = auto()
    DRAINING = auto()


class Counted(Machine):
    """Starts with the first user; drains after the last."""

    phase: Phase = Phase.OFF
    users: Nat = 0

    @call("Start")
    def start(self) -> None:
        """One more user."""
        when(self.phase != Phase.DRAINING)
        self.phase = Phase.ON
        self.users += 1

    @call("Start", fails="BUSY")
    def busy(self) -> None:
        """Still draining."""
        when(self.phase == Phase.DRAINING)

    @call("Stop")
    def stop(self) -> None:
        """One user less."""
        when(self.users > 0)
        self.users -= 1
        if self.users == 0:
            self.phase = Phase.DRAINING

    @call("Stop", fails="EXCESS")
    def excess(self) -> None:
        """Nobody to stop for."""
        when(self.users == 0)

    @internal
    def drained(self) -> None:
        """Nothing is left."""
        when(self.phase == Phase.DRAINING)
        self.phase = Phase.OFF

    @always(satisfies=R1)
    def on_means_used(self) -> bool:
        """Users exist exactly while it is on."""
        return (self.phase == Phase.ON) == (self.users > 0)
