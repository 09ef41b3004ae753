from enum import Enum, auto

from quiesce.spec import Machine, Nat, Requirement, call, internal, leads_to, policy, when

R1 = Requirement("R1", "Counting goes up.", "a page")


class Mode(Enum):
    EAGER = auto()
    LAZY = auto()


MODE = policy(Mood.EAGER, Mood.LAZY)  # error: Q012 `Mood`
MAX = polcy(Mode.EAGER, Mode.LAZY)  # error: Q012 `polcy`


class Thing(Membr):  # error: Q012 `Membr`
    pass


class Counter(Machine):
    refs: Nat = 0
    odd: Natt = 0  # error: Q012 `Natt`

    @call("Add", satisfies=R2)  # error: Q012 `R2`
    def add(self, much: Nat) -> None:
        when(refs == 0)  # error: Q012 `refs`
        when(old.refs == 0)  # error: Q012 `old`
        when(muhc > 0)  # error: Q012 `muhc`
        when(mim(much, 1) > 0)  # error: Q012 `mim`
        self.refs += 1

    @internal
    def settle(self) -> None:
        self.refs = 0

    @leads_to(fair=[setle])  # error: Q012 `setle`
    def settles(self) -> tuple[bool, bool]:
        return self.refs > 0, self.refs == 0
