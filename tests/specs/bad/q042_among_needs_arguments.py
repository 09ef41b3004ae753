from quiesce.spec import Family, Machine, Member, Nat, unchanged


class Thing(Member):
    size: Nat = 0

    def is_above(self, n: Nat) -> bool:
        return self.size > n


class Counter(Machine):
    things: Family[Thing]

    @unchanged(among=Thing.is_above)  # error: Q042 `Thing.is_above`
    def sizes(self, t: Thing) -> Nat:
        return t.size
