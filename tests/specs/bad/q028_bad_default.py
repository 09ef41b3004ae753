from typing import Annotated

from quiesce.spec import Machine, Nat, Range


class Counter(Machine):
    refs: Nat = -1  # error: Q028 `-1`
    more: Annotated[int, Range(-2, 2)] = -2
    much: Annotated[int, Range(-2, 2)] = 3  # error: Q028 `3`
    sum_: Nat = 1 + 1  # error: Q028 `1 + 1`
