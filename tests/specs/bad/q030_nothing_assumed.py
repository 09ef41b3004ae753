from quiesce.spec import Machine, Nat, always, call


class Counter(Machine):
    refs: Nat = 0

    @call("Add")
    def add(self) -> None:
        self.refs += 1

    @always(expect="refuted without assumptions")  # error: Q030 `always(expect="refuted without assumptions")`
    def never_counts(self) -> bool:
        return self.refs == 0
