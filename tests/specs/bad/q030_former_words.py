from quiesce.spec import Machine, Nat, always, answers, call, pristine


class Counter(Machine):
    refs: Nat = 0

    @call("Add")
    def add(self) -> None:
        self.refs += 1

    @always(holds=False)  # error: Q030 `holds=False`
    def never_counts(self) -> bool:
        return self.refs == 0

    @always(holds=False, assuming=False)  # error: Q030 `holds=False`  # error: Q030 `assuming=False`
    def never_counts_either(self) -> bool:
        return self.refs == 0

    @pristine(holds=True)  # error: Q030 `holds=True`
    def as_new(self) -> bool:
        return self.refs == 0

    @answers("Add", assuming=False)  # error: Q030 `assuming=False`
    def added(self) -> bool:
        return True
