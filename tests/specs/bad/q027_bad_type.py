from typing import Annotated

from quiesce.spec import Family, Machine, Member, Nat, New, Persistent, Range, Requirement, call, when

R1 = Requirement("R1", "One.", "a page")


class Thing(Member):
    size: list[int] = 0  # error: Q027 `list[int]`
    other: New[Nat] = 0  # error: Q027 `New[Nat]`


class Counter(Machine):
    refs: Annotated[int, 3] = 0  # error: Q027 `Annotated[int, 3]`
    more: Annotated[int, Range(3, 2)] = 0  # error: Q027 `Annotated[int, Range(3, 2)]`
    some: Annotated[int, Range(0, "9")] = 0  # error: Q027 `"9"`
    name: "Annotated[int, Range(3)]" = 0  # error: Q027 `"Annotated[int, Range(3)]"`
    last: Thing = 0  # error: Q027 `Thing`
    rule: R1 = 0  # error: Q027 `R1`
    word: Family = 0  # error: Q027 `Family`
    flag: None = 0  # error: Q027 `None`
    spot: when = 0  # error: Q027 `when`
    half: Annotated[int, Range(0.5)] = 0  # error: Q027 `0.5`
    kept: Persistent[Persistent[Nat]] = 0  # error: Q027 `Persistent[Persistent[Nat]]`
    things: Family[Thing]

    @call("Add")
    def add(self, n: Persistent[Nat], t: Family[Thing]) -> None:  # error: Q027 `Persistent[Nat]`  # error: Q027 `Family[Thing]`
        self.refs += n

    def helps(self, t: New[Thing]) -> bool:  # error: Q027 `t`
        return t.size > 0
