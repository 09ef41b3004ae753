from quiesce.spec import Machine, Nat, call, calls

ADDING = calls("Add", "AddMore")
ALL = calls(ADDING, "Add")  # error: Q014 `"Add"`
LIMIT = 3
LIMIT = 4  # error: Q014 `LIMIT`


class Counter(Machine):
    refs: Nat = 0

    @call("Add", ADDING)  # error: Q014 `ADDING`
    def add(self) -> None:
        self.refs += 1


def LIMIT() -> bool:  # error: Q014 `LIMIT`
    return True
