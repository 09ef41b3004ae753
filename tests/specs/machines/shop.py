from enum import Enum, auto

from quiesce.spec import (
    Answer,
    Family,
    Machine,
    Member,
    Nat,
    New,
    Persistent,
    accepts,
    always,
    assume,
    call,
    enabled,
    environment,
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


class Door(Enum):
    SHUT = auto()
    OPEN = auto()


class Mood(Enum):
    CALM = auto()
    ANGRY = auto()


class Guest(Member):
    inside: bool = False
    mood: Mood = Mood.CALM


class Shop(Machine):
    door: Door = Door.SHUT
    sold: Nat = 0
    broken: bool = False
    guests: Family[Guest]

    @internal
    def opens(self) -> None:
        when(not self.broken)
        self.door = Door.OPEN

    @call("enter")
    def enters(self, g: New[Guest]) -> None:
        when(self.door == Door.OPEN)
        g.inside = True

    @call("enter", fails="SHUT")
    def shut(self, g: New[Guest]) -> None:
        when(self.door == Door.SHUT)

    @call("buy")
    def buys(self, g: Guest, n: Nat) -> None:
        when(g.inside and n > 0)
        assume(self.sold < 5, "there is little")
        if n > 3:
            g.mood = Mood.ANGRY
        else:
            self.sold += n

    @call("buy", fails="NO")
    def buys_not(self, g: Guest, n: Nat) -> None:
        when(not g.inside or n == 0)

    @environment
    def breaks(self, n: Nat) -> None:
        when(n >= self.sold)
        assume(n > 0, "not by itself")
        assume(n > 1, "and not easily")
        self.broken = True
        self.door = Door.SHUT
