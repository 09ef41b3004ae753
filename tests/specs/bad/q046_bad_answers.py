from quiesce.spec import (
    Family,
    Int,
    Machine,
    Member,
    Nat,
    New,
    accepts,
    call,
    calls,
    enabled,
    initially,
    internal,
    refuses,
    when,
)


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

    @refuses(calls("Grow", "Swell"), "GONE")
    def of_a_thing(self, t: Thing) -> bool:
        return t.size == 0

    @accepts("Put", "Grow")
    def of_both(self, n: Nat) -> bool:
        return n == 0 and self.total == 0

    @refuses("Grwo", "GONE")  # error: Q046 `"Grwo"`
    def of_an_unknown_call(self) -> bool:
        return self.total == 0

    @refuses("Grow", "LOST")  # error: Q046 `"Grow"`
    def of_an_unknown_error(self) -> bool:
        return self.total == 0

    @refuses("Put", "GONE")  # error: Q046 `"Put"`
    def of_what_never_fails(self) -> bool:
        return self.total == 0

    @accepts("Wait")  # error: Q046 `"Wait"`
    def of_what_only_waits(self) -> bool:
        return self.total == 0

    @refuses("Grow", "GONE")
    def of_what_the_refusal_is_not_given(self, n: Nat) -> bool:  # error: Q046 `n`
        return n == 0

    @enabled(shrink)
    def can_shrink(self) -> bool:
        return self.total > 0

    @enabled(grow_nothing)  # error: Q046 `grow_nothing`
    def of_a_refusal(self) -> bool:
        return self.total == 0

    @enabled(put, wait)  # error: Q046 `wait`
    def of_a_wait(self) -> bool:
        return self.total == 0

    @enabled(grow, put)
    def another_type(self, n: Int) -> bool:  # error: Q046 `n`
        return n > 0

    @initially
    def nothing_is_there(self) -> bool:
        return self.total == 0
