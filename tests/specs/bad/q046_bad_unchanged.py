from quiesce.spec import Machine, Nat, call, unchanged, when


class Counter(Machine):
    refs: Nat = 0

    @call("Grow")
    def grow(self) -> None:
        when(self.refs < 9)
        self.refs += 1

    @call("Grow", fails="BUSY")
    def refuse(self) -> None:
        when(self.refs > 8)

    @unchanged(unless=[grow, refuse])  # error: Q046 `refuse`
    def counted(self) -> Nat:
        return self.refs
