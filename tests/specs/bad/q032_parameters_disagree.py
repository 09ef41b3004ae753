from quiesce.spec import Answer, Family, Machine, Member, Nat, New, activity, call, environment, when


class Thing(Member):
    size: Nat = 0


class Counter(Machine):
    refs: Nat = 0
    things: Family[Thing]

    @call("Add", "More")
    def add(self, n: Nat, t: Thing) -> None:
        self.refs += n

    @call("More", fails="FULL")
    def full(self, t: New[Thing], n: Nat) -> None:  # error: Q032 `t`
        pass

    @call("Add", fails="ODD")
    def odd(self, n: bool) -> None:  # error: Q032 `n`
        pass

    @environment
    def other(self, n: bool, t: New[Thing]) -> None:
        pass

    @activity("open", fails=True)
    def open_failed(self) -> None:
        pass

    @activity("open")
    def opened(self, n: Answer[Nat]) -> None:
        when(n > 0)

    @activity("open")
    def opened_badly(self, n: Answer[bool]) -> None:  # error: Q032 `n`
        when(n)
