from enum import Enum, auto

from quiesce.spec import Machine, call, internal, when


class Phase(Enum):
    IDLE = auto()
    A = auto()
    B = auto()


class Round(Machine):
    phase: Phase = Phase.IDLE

    @call("begin")
    def begin(self) -> None:
        when(self.phase == Phase.IDLE)
        self.phase = Phase.A

    @call("begin", fails="BUSY")
    def busy(self) -> None:
        when(self.phase != Phase.IDLE)

    @internal
    def ab(self) -> None:
        when(self.phase == Phase.A)
        self.phase = Phase.B

    @internal
    def ba(self) -> None:
        when(self.phase == Phase.B)
        self.phase = Phase.A

    @call("stop")
    def stop(self) -> None:
        when(self.phase == Phase.IDLE)

    @call("stop", blocks=True, fair=[ab])
    def stop_in_a(self) -> None:
        when(self.phase == Phase.A)

    @call("stop", blocks=True, fair=[ba])
    def stop_in_b(self) -> None:
        when(self.phase == Phase.B)
