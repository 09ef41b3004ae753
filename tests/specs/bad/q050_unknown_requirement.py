from quiesce.spec import Machine, Nat, always
from requirements_of_all import R1, R3  # error: Q050 `R3`


class Counter(Machine):
    refs: Nat = 0

    @always(satisfies=[R1, R3])
    def counts(self) -> bool:
        return self.refs >= 0
