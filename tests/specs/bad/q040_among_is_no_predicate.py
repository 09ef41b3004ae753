from quiesce.spec import Family, Machine, Member, Nat, unchanged


class Thing(Member):
    size: Nat = 0

    def twice(self) -> Nat:
        return 2 * self.size


class Counter(Machine):
    things: Family[Thing]

    @unchanged(among=Thing.twice)  # error: Q040 `Thing.twice`
    def sizes(self, t: Thing) -> Nat:
        return t.size
