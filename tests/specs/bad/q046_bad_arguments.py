from quiesce.spec import Family, Int, Machine, Member, Nat, New, call, step, when


class Thing(Member):
    size: Nat = 0


class Store(Machine):
    total: Nat = 0
    things: Family[Thing]

    @call("Put")
    def put(self, t: New[Thing], n: Nat) -> None:
        t.size = n
        self.total += n

    @call("Grow")
    def grow(self, t: Thing, n: Nat) -> None:
        when(t.size > 0)
        t.size += n
        self.total += n

    @call("Grow", fails="GONE")
    def grow_nothing(self, t: Thing, n: Nat) -> None:
        when(t.size == 0)

    @step
    def arguments_of_nobody(self, old: "Store", n: Nat) -> bool:  # error: Q046 `n`
        return self.total >= old.total + n

    @step(only=[put, grow])
    def arguments_of_both(self, old: "Store", t: Thing, n: Nat) -> bool:
        return t.size == old[t].size + n

    @step(only=grow)
    def another_name(self, old: "Store", m: Nat) -> bool:  # error: Q046 `m`
        return self.total == old.total + m

    @step(only=[grow, put])
    def another_type(self, old: "Store", n: Int) -> bool:  # error: Q046 `n`
        return self.total == old.total + n

    @step(only=grow_nothing)  # error: Q046 `grow_nothing`
    def of_a_refusal(self, old: "Store", n: Nat) -> bool:
        return self.total == old.total + n
