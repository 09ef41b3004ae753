from quiesce.spec import Family, Machine, Member, Nat, call, internal, unchanged, when


class Thing(Member):
    size: Nat = 0

    def is_big(self) -> bool:
        return self.size > 9

    @unchanged  # error: Q030 `unchanged`
    def volume(self) -> Nat:
        return self.size


class Stone(Member):
    size: Nat = 0

    def is_big(self) -> bool:
        return self.size > 9


class Counter(Machine):
    refs: Nat = 0
    things: Family[Thing]
    stones: Family[Stone]

    def volume(self) -> Nat:
        return self.refs

    @internal
    def grow(self, t: Thing) -> None:
        t.size += 1

    @call("Grow", fails="BUSY")
    def refuse(self, t: Thing) -> None:
        when(t.size > 9)

    @unchanged(unless=volume)  # error: Q030 `volume`
    def a(self, t: Thing) -> Nat:
        return t.size

    @unchanged(only=grow)  # error: Q030 `only=grow`
    def b(self, t: Thing) -> Nat:
        return t.size

    @unchanged(among=Stone.is_big, unless=grow)  # error: Q030 `Stone.is_big`
    def c(self, t: Thing) -> Nat:
        return t.size

    @unchanged(among=Thing.is_big)  # error: Q030 `Thing.is_big`
    def d(self) -> Nat:
        return self.refs

    @unchanged(grow)  # error: Q030 `grow`
    def e(self) -> Nat:
        return self.refs

    @unchanged(expect="false")  # error: Q030 `"false"`
    def f(self) -> Nat:
        return self.refs
