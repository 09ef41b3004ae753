from enum import Enum, auto

from quiesce.spec import Machine, Member, Nat, call


class Thing(Member, Machine):  # error: Q022 `Machine`
    size: Nat = 0


@call("Thing")  # error: Q022 `call("Thing")`
class Other(Member):
    size: Nat = 0


class Plain:  # error: Q022 `Plain`
    pass


class Phase(Enum):
    UP = auto()


class Special(Phase):  # error: Q022 `Phase`
    DOWN = auto()


class Counter(Machine):
    refs: Nat = 0
