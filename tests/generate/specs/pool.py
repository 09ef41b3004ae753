"""A pool of connections that several clients share: opened by the first, closed once the last one has left."""

from enum import Enum, auto
from typing import Annotated

from quiesce.spec import (
    Family,
    Machine,
    Member,
    Nat,
    New,
    Persistent,
    Range,
    call,
    count,
    environment,
    internal,
    policy,
    retire,
    when,
)


class Full(Enum):
    """What a client gets when every slot is taken."""

    REFUSE = auto()
    WAIT = auto()


class Pace(Enum):
    """How eagerly idle connections are closed; only two of the three are offered."""

    EAGER = auto()
    LAZY = auto()
    NEVER = auto()


WHEN_FULL = policy(Full.REFUSE, Full.WAIT)
PACE = policy(Pace.LAZY, Pace.EAGER)


class Phase(Enum):
    """Where the pool stands."""

    CLOSED = auto()
    OPEN = auto()
    CLOSING = auto()


class Connection(Member):
    """A connection of the pool."""

    lent: bool = False
    live: bool = False
    uses: Nat = 0
    serial: Persistent[Nat] = 0


class Pool(Machine):
    """A pool of connections.

    It is opened by its first client and closed behind its last.
    """

    phase: Phase = Phase.CLOSED
    clients: Nat = 0
    slots: Annotated[int, Range(0, 2)] = 2
    opened: Persistent[Nat] = 0
    balance: int = 0
    connections: Family[Connection]

    @call("PoolAttach")
    def attach_first(self) -> None:
        """The first client opens the pool."""
        when(self.phase == Phase.CLOSED)
        self.phase = Phase.OPEN
        self.clients = 1
        self.opened += 1

    @call("PoolAttach")
    def attach_more(self) -> None:
        """One more client."""
        when(self.phase == Phase.OPEN)
        self.clients += 1

    @call("PoolDetach")
    def detach(self) -> None:
        """A client leaves; behind the last one the pool closes."""
        when(self.clients > 0)
        self.clients -= 1
        if self.clients == 0:
            self.phase = Phase.CLOSING
            for c in self.connections:
                if c.live and not c.lent and PACE == Pace.EAGER:
                    retire(c)
                elif c.live:
                    c.lent = False
                else:
                    c.uses = 0

    @call("PoolDetach", fails="NOT_ATTACHED")
    def not_attached(self) -> None:
        """Nobody is attached."""
        when(self.clients == 0)

    @call("PoolBorrow")
    def borrow(self, c: New[Connection], weight: Annotated[int, Range(1, 3)]) -> None:
        """A fresh connection."""
        when(self.phase == Phase.OPEN)
        when(self.slots > 0)
        self.slots -= 1
        c.live = True
        c.lent = True
        c.uses = max(c.uses, weight)
        c.serial = self.opened
        self.balance = self.balance - 2 * weight

    @call("PoolBorrow", "PoolTouch", fails="CLOSED")
    def closed(self) -> None:
        """The pool is not open."""
        when(self.phase != Phase.OPEN)

    @call("PoolBorrow", fails="FULL")
    def full(self) -> None:
        """Every slot is taken, and the client does not want to wait."""
        when(self.phase == Phase.OPEN)
        when(self.slots == 0 and WHEN_FULL == Full.REFUSE)

    @call("PoolTouch")
    def touch(self, c: Connection, kind: Full) -> None:
        """Count a use, more if it was an expensive one."""
        when(self.phase == Phase.OPEN)
        when(c.lent)
        c.uses = c.uses + 1 if kind == Full.REFUSE else c.uses + 2

    @call("PoolTouch", fails="NOT_LENT")
    def not_lent(self, c: Connection) -> None:
        """The connection is not lent."""
        when(self.phase == Phase.OPEN)
        when(not c.lent)

    @environment
    def give_back(self, c: Connection, credit: Annotated[int, Range(None, 1)]) -> None:
        """The client has no more use for the connection."""
        when(c.live)
        self.slots += 1
        self.balance += credit
        retire(c)

    @environment
    def steal(self, c: Connection, d: Connection) -> None:
        """One connection takes over the uses of another."""
        when(c != d)
        when(c.live and d.live and 0 < c.uses < d.uses)
        d.uses -= c.uses
        c.uses = 0

    @internal
    def settle(self) -> None:
        """All connections are back."""
        when(self.phase in (Phase.CLOSING, Phase.CLOSED))
        when(all(not c.lent for c in self.connections if c.live))
        when(count(c.live for c in self.connections) + self.clients == 0)
        self.phase = Phase.CLOSED
        self.balance = 0

    @internal
    def tally(self) -> None:
        """Add up all uses."""
        when(any(c.uses > 1 and c.live for c in self.connections))
        self.balance = sum(c.uses for c in self.connections) - 1

    @call("PoolAttach", blocks=True, fair=[settle])
    def attach_later(self) -> None:
        """The pool is being closed."""
        when(self.phase == Phase.CLOSING)

    @call("PoolBorrow", blocks=True, fair=[give_back])
    def wait_for_slot(self) -> None:
        """Every slot is taken."""
        when(self.phase == Phase.OPEN)
        when(self.slots <= 0 and WHEN_FULL == Full.WAIT)
