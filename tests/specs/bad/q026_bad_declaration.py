from quiesce.spec import Family, Machine, Member, Nat, always


class Thing(Member):
    size: Nat  # error: Q026 `size`
    weight = 0  # error: Q026 `weight`


class Counter(Machine):
    refs = 0  # error: Q026 `refs`
    things: Family[Thing] = ()  # error: Q026 `()`

    @always
    def counts(self) -> bool:
        return self.refs >= 0 and all(t.weight > t.size for t in self.things)
