from quiesce.spec import Family, Machine, Member, Nat, call, count, when


class Thing(Member):
    size: Nat = 0


class Counter(Machine):
    refs: Nat = 0
    things: Family[Thing]

    @call("Add")
    def add(self, n: Nat) -> None:
        when(all([t.size > 0 for t in self.things]))  # error: Q043 `all([t.size > 0 for t in self.things])`
        when(any(s == t for s in self.things for t in self.things))  # error: Q043 `any(s == t for s in self.things for t in self.things)`
        when(sum(n) > 0)  # error: Q043 `sum(n)`
        when(count(True for t in n) > 0)  # error: Q043 `n`
        when(all(a == b for a, b in self.things))  # error: Q043 `a, b`
        for t in self.refs:  # error: Q043 `self.refs`
            t.size = 0
