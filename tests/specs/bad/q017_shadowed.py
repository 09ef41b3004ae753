from enum import Enum, auto

from quiesce.spec import Family, Machine, Member, Nat, call, when


class Phase(Enum):
    UP = auto()


class Thing(Member):
    size: Nat = 0
    Phase: bool = False  # error: Q017 `Phase`


class Counter(Machine):
    things: Family[Thing]

    @call("Add")
    def add(self, Thing: Nat, t: Thing) -> None:  # error: Q017 `Thing`
        when(any(t.size > 0 for t in self.things))  # error: Q017 `t` 2
        when(all(any(s.size > 0 for s in self.things) for s in self.things))  # error: Q017 `s` 2
        for Phase in self.things:  # error: Q017 `Phase`
            Phase.size = 0
