from quiesce.spec import Machine, Nat, always
from requirements_with_mistakes import R1, R2  # error: Q052 `R1`


class Counter(Machine):
    refs: Nat = 0

    @always(satisfies=[R1, R2])
    def counts(self) -> bool:
        return self.refs >= 0
