from enum import Enum, auto

from quiesce.spec import (
    Machine,
    Nat,
    internal,
    leads_to,
    recoverable,
    when,
)


class Side(Enum):
    """Where the ball is."""

    LEFT = auto()
    RIGHT = auto()
    OUT = auto()


class Game(Machine):
    """Two that send each other back and forth, as often as they have tries."""

    side: Side = Side.LEFT
    tries: Nat = 3

    @internal
    def ping(self) -> None:
        """To the right."""
        when(self.side == Side.LEFT and self.tries > 0)
        self.side = Side.RIGHT
        self.tries -= 1

    @internal
    def pong(self) -> None:
        """And back."""
        when(self.side == Side.RIGHT)
        self.side = Side.LEFT

    @internal
    def drop(self) -> None:
        """The ball is lost."""
        when(self.side == Side.LEFT)
        self.side = Side.OUT

    @leads_to(fair=[ping, pong, drop])
    def ends(self) -> tuple[bool, bool]:
        """The game ends."""
        return self.side != Side.OUT, self.side == Side.OUT

    @recoverable
    def back(self) -> bool:
        """The game can end."""
        return self.side == Side.OUT
