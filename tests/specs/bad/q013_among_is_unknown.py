from quiesce.spec import Family, Machine, Member, Nat, unchanged


class Thing(Member):
    size: Nat = 0

    def is_big(self) -> bool:
        return self.size > 9


class Counter(Machine):
    things: Family[Thing]

    @unchanged(among=Thing.is_bog)  # error: Q013 `Thing.is_bog`
    def sizes(self, t: Thing) -> Nat:
        return t.size
