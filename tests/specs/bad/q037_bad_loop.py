from quiesce.spec import Family, Machine, Member, Nat, call, retire


class Thing(Member):
    size: Nat = 0
    rank: Nat = 0


class Counter(Machine):
    refs: Nat = 0
    things: Family[Thing]

    def total(self) -> int:
        return sum(x.size for x in self.things)

    @call("Add")
    def add(self, t: Thing) -> None:
        for s in self.things:
            self.refs += 1  # error: Q037 `self.refs`
            t.size = 0  # error: Q037 `t.size`
            retire(t)  # error: Q037 `t`

    @call("Sum")
    def spread(self, t: Thing) -> None:
        for s in self.things:
            s.size = t.size  # error: Q037 `t.size`
            s.size = t.rank
            s.size = self.total()  # error: Q037 `self.total()`
            s.size = sum(x.size for x in self.things)  # error: Q037 `x.size`
            for u in self.things:  # error: Q037 `u`
                u.size = 0
