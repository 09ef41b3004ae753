from enum import Enum, auto

from quiesce.spec import Family, Int, Machine, Member, Nat, always, call, internal, leads_to, recoverable, step, when


class Phase(Enum):
    IDLE = auto()
    BUSY = auto()


class Worker(Member):
    left: Nat = 0
    stuck: bool = False


class Works(Machine):
    phase: Phase = Phase.IDLE
    debt: Int = 0
    queued: Nat = 0
    workers: Family[Worker]

    @call("go")
    def go(self, who: Worker, n: Nat) -> None:
        when(self.phase == Phase.IDLE)
        self.phase = Phase.BUSY
        self.queued = n

    @call("go", fails="BUSY")
    def no(self) -> None:
        when(self.phase == Phase.BUSY)

    @internal
    def work(self) -> None:
        when(self.queued > 0)
        self.queued -= 1

    @internal
    def done(self) -> None:
        when(self.phase == Phase.BUSY and self.queued == 0)
        self.phase = Phase.IDLE

    @step
    def grows(self, old: "Works") -> bool:
        return self.debt >= old.debt

    @leads_to(fair=[work, done])
    def ends(self) -> tuple[bool, bool]:
        return self.phase == Phase.BUSY, self.phase == Phase.IDLE

    @recoverable
    def back(self) -> bool:
        return self.phase == Phase.IDLE

    @recoverable(expect="refuted")
    def in_debt(self) -> bool:
        return self.debt > 0

    @always(expect="refuted")
    def never(self) -> bool:
        return self.queued == 0
