from enum import Enum, auto

from quiesce.spec import Machine, activity, always, call, when


class Phase(Enum):
    OFF = auto()
    BOOTING = auto()
    READY = auto()
    HALTING = auto()


class Worker(Machine):
    """It may be stopped while it boots: then its phase alone does not tell that somebody waits for its end."""

    phase: Phase = Phase.OFF
    wanted: bool = False

    @activity("boot")
    def booted(self) -> None:
        when(self.phase == Phase.BOOTING)
        if self.wanted:
            self.phase = Phase.READY
        else:
            self.phase = Phase.HALTING

    @activity("boot", fails=True)
    def not_booted(self) -> None:
        when(self.phase == Phase.BOOTING)
        self.phase = Phase.OFF
        self.wanted = False

    @activity("halt")
    def halted(self) -> None:
        when(self.phase == Phase.HALTING)
        self.phase = Phase.OFF

    @call("start")
    def start(self) -> None:
        when(self.phase == Phase.OFF)
        self.phase = Phase.BOOTING
        self.wanted = True

    @call("start", fails="BUSY")
    def start_twice(self) -> None:
        when(self.phase != Phase.OFF)

    @call("stop", until=[halted, not_booted])
    def stop(self) -> None:
        when(self.wanted)
        self.wanted = False
        if self.phase == Phase.READY:
            self.phase = Phase.HALTING

    @call("stop", fails="NOT_WANTED")
    def stop_nothing(self) -> None:
        when(not self.wanted)

    @always
    def wanted_while_it_runs(self) -> bool:
        return not self.wanted or self.phase in (Phase.BOOTING, Phase.READY)
