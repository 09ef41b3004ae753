from typing import Annotated

from quiesce.spec import Machine, Nat, Range, call, calls

DOUBLE = 2 * LIMIT  # error: Q016 `LIMIT`


def fits(t: Slot) -> bool:  # error: Q016 `Slot`
    return t == Slot.FIRST


class Counter(Machine):
    refs: Annotated[int, Range(0, MOST)] = 0  # error: Q016 `MOST`
    more: Nat = MOST  # error: Q016 `MOST`

    @call(ADDING)  # error: Q016 `ADDING`
    def add(self) -> None:
        self.refs += DOUBLE


LIMIT = 3
MOST = 3
ADDING = calls("Add")


from enum import Enum, auto  # noqa: E402


class Slot(Enum):
    FIRST = auto()
