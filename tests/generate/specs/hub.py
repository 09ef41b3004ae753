"""Links that are dialled and dropped one by one, and a hub that waits for the last of them only for so long."""

from enum import Enum, auto

from quiesce.spec import (
    Answer,
    Family,
    Machine,
    Member,
    Nat,
    New,
    activity,
    call,
    internal,
    retire,
    session,
    timeout,
    when,
)


class Phase(Enum):
    """Where the hub stands."""

    OPEN = auto()
    DRAINING = auto()


class Wire(Enum):
    """Where a link stands."""

    NEW = auto()
    DIALLING = auto()
    UP = auto()
    DROPPING = auto()


class Link(Member):
    """A link to somebody."""

    wire: Wire = Wire.NEW
    speed: Nat = 0


class Hub(Machine):
    """A hub of links."""

    phase: Phase = Phase.OPEN
    used: Nat = 0
    lost: Nat = 0
    links: Family[Link]

    @activity("connect")
    def connected(self, link: Link, speed: Answer[Nat]) -> None:
        """The link is up."""
        when(link.wire == Wire.DIALLING)
        when(speed > 0)
        link.wire = Wire.UP
        link.speed = speed
        self.used += 1

    @activity("connect", fails=True)
    def not_connected(self, link: Link) -> None:
        """Nobody has answered."""
        when(link.wire == Wire.DIALLING)
        retire(link)

    @activity("disconnect")
    def dropped(self, link: Link) -> None:
        """The link is given back."""
        when(link.wire == Wire.DROPPING)
        retire(link)
        self.used -= 1

    @internal
    def drained(self) -> None:
        """The last link was dropped."""
        when(self.phase == Phase.DRAINING)
        when(self.used == 0)
        self.phase = Phase.OPEN

    @timeout("drain_timeout")
    def given_up(self) -> None:
        """Somebody has not dropped his link for too long."""
        when(self.phase == Phase.DRAINING)
        when(self.used > 0)
        self.phase = Phase.OPEN
        self.lost += 1

    @call("dial")
    def dial(self, link: New[Link]) -> None:
        """A link to somebody else."""
        when(self.phase == Phase.OPEN)
        link.wire = Wire.DIALLING

    @call("dial", blocks=True, fair=[drained, given_up])
    def dial_later(self) -> None:
        """The hub waits for the last link."""
        when(self.phase == Phase.DRAINING)

    @call("drop", until=[dropped])
    def drop_link(self, link: Link) -> None:
        """Nobody needs the link any more."""
        when(link.wire == Wire.UP)
        link.wire = Wire.DROPPING

    @call("drop", fails="NOT_UP")
    def drop_nothing(self, link: Link) -> None:
        """There is no such link."""
        when(link.wire != Wire.UP)

    @call("drain", until=[drained, given_up])
    def drain(self) -> None:
        """Wait for the last link."""
        when(self.phase == Phase.OPEN)
        self.phase = Phase.DRAINING

    @call("drain", fails="DRAINING")
    def drain_twice(self) -> None:
        """Somebody waits already."""
        when(self.phase == Phase.DRAINING)

    linked = session("dial", "drop")
