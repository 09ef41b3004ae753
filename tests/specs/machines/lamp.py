from enum import Enum, auto

from quiesce.spec import Machine, Nat, always, call, environment, leads_to, recoverable, step, when


class Phase(Enum):
    DARK = auto()
    LIT = auto()
    BURNT = auto()


class Lamp(Machine):
    """It can be lit, put out, and burns out; the second time, somebody notices."""

    phase: Phase = Phase.DARK
    times: Nat = 0

    @environment
    def burn(self) -> None:
        when(self.phase == Phase.LIT)
        self.phase = Phase.BURNT

    @environment
    def flicker(self) -> None:
        when(self.phase == Phase.BURNT)
        self.times = 2

    @call("light")
    def light(self) -> None:
        when(self.phase == Phase.DARK and self.times < 2)
        self.phase = Phase.LIT
        self.times += 1

    @call("put_out")
    def put_out(self) -> None:
        when(self.phase == Phase.LIT)
        self.phase = Phase.DARK

    @call("put_out", fails="NOT_LIT")
    def put_out_in_vain(self) -> None:
        when(self.phase != Phase.LIT)

    @always
    def dark_at_first(self) -> bool:
        return self.phase == Phase.DARK or self.times > 0

    @always
    def once(self) -> bool:
        return self.times < 2

    @step(expect="refuted")
    def never_out(self, old: "Lamp") -> bool:
        return old.phase != Phase.LIT or self.phase != Phase.DARK

    @recoverable(expect="refuted")
    def can_be_dark(self) -> bool:
        return self.phase == Phase.DARK

    @leads_to(fair=[flicker])
    def is_noticed(self) -> tuple[bool, bool]:
        return self.phase == Phase.BURNT, self.times == 2

    @leads_to(fair=[burn])
    def burns(self) -> tuple[bool, bool]:
        return self.phase == Phase.DARK, self.phase == Phase.BURNT
