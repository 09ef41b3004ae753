from quiesce.spec import Machine, Nat, call, when


class Counter(Machine):
    refs: Nat = 0

    @call("Add")
    def add(self, n: Nat) -> None:
        when(2 * n > 0 and n * -2 < 0)
        self.refs = self.refs * n  # error: Q044 `self.refs * n`
