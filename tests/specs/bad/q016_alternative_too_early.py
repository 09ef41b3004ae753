from enum import Enum, auto

from quiesce.spec import Machine, Nat, always, call, policy


class Counter(Machine):
    refs: Nat = 0

    @call("Add")
    def add(self) -> None:
        self.refs += 1

    @always(expect={Ending.RESET: "refuted"})  # error: Q016 `Ending`
    def never_counts(self) -> bool:
        return self.refs == 0


class Ending(Enum):
    WAIT = auto()
    RESET = auto()


ENDING = policy(Ending.WAIT, Ending.RESET)
