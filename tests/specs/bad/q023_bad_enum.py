from enum import Enum, auto

from quiesce.spec import Machine, Nat


class Empty(Enum):  # error: Q023 `Empty`
    """Nothing at all."""


class Phase(Enum):
    UP = 1  # error: Q023 `1`
    DOWN = auto(2)  # error: Q023 `auto(2)`
    LEFT: int  # error: Q023 `LEFT: int`


class Counter(Machine):
    phase: Phase = Phase.UP
    refs: Nat = 0
