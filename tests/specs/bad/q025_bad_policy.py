from enum import Enum, auto

from quiesce.spec import Machine, Nat, always, policy


class Left(Enum):
    UP = auto()
    DOWN = auto()


class Right(Enum):
    UP = auto()
    DOWN = auto()


ONE = policy(Left.UP)  # error: Q025 `policy(Left.UP)`
TWO = policy(Left.UP, Right.UP)  # error: Q025 `Right.UP`
SIX = policy(True, False)  # error: Q025 `True`


class Counter(Machine):
    refs: Nat = 0

    @always
    def counts(self) -> bool:
        return ONE == Left.UP or self.refs >= 0
