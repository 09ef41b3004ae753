"""A worker that starts itself anew, some time after it could not be started, for as long as nobody stops it."""

from enum import Enum, auto

from quiesce.spec import Machine, activity, call, timeout, when


class Phase(Enum):
    """Where the worker stands."""

    OFF = auto()
    BOOTING = auto()
    READY = auto()
    PAUSE = auto()


class Restart(Machine):
    """A worker that tries again and again."""

    phase: Phase = Phase.OFF

    @activity("boot")
    def booted(self) -> None:
        """It runs."""
        when(self.phase == Phase.BOOTING)
        self.phase = Phase.READY

    @activity("boot", fails=True)
    def not_booted(self) -> None:
        """It does not, for now."""
        when(self.phase == Phase.BOOTING)
        self.phase = Phase.PAUSE

    @timeout("pause")
    def retry(self) -> None:
        """Once more."""
        when(self.phase == Phase.PAUSE)
        self.phase = Phase.BOOTING

    @call("start")
    def start(self) -> None:
        """Begin."""
        when(self.phase == Phase.OFF)
        self.phase = Phase.BOOTING

    @call("start", fails="STARTED")
    def start_twice(self) -> None:
        """It has begun already."""
        when(self.phase != Phase.OFF)

    @call("stop")
    def stop(self) -> None:
        """End."""
        when(self.phase in (Phase.READY, Phase.PAUSE))
        self.phase = Phase.OFF

    @call("stop", fails="NOT_STARTED")
    def stop_nothing(self) -> None:
        """There is nothing to end."""
        when(self.phase in (Phase.OFF, Phase.BOOTING))
