from quiesce.spec import Family, Machine, Member, Nat, call, implies, retire, when


class Thing(Member):
    size: Nat = 0


class Counter(Machine):
    refs: Nat = 0
    things: Family[Thing]

    def fits(self, t: Thing, n: Nat) -> bool:
        return t.size > n

    @call("Add")
    def add(self, n: Nat, t: Thing) -> None:
        when()  # error: Q042 `when()`
        when(min(n) > 0)  # error: Q042 `min(n)`
        when(max(n, 1, 2) > 0)  # error: Q042 `max(n, 1, 2)`
        when(implies(n > 0, conclusion=n > 1))  # error: Q042 `implies(n > 0, conclusion=n > 1)`
        when(self.fits(t))  # error: Q042 `self.fits(t)`
        when(self.fits(t, n=n))  # error: Q042 `self.fits(t, n=n)`
        retire(t, t)  # error: Q042 `retire(t, t)`
