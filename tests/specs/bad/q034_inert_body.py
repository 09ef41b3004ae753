from quiesce.spec import Machine, Nat, call, internal


class Counter(Machine):
    refs: Nat = 0

    @internal
    def settle(self) -> None:
        self.refs = 0

    @call("Add", fails="FULL")
    def full(self) -> None:
        self.refs = 1  # error: Q034 `self.refs = 1`

    @call("Add", blocks=True, fair=[settle])
    def wait(self) -> None:
        """Waits."""
        if self.refs > 0:  # error: Q034 `self.refs > 0`
            self.refs = 1
