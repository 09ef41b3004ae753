from quiesce.spec import Machine, Nat, Requirement, internal, leads_to, policy, step
from enum import Enum, auto

CHOICE = policy(Phase.UP, Phase.DOWN)  # error: Q016 `Phase`  # error: Q016 `Phase` 2


class Counter(Machine):
    phase: Phase = Phase.UP  # error: Q016 `Phase`  # error: Q016 `Phase` 2
    refs: Nat = 0

    @leads_to(fair=[settle], satisfies=R1)  # error: Q016 `settle`  # error: Q016 `R1`
    def settles(self) -> tuple[bool, bool]:
        return self.refs > 0, self.refs == 0

    @internal
    def settle(self) -> None:
        self.refs = 0

    @step
    def falls(self, old: Counter) -> bool:  # error: Q016 `Counter`
        return self.refs <= old.refs


class Phase(Enum):
    UP = auto()
    DOWN = auto()


R1 = Requirement("R1", "One.", "a page")
