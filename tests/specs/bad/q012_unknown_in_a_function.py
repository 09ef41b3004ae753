from quiesce.spec import Machine, Nat, always

LIMIT = 3


def is_small(n: Nat) -> bool:
    return n < LIMT  # error: Q012 `LIMT`


def is_free() -> bool:
    return self.refs == 0  # error: Q012 `self`


class Counter(Machine):
    refs: Nat = 0

    @always
    def small(self) -> bool:
        return is_smal(self.refs) and is_small(self.refs)  # error: Q012 `is_smal`
