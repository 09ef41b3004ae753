from enum import Enum, auto

from quiesce.spec import Machine, Nat, always, call, policy


class Ending(Enum):
    WAIT = auto()
    RESET = auto()
    NEVER = auto()


class Start(Enum):
    EAGER = auto()
    LAZY = auto()


class Twice(Enum):
    A = auto()
    B = auto()


class Phase(Enum):
    UP = auto()
    DOWN = auto()


ENDING = policy(Ending.WAIT, Ending.RESET)
START = policy(Start.EAGER, Start.LAZY)
FIRST = policy(Twice.A, Twice.B)
SECOND = policy(Twice.A, Twice.B)


class Counter(Machine):
    refs: Nat = 0

    @call("Add")
    def add(self) -> None:
        self.refs += 1

    @always(expect={})  # error: Q030 `{}`
    def a(self) -> bool:
        return True

    @always(expect={Ending.WAIT: "proved"})  # error: Q030 `{Ending.WAIT: "proved"}`
    def b(self) -> bool:
        return True

    @always(expect={Ending.WAIT: "refuted", Ending.RESET: "refuted"})  # error: Q030 `{Ending.WAIT: "refuted", Ending.RESET: "refuted"}`
    def c(self) -> bool:
        return True

    @always(expect={Ending.NEVER: "refuted"})  # error: Q030 `Ending.NEVER`
    def d(self) -> bool:
        return True

    @always(expect={Ending.WAIT: "refuted", Start.LAZY: "refuted"})  # error: Q030 `Start.LAZY`
    def e(self) -> bool:
        return True

    @always(expect={Twice.A: "refuted"})  # error: Q030 `Twice.A`
    def f(self) -> bool:
        return True

    @always(expect={Phase.UP: "refuted"})  # error: Q030 `Phase.UP`
    def g(self) -> bool:
        return True

    @always(expect={Ending.WAIT: False})  # error: Q030 `False`
    def h(self) -> bool:
        return True

    @always(expect={"WAIT": "refuted"})  # error: Q030 `"WAIT"`
    def i(self) -> bool:
        return True

    @always(expect={**Ending})  # error: Q030 `{**Ending}`  # error: Q030 `Ending`
    def j(self) -> bool:
        return True

    @always(expect={ENDING: "refuted"})  # error: Q030 `ENDING`
    def k(self) -> bool:
        return True

    @always(expect={Ending.WAIT: "refuted without assumptions"})
    def m(self) -> bool:
        return True
