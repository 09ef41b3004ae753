from quiesce.spec import Family, Machine, Member, Nat, unchanged


class Thing(Member):
    size: Nat = 0
    heavy: bool = False


class Counter(Machine):
    refs: Nat = 0
    things: Family[Thing]

    @unchanged
    def a(self):  # error: Q031 `a`
        return self.refs

    @unchanged
    def b(self, n: Nat) -> Nat:  # error: Q031 `n`
        return self.refs

    @unchanged
    def c(self, t: Thing, u: Thing) -> Nat:  # error: Q031 `u`
        return t.size

    @unchanged
    def d(self, t: Thing) -> Nat:  # error: Q031 `Nat`
        return t.size, t.heavy

    @unchanged
    def e(self, t: Thing) -> tuple[Nat, bool, bool]:  # error: Q031 `tuple[Nat, bool, bool]`
        return t.size, t.heavy

    @unchanged
    def f(self, t: Thing) -> Thing:  # error: Q031 `Thing` 2
        return t.size
