from quiesce.spec import Family, Machine, Member, Nat, call


class Thing(Member):
    size: Nat = 0


class Counter(Machine):
    refs: Nat = 0
    things: Family[Thing]

    @call("Add")
    def add(self) -> None:
        while self.refs > 0:  # error: Q039
            self.refs -= 1
        self.refs *= 2  # error: Q039 `self.refs *= 2`
        self.refs: Nat = 2  # error: Q039 `self.refs: Nat = 2`
        print(self.refs)  # error: Q039 `print(self.refs)`
        for s in self.things:
            s.size = 0
        else:
            self.refs = 1  # error: Q039 `self.refs = 1`
        return  # error: Q039 `return`
