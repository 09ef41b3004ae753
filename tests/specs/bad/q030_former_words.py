from quiesce.spec import Machine, Nat, accepts, always, call, pristine, refuses


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

    @accepts("Add", assuming=False)  # error: Q030 `assuming=False`
    def added(self) -> bool:
        return True

    @answers("Add", fails="BUSY")  # error: Q030 `answers`
    def refused(self) -> bool:
        return True

    @refuses("Add", fails="BUSY")  # error: Q030 `fails="BUSY"`
    def refused_too(self) -> bool:
        return True

    @accepts("Add", fails="BUSY")  # error: Q030 `fails="BUSY"`
    def accepted(self) -> bool:
        return True

    @refuses("Add")  # error: Q030 `refuses("Add")`
    def refused_for_no_reason(self) -> bool:
        return True

    @refuses("Add", "Take", "BUSY")  # error: Q030 `refuses("Add", "Take", "BUSY")`
    def refused_several(self) -> bool:
        return True

    @possible(add)  # error: Q030 `possible`
    def can_add(self) -> bool:
        return True
