from contract import Service

from quiesce.spec import Lower, Machine, Nat, call  # error: Q011 `Lower`
from quiesce.spec import answers, possible  # error: Q011 `answers`  # error: Q011 `possible`


class Counter(Machine):
    refs: Nat = 0
    lower: Lower[Service]

    @call("Add")
    def add(self) -> None:
        self.refs += 1

    @answers("Add")
    def added(self) -> bool:
        return True

    @possible(add)
    def can_add(self) -> bool:
        return True
