from quiesce.spec import Machine, Nat, always


class Counter(Machine):
    refs: Nat = 0

    @always
    def counts(self) -> bool:
        return self.refs <= 1_000_000_000_000_000_000_000_000_000_000  # error: Q007 `1_000_000_000_000_000_000_000_000_000_000`
