from quiesce.spec import Machine, Nat, always, call


class Counter(Machine):
    refs: Nat = 0

    @call("Add")
    def add(self) -> None:
        self.refs += 1

    @always(holds=False, assuming=False)  # error: Q030 `always(holds=False, assuming=False)`
    def never_counts(self) -> bool:
        return self.refs == 0
