from quiesce.spec import Machine, Nat, always, leads_to, internal


class Counter(Machine):
    refs: Nat = 0

    @internal
    def settle(self) -> None:
        self.refs = 0

    @always
    def a(self) -> bool:
        n = self.refs  # error: Q035 `n = self.refs`
        return n > 0

    @always
    def b(self) -> bool:  # error: Q035 `b`
        """Nothing."""

    @leads_to(fair=[settle])
    def c(self) -> tuple[bool, bool]:
        return self.refs == 0  # error: Q035 `self.refs == 0`

    def d(self) -> bool:
        return True
        return False  # error: Q035 `return False`
