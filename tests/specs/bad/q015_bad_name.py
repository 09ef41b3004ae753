from enum import Enum, auto

from quiesce.spec import Machine, Nat, call


class Größe(Enum):  # error: Q015 `Größe`
    mro = auto()  # error: Q015 `mro`
    _HIDDEN = auto()  # error: Q015 `_HIDDEN`


class Counter(Machine):
    _refs: Nat = 0  # error: Q015 `_refs`
    count: Nat = 0  # error: Q015 `count`

    @call("Add")
    def _add(self, sum: Nat) -> None:  # error: Q015 `_add`  # error: Q015 `sum`
        pass

    @call("Take")
    def take(self, str: Nat, super: Nat) -> None:  # error: Q015 `str`  # error: Q015 `super`
        pass
