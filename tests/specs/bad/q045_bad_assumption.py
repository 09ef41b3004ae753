from quiesce.spec import Machine, Nat, assume, call, environment, when


class Counter(Machine):
    refs: Nat = 0

    @call("Add")
    def without_reason(self) -> None:
        assume(self.refs > 0)  # error: Q045 `assume(self.refs > 0)`
        self.refs += 1

    @call("Add")
    def empty_reason(self) -> None:
        assume(self.refs == 0, " ")  # error: Q045 `" "`
        self.refs += 1

    @call("Drop")
    def number_for_a_reason(self) -> None:
        when(self.refs > 0)
        assume(self.refs > 1, 3)  # error: Q045 `3`
        self.refs -= 1

    @environment
    def named_reason(self) -> None:
        assume(self.refs > 1, because="it is")  # error: Q045 `assume(self.refs > 1, because="it is")`
        self.refs -= 1

    @environment
    def made_up_reason(self) -> None:
        assume(self.refs > 1, f"{self}")  # error: Q045 `f"{self}"`
        self.refs -= 1

    @call("Get", fails="BUSY")
    def refused(self) -> None:
        when(self.refs == 0)
        assume(self.refs < 2, "a refusal changes nothing")  # error: Q045 `assume(self.refs < 2, "a refusal changes nothing")`

    @call("Get", blocks=True, fair=[named_reason])
    def waits(self) -> None:
        when(self.refs > 0)
        assume(self.refs < 2, "nor does a wait")  # error: Q045 `assume(self.refs < 2, "nor does a wait")`
