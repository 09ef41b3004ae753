from quiesce.spec import Machine, Nat, assume, call, when


class Counter(Machine):
    refs: Nat = 0

    @call("Add")
    def add(self) -> None:
        when(self.refs > 0)
        self.refs += 1
        when(self.refs > 1)  # error: Q033 `when(self.refs > 1)`
        if self.refs > 2:
            when(self.refs > 3)  # error: Q033 `when(self.refs > 3)`
        assume(self.refs > 4, "Too late.")  # error: Q033 `assume(self.refs > 4, "Too late.")`
