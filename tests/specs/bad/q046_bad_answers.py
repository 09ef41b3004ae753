from quiesce.spec import Family, Int, Machine, Member, Nat, New, answers, call, initially, internal, possible, when


class Thing(Member):
    size: Nat = 0


class Store(Machine):
    total: Nat = 0
    things: Family[Thing]

    @call("Put")
    def put(self, t: New[Thing], n: Nat) -> None:
        t.size = n
        self.total += n

    @call("Grow", "Swell")
    def grow(self, t: Thing, n: Nat) -> None:
        when(t.size > 0)
        t.size += n
        self.total += n

    @call("Grow", "Swell", fails="GONE")
    def grow_nothing(self, t: Thing) -> None:
        when(t.size == 0)

    @internal
    def shrink(self) -> None:
        when(self.total > 0)
        self.total -= 1

    @call("Wait", blocks=True, fair=[shrink])
    def wait(self) -> None:
        when(self.total > 0)

    @answers("Grow", "Swell", fails="GONE")
    def of_a_thing(self, t: Thing) -> bool:
        return t.size == 0

    @answers("Put", "Grow")
    def of_both(self, n: Nat) -> bool:
        return n == 0 and self.total == 0

    @answers("Grwo", fails="GONE")  # error: Q046 `"Grwo"`
    def of_an_unknown_call(self) -> bool:
        return self.total == 0

    @answers("Grow", fails="LOST")  # error: Q046 `"Grow"`
    def of_an_unknown_error(self) -> bool:
        return self.total == 0

    @answers("Put", fails="GONE")  # error: Q046 `"Put"`
    def of_what_never_fails(self) -> bool:
        return self.total == 0

    @answers("Wait")  # error: Q046 `"Wait"`
    def of_what_only_waits(self) -> bool:
        return self.total == 0

    @answers("Grow", fails="GONE")
    def of_what_the_refusal_is_not_given(self, n: Nat) -> bool:  # error: Q046 `n`
        return n == 0

    @possible(shrink)
    def can_shrink(self) -> bool:
        return self.total > 0

    @possible(grow_nothing)  # error: Q046 `grow_nothing`
    def of_a_refusal(self) -> bool:
        return self.total == 0

    @possible(put, wait)  # error: Q046 `wait`
    def of_a_wait(self) -> bool:
        return self.total == 0

    @possible(grow, put)
    def another_type(self, n: Int) -> bool:  # error: Q046 `n`
        return n > 0

    @initially
    def nothing_is_there(self) -> bool:
        return self.total == 0
