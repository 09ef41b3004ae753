from quiesce.spec import Machine, Nat

LIMIT = 3  # error: Q020 `LIMIT = 3`
LEAST = min(1, 2)  # error: Q020 `min(1, 2)`
print("running")  # error: Q020 `print("running")`


class Counter(Machine):
    refs: Nat = 0
    print("running")  # error: Q020 `print("running")`


def helper() -> bool:  # error: Q020
    return True


if True:  # error: Q020
    pass
