from quiesce.spec import Machine, always


class Counter(Machine):
    refs: Nat = 0  # error: Q010 `Nat`
    more: Nat = 0

    @always
    def counts(self) -> bool:
        return implies(self.refs > 0, self.more > 0)  # error: Q010 `implies`
