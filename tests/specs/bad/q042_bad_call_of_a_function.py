from quiesce.spec import Family, Machine, Member, Nat, always


def is_small(n: Nat) -> bool:
    return n < 3


class Thing(Member):
    size: Nat = 0


def fits(t: Thing, n: Nat) -> bool:
    return t.size <= n


class Counter(Machine):
    refs: Nat = 0
    things: Family[Thing]

    @always
    def small(self) -> bool:
        return (
            is_small()  # error: Q042 `is_small()`
            and is_small(1, 2)  # error: Q042 `is_small(1, 2)`
            and is_small(n=1)  # error: Q042 `is_small(n=1)`
            and all(fits(t) for t in self.things)  # error: Q042 `fits(t)`
            and all(fits(t, 3) for t in self.things)
        )
