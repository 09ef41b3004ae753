from enum import Enum, auto

from quiesce.spec import Family, Machine, Member, Nat, call, when


class Phase(Enum):
    UP = auto()


LIMIT = 3


def is_large(n: Nat) -> bool:
    return n > LIMIT


class Thing(Member):
    size: Nat = 0

    def is_big(self) -> bool:
        return self.size > 9


class Counter(Machine):
    phase: Phase = Phase.UP
    refs: Nat = 0
    things: Family[Thing]

    @call("Add")
    def add(self, n: Nat, t: Thing, b: bool) -> None:
        when(n // 2 == 1)  # error: Q041 `n // 2`
        when(n is 1)  # error: Q041 `n is 1`
        when(n == 1.5)  # error: Q041 `1.5`
        when(n == "one")  # error: Q041 `"one"`
        when(n in [1, 2])  # error: Q041 `n in [1, 2]`
        when(n in ())  # error: Q041 `n in ()`
        when(lambda: True)  # error: Q041 `lambda: True`
        when((m := n) > 0)  # error: Q041 `m := n`
        when(Phase == self.phase)  # error: Q041 `Phase`
        when(is_large)  # error: Q041 `is_large`
        when(LIMIT(n))  # error: Q041 `LIMIT(n)`
        when(self.things[t].size > 0)  # error: Q041 `self.things[t]`
        when(t.is_big)  # error: Q041 `t.is_big`
        when(self.add == 0)  # error: Q041 `self.add`
        when(self.add(n, t, b))  # error: Q041 `self.add(n, t, b)`
        when(t.size())  # error: Q041 `t.size()`
        when(self.phase.UP)  # error: Q041 `self.phase.UP`
        when(n[t] == 0)  # error: Q041 `n[t]`
        when(Thing(n))  # error: Q041 `Thing(n)`
        when(self.things[t]())  # error: Q041 `self.things[t]()`
        when(when(b))  # error: Q041 `when(b)`
        when(n.bit_length() > 1)  # error: Q041 `n.bit_length()`
