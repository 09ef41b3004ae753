from enum import Enum, auto

from quiesce.spec import (
    Machine,
    Nat,
    call,
    environment,
    internal,
    leads_to,
    recoverable,
    when,
)


class Phase(Enum):
    """Where the service stands."""

    UP = auto()
    DRAINING = auto()
    DOWN = auto()


class Service(Machine):
    """Takes bytes while it is up, and sends them before it is down."""

    phase: Phase = Phase.UP
    unsent: Nat = 0

    @call("send")
    def send(self, n: Nat) -> None:
        """Take bytes."""
        when(self.phase == Phase.UP)
        self.unsent += n

    @call("send", fails="NOT_UP")
    def send_too_late(self, n: Nat) -> None:
        """Refused."""
        when(self.phase != Phase.UP)

    @internal
    def stop(self) -> None:
        """Begin to drain."""
        when(self.phase == Phase.UP)
        self.phase = Phase.DRAINING

    @environment
    def transmit(self) -> None:
        """The peer took a byte; trusted by nobody."""
        when(self.unsent > 0)
        self.unsent -= 1

    @environment
    def give_up(self) -> None:
        """The bound of the drain expires."""
        when(self.phase == Phase.DRAINING and self.unsent > 0)
        self.unsent = 0

    @internal
    def release(self) -> None:
        """Nothing is left to send."""
        when(self.phase == Phase.DRAINING and self.unsent == 0)
        self.phase = Phase.DOWN

    @call("start")
    def start(self) -> None:
        """Up again."""
        when(self.phase == Phase.DOWN)
        self.phase = Phase.UP

    @call("start", fails="BUSY")
    def start_too_early(self) -> None:
        """Refused."""
        when(self.phase == Phase.UP)

    @call("start", blocks=True, fair=[give_up, release])
    def wait(self) -> None:
        """A drain is not waited for in vain."""
        when(self.phase == Phase.DRAINING)

    @leads_to(fair=[give_up, release])
    def ends(self) -> tuple[bool, bool]:
        """The drain ends."""
        return self.phase == Phase.DRAINING, self.phase == Phase.DOWN

    @recoverable
    def back(self) -> bool:
        """It can always be up again."""
        return self.phase == Phase.UP
