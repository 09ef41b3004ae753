"""A sender with any number of sockets that keeps account of every byte: sent, lost for a stated reason, or waiting."""

from enum import Enum, auto

from quiesce.spec import (
    Family,
    Machine,
    Member,
    Nat,
    New,
    always,
    call,
    environment,
    implies,
    internal,
    pristine,
    recoverable,
    retire,
    step,
    when,
)


class Phase(Enum):
    """Where the sender stands."""

    DOWN = auto()
    UP = auto()
    DRAINING = auto()


class Socket(Member):
    """A socket, and what it still has to transmit."""

    open: bool = False
    hard: bool = False
    unsent: Nat = 0


class Sender(Machine):
    """Accepts bytes on sockets and transmits them; the last stop drains."""

    phase: Phase = Phase.DOWN
    accepted: Nat = 0  # in this epoch, as are the others
    transmitted: Nat = 0
    lost: Nat = 0
    sockets: Family[Socket]

    @call("start")
    def start(self) -> None:
        """Begin."""
        when(self.phase == Phase.DOWN)
        self.phase = Phase.UP

    @call("start", fails="BUSY")
    def already_started(self) -> None:
        """It has begun."""
        when(self.phase != Phase.DOWN)

    @call("open")
    def open_socket(self, s: New[Socket], hard: bool) -> None:
        """A new socket; a hard one drops what it holds when it is closed."""
        when(self.phase == Phase.UP)
        s.open = True
        s.hard = hard

    @call("open", fails="DOWN")
    def open_refused(self) -> None:
        """Nothing is opened before the start or after the stop."""
        when(self.phase != Phase.UP)

    @call("send")
    def send(self, s: Socket, n: Nat) -> None:
        """Take bytes."""
        when(self.phase == Phase.UP and s.open)
        s.unsent += n
        self.accepted += n

    @call("send", fails="CLOSED")
    def send_refused(self, s: Socket) -> None:
        """Nobody is there to take them."""
        when(self.phase != Phase.UP or not s.open)

    @environment
    def transmit(self, s: Socket, n: Nat) -> None:
        """The peer took some."""
        when(0 < n <= s.unsent)
        s.unsent -= n
        self.transmitted += n

    @environment
    def peer_resets(self, s: Socket) -> None:
        """The peer is gone, and with it what was meant for it."""
        self.lost += s.unsent
        s.unsent = 0

    @call("stop")
    def stop(self) -> None:
        """Hard sockets drop what they hold; the others go on until it is sent."""
        when(self.phase == Phase.UP)
        self.phase = Phase.DRAINING
        self.lost += sum(s.unsent for s in self.sockets if s.hard)
        for s in self.sockets:
            if s.hard:
                retire(s)

    @call("stop", fails="DOWN")
    def stop_refused(self) -> None:
        """It has stopped."""
        when(self.phase != Phase.UP)

    @environment
    def bound_expires(self) -> None:
        """The drain has lasted long enough: what is left is lost."""
        when(self.phase == Phase.DRAINING)
        self.lost += sum(s.unsent for s in self.sockets)
        for s in self.sockets:
            s.unsent = 0

    @internal
    def release(self) -> None:
        """Everything was sent or given up."""
        when(self.phase == Phase.DRAINING and all(s.unsent == 0 for s in self.sockets))
        self.phase = Phase.DOWN
        self.accepted = 0
        self.transmitted = 0
        self.lost = 0
        for s in self.sockets:
            retire(s)

    @always
    def every_byte_is_accounted_for(self) -> bool:
        """Accepted is what was transmitted, lost to a reset or to the bound, or still waits."""
        return self.accepted == self.transmitted + self.lost + sum(s.unsent for s in self.sockets)

    @step
    def released_with_nothing_left(self, old: "Sender") -> bool:
        """At the release the account is closed: nothing waits any more."""
        return implies(
            old.phase == Phase.DRAINING and self.phase == Phase.DOWN, old.accepted == old.transmitted + old.lost
        )

    @step(unless=[peer_resets, stop, bound_expires])
    def lost_for_a_reason_only(self, old: "Sender") -> bool:
        """Nothing is lost but by a reset, a hard close, or the bound."""
        return self.lost <= old.lost

    @pristine
    def as_new(self) -> bool:
        """Once released, nothing is left of the last epoch."""
        return self.phase == Phase.DOWN

    @recoverable
    def can_start_again(self) -> bool:
        """It can always be started again."""
        return self.phase == Phase.UP
