from quiesce.spec import Machine, Nat, call, calls

NONE = calls()  # error: Q030 `calls()`
NUMBERS = calls(1, "Two words")  # error: Q030 `1`  # error: Q030 `"Two words"`
NAMED = calls(name="Add")  # error: Q030 `calls(name="Add")`
ADDING = calls("Add", "AddMore")
LIMIT = 3


def grows(n: Nat) -> bool:
    return n > LIMIT


class Counter(Machine):
    refs: Nat = 0

    @call(ADDING, NONE)
    def add(self) -> None:
        self.refs += 1

    @call(LIMIT)  # error: Q030 `LIMIT`
    def limit(self) -> None:
        self.refs += 1

    @call(grows)  # error: Q030 `grows`
    def grow(self) -> None:
        self.refs += 1
