from enum import Enum, auto

from quiesce.spec import Family, Machine, Member, Nat, call, policy


class Phase(Enum):
    UP = auto()
    DOWN = auto()


CHOICE = policy(Phase.UP, Phase.DOWN)


class Thing(Member):
    size: Nat = 0


class Counter(Machine):
    refs: Nat = 0
    things: Family[Thing]

    @call("Add")
    def add(self, n: Nat, t: Thing) -> None:
        CHOICE = Phase.UP  # error: Q036 `CHOICE`
        n = 1  # error: Q036 `n`
        self.things = 0  # error: Q036 `self.things`
        self.things[t] = 0  # error: Q036 `self.things[t]`
        Phase.UP = 0  # error: Q036 `Phase.UP`
        t, n = 1, 2  # error: Q036 `t, n`
