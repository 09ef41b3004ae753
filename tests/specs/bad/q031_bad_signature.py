from quiesce.spec import Family, Machine, Member, Nat, always, call, leads_to, step


class Thing(Member):
    size: Nat = 0


class Counter(Machine):
    refs: Nat = 0
    things: Family[Thing]

    @call("A")
    def a() -> None:  # error: Q031 `a`
        pass

    @call("B")
    def b(self, n: Nat = 1, *rest: Nat) -> None:  # error: Q031 `1`
        pass

    @call("C")
    def c(self, n) -> None:  # error: Q031 `n`
        pass

    @call("D")
    def d(self) -> bool:  # error: Q031 `bool`
        pass

    @call("E")
    def e(self):  # error: Q031 `e`
        pass

    @always
    def f(self, n: Nat) -> bool:  # error: Q031 `n`
        return n > 0

    @always
    def g(self) -> int:  # error: Q031 `int`
        return True

    @step
    def h(self) -> bool:  # error: Q031 `h`
        return True

    @step
    def i(self, old: Nat) -> bool:  # error: Q031 `old`
        return True

    @leads_to(fair=[a])
    def j(self) -> bool:  # error: Q031 `bool`
        return True, True

    def k(self):  # error: Q031 `k`
        return True

    def m(self, t: Thing) -> Thing:  # error: Q031 `Thing` 2
        return t

    @step
    def n(self, old: list[int]) -> bool:  # error: Q031 `old`
        return True
