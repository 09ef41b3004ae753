from quiesce.spec import (
    Family,
    Machine,
    Member,
    Nat,
    Requirement,
    accepts,
    always,
    call,
    enabled,
    initially,
    internal,
    leads_to,
    refuses,
    step,
)

R1 = Requirement("R1", "One.", "a page")


class Thing(Member):
    size: Nat = 0

    @always  # error: Q030 `always`
    def is_big(self) -> bool:
        return self.size > 9


class Counter(Machine):
    refs: Nat = 0
    things: Family[Thing]

    @property  # error: Q030 `property`
    def a(self) -> bool:
        return True

    @internal
    @always  # error: Q030 `always`
    def b(self) -> None:
        pass

    @call  # error: Q030 `call`
    def c(self) -> None:
        pass

    @call()  # error: Q030 `call()`
    def d(self) -> None:
        pass

    @call("Two words", fails=3)  # error: Q030 `"Two words"`  # error: Q030 `3`
    def e(self) -> None:
        pass

    @call("E", fails="BUSY", blocks=True, fair=[b])  # error: Q030 `True`
    def f(self) -> None:
        pass

    @call("E", blocks=True)  # error: Q030 `call("E", blocks=True)`
    def g(self) -> None:
        pass

    @call("E", fair=[f])  # error: Q030 `[f]`
    def h(self) -> None:
        pass

    @internal("E", fails="BUSY")  # error: Q030 `"E"`  # error: Q030 `fails="BUSY"`
    def i(self) -> None:
        pass

    @always(expect=0, satisfies="R1")  # error: Q030 `0`  # error: Q030 `"R1"`
    def j(self) -> bool:
        return True

    @step(unless=[j, "i"], satisfies=Counter)  # error: Q030 `j`  # error: Q030 `"i"`  # error: Q030 `Counter`
    def k(self, old: "Counter") -> bool:
        return True

    @always(expect="proved", expect="refuted")  # error: Q030 `expect="refuted"`
    def n(self) -> bool:
        return True

    @always(expect="refused")  # error: Q030 `"refused"`
    def o(self) -> bool:
        return True

    @step(only=[b], unless=[c])  # error: Q030 `[b]`
    def p(self, old: "Counter") -> bool:
        return True

    @step(only=[])  # error: Q030 `[]`
    def q(self, old: "Counter") -> bool:
        return True

    @leads_to(satisfies=R1)  # error: Q030 `leads_to(satisfies=R1)`
    def m(self) -> tuple[bool, bool]:
        return True, True

    @accepts  # error: Q030 `accepts`
    def r(self) -> bool:
        return True

    @refuses("BUSY")  # error: Q030 `refuses("BUSY")`
    def s(self) -> bool:
        return True

    @accepts("F", expect=False)  # error: Q030 `False`
    def t(self) -> bool:
        return True

    @enabled  # error: Q030 `enabled`
    def u(self) -> bool:
        return True

    @enabled()  # error: Q030 `enabled()`
    def v(self) -> bool:
        return True

    @enabled(b, "c")  # error: Q030 `"c"`
    def w(self) -> bool:
        return True

    @initially(b)  # error: Q030 `b`
    def x(self) -> bool:
        return True
