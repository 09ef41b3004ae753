from quiesce.spec import Machine, Nat, always


class Counter(Machine):
    refs: Nat = 0

    def one(self) -> int:
        return self.refs + self.refs + self.refs + self.refs + self.refs + self.refs + self.refs + self.refs

    def two(self) -> int:
        return self.one() + self.one() + self.one() + self.one() + self.one() + self.one() + self.one()

    def three(self) -> int:
        return self.two() + self.two() + self.two() + self.two() + self.two() + self.two() + self.two()

    @always
    def counts(self) -> bool:
        return self.three() + self.three() + self.three() + self.three() + self.three() + self.three() + self.three() + self.three() + self.three() >= 0  # error: Q006
