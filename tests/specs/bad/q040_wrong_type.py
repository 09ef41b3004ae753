from enum import Enum, auto

from quiesce.spec import Family, Machine, Member, Nat, call, implies, retire, when


class Phase(Enum):
    UP = auto()


class Linger(Enum):
    HARD = auto()


class Thing(Member):
    size: Nat = 0


class Stone(Member):
    size: Nat = 0


class Counter(Machine):
    phase: Phase = Linger.HARD  # error: Q040 `Linger.HARD`
    refs: Nat = False  # error: Q040 `False`
    things: Family[Thing]
    stones: Family[Stone]

    def is_big(self, t: Thing) -> bool:
        return t.size  # error: Q040 `t.size`

    def fits(self, t: Thing, n: Nat) -> bool:
        return t.size > n

    @call("Add")
    def add(self, n: Nat, t: Thing, s: Stone, b: bool) -> None:
        when(n)  # error: Q040 `n`
        when(n == b)  # error: Q040 `n == b`
        when(b < b)  # error: Q040 `b < b`
        when(self.phase == Linger.HARD)  # error: Q040 `self.phase == Linger.HARD`
        when(self.phase in (Phase.UP, 1))  # error: Q040 `self.phase in (Phase.UP, 1)`
        when(t == s)  # error: Q040 `t == s`
        when(t < t)  # error: Q040 `t < t`
        when(t == n)  # error: Q040 `t == n`
        when(n == t)  # error: Q040 `n == t`
        when(not n)  # error: Q040 `n`
        when(b and n)  # error: Q040 `n`
        when(-b == 1)  # error: Q040 `b`
        when(t)  # error: Q040 `t`
        when(self)  # error: Q040 `self`
        when(self.things)  # error: Q040 `self.things`
        when(self[self.things].size > 0)  # error: Q040 `self.things`
        when((1 if b else True) == 1)  # error: Q040 `1 if b else True`
        when(implies(n, b))  # error: Q040 `n`
        when(all(x.size for x in self.things))  # error: Q040 `x.size`
        when(sum(x.size > 0 for x in self.things) > 0)  # error: Q040 `x.size > 0`
        when(self.fits(s, 1))  # error: Q040 `s`
        when(self.fits(t, b))  # error: Q040 `b`
        self.refs = b  # error: Q040 `b`
        self.phase += 1  # error: Q040 `self.phase`
        self.refs += b  # error: Q040 `b`
        retire(n)  # error: Q040 `n`
        if n:  # error: Q040 `n`
            t.size = 0
