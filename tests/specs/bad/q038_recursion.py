from quiesce.spec import Machine, Nat, always


class Counter(Machine):
    refs: Nat = 0

    def a(self) -> bool:
        return self.b()

    def b(self) -> bool:
        return self.refs > 0 or self.a()  # error: Q038 `self.a()`

    def c(self) -> bool:
        return self.c()  # error: Q038 `self.c()`

    @always
    def counts(self) -> bool:
        return self.a() and self.b() and self.c()
