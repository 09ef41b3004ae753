from quiesce.spec import Machine, Nat, calls

LIMIT = 3
DOUBLE = 2 * LIMIT
LEAST = min(1, 2)  # error: Q020 `min(1, 2)`
TRUTH = LIMIT > 2  # error: Q020 `LIMIT > 2`
SMALL: int = 3  # error: Q020 `SMALL: int = 3`
STOP = calls("Stop")
LEN = LIMIT(3)  # error: Q020 `LIMIT(3)`
print("running")  # error: Q020 `print("running")`


class Counter(Machine):
    refs: Nat = LIMIT
    print("running")  # error: Q020 `print("running")`


def helper() -> bool:
    return True


async def later() -> bool:  # error: Q020
    return True


if True:  # error: Q020
    pass
