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
    always,
    call,
    count,
    environment,
    internal,
    policy,
    retire,
    when,
)


class Phase1(Enum):
    UP1 = auto()
    DOWN1 = auto()
    LOST1 = auto()


class Pace1(Enum):
    SLOW1 = auto()
    FAST1 = auto()


class Thing1(Member):
    size1: Nat = 0
    used1: bool = False


class Peer1(Member):
    known1: bool = False
    pace1: Pace1 = Pace1.SLOW1
    seen1: Persistent[bool] = False


START1 = policy(Phase1.UP1, Phase1.DOWN1)
TEMPO1 = policy(Pace1.SLOW1, Pace1.FAST1)
FIRST1 = 1


def is_small1(size: int) -> bool:
    return size <= FIRST1


class Service1(Machine):
    """Every name that ends with a digit is a role: tests put other names in its place."""

    phase1: Phase1 = Phase1.UP1
    turns1: Annotated[int, Range(0, 2)] = 0
    stopped1: bool = False
    things1: Family[Thing1]
    peers1: Family[Peer1]

    def is_stopped1(self) -> bool:
        return self.stopped1

    @internal
    def tick1(self) -> None:
        when(self.turns1 == 2)
        when(all(is_small1(a1.size1) or count(b1.used1 for b1 in self.things1) > 1 for a1 in self.things1))
        for c1 in self.things1:
            c1.size1 = 0
        self.turns1 = 0
        self.phase1 = Phase1.DOWN1

    @internal
    def tock1(self) -> None:
        when(self.turns1 == 2)
        self.turns1 = 1

    @call("make1")
    def made1(self, large1: bool, fresh1: New[Thing1]) -> None:
        fresh1.used1 = True
        fresh1.size1 = FIRST1 if large1 else 2

    @call("give1", fails="NOT_MADE1")
    def not_made1(self, thing1: Thing1, mode1: Pace1) -> None:
        when(not thing1.used1)

    @call("give1")
    def given1(self, thing1: Thing1, mode1: Pace1) -> None:
        when(thing1.used1)
        when(mode1 == Pace1.FAST1)
        retire(thing1)

    @call("give1")
    def lent1(self, thing1: Thing1, mode1: Pace1) -> None:
        when(thing1.used1)
        when(mode1 == Pace1.SLOW1)
        self.phase1 = Phase1.LOST1

    @call("wait1", blocks=True, fair=[tock1])
    def waited1(self) -> None:
        when(self.turns1 == 2)

    @call("wait1")
    def turned1(self) -> None:
        when(self.turns1 < 2)
        self.turns1 += 1

    @call("turn1")
    def set1(self, number1: Annotated[int, Range(0, 1)]) -> None:
        self.turns1 = number1

    @call("explode1", fails="NEVER1")
    def exploded1(self) -> None:
        """It never does."""

    @environment
    def met1(self, peer1: Peer1) -> None:
        when(not peer1.known1)
        when(any(d1.used1 for d1 in self.things1))
        peer1.known1 = True
        peer1.seen1 = True
        peer1.pace1 = Pace1.FAST1
        self.stopped1 = self.is_stopped1() or START1 == Phase1.UP1 or TEMPO1 == Pace1.FAST1

    @internal
    def left1(self, gone1: Peer1) -> None:
        when(gone1.known1)
        retire(gone1)

    @always
    def few1(self) -> bool:
        return self.turns1 <= 2
