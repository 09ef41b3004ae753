from quiesce.spec import Machine, Nat


class Counter(Machine):  # error: Q021 `Counter`
    refs: Nat = 0
    is_up: bool = False

    def is_used(self) -> bool:
        return self.refs > 0
