from enum import Enum, auto

from quiesce.spec import Machine, Nat, always, call, policy


class Ending(Enum):
    WAIT = auto()
    RESET = auto()


ENDING = policy(Ending.WAIT, Ending.RESET)


class Counter(Machine):
    refs: Nat = 0

    @call("Add")
    def add(self) -> None:
        self.refs += 1

    @always(expect={Ending.RESET: "refuted", Ending.RESET: "refuted"})  # error: Q014 `Ending.RESET` 2
    def never_counts(self) -> bool:
        return self.refs == 0
