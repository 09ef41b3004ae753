from enum import Enum, auto

from quiesce.spec import Family, Machine, Member, Nat, call, policy, retire, when


class Phase(Enum):
    UP = auto()
    DOWN = auto()


CHOICE = policy(Phase.UP, Phase.DOWNN)  # error: Q013 `Phase.DOWNN`


class Thing(Member):
    size: Nat = 0


class Counter(Machine):
    phase: Phase = Phase.DWN  # error: Q013 `Phase.DWN`
    refs: Nat = 0
    things: Family[Thing]

    @call("Add")
    def add(self, t: Thing) -> None:
        when(self.pase == Phase.UP)  # error: Q013 `self.pase`
        when(t.sise > 0)  # error: Q013 `t.sise`
        when(self.is_up())  # error: Q013 `self.is_up`
        when(any(s.sice > 0 for s in self.thigs))  # error: Q013 `self.thigs`
        self.reffs = 1  # error: Q013 `self.reffs`
        t.siize = 1  # error: Q013 `t.siize`
