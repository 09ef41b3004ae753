from enum import Enum, auto

from quiesce.spec import Family, Machine, Member, Nat, Requirement, always, call, environment, policy

R1 = Requirement("R1", "One.", "a page")
R2 = Requirement("R1", "Two.", "a page")  # error: Q014 `"R1"`
R1 = Requirement("R3", "Three.", "a page")  # error: Q014 `R1`


class Phase(Enum):
    UP = auto()
    DOWN = auto()
    UP = auto()  # error: Q014 `UP`


class Phase(Enum):  # error: Q014 `Phase`
    LEFT = auto()


CHOICE = policy(Phase.UP, Phase.UP)  # error: Q014 `Phase.UP` 2


class Thing(Member):
    size: Nat = 0
    size: Nat = 1  # error: Q014 `size`

    def is_big(self) -> bool:
        return self.size > 9

    def size(self) -> bool:  # error: Q014 `size`
        return self.size > 9


class Counter(Machine):
    refs: Nat = 0
    refs: bool = False  # error: Q014 `refs`
    things: Family[Thing]

    @call("Add", "Add", satisfies=[R1, R1])  # error: Q014 `"Add"` 2  # error: Q014 `R1` 2
    def add(self, n: Nat, n: Nat) -> None:  # error: Q014 `n` 2
        self.refs += n

    @environment
    def add(self) -> None:  # error: Q014 `add`
        pass

    @always
    def refs(self) -> bool:  # error: Q014 `refs`
        return True
