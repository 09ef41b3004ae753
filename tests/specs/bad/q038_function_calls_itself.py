from quiesce.spec import Machine, Nat, always


def is_even(n: Nat) -> bool:
    return n == 0 or is_odd(n - 1)


def is_odd(n: Nat) -> bool:
    return is_even(n - 1)  # error: Q038 `is_even(n - 1)`


class Counter(Machine):
    refs: Nat = 0

    @always
    def even(self) -> bool:
        return is_even(self.refs)
