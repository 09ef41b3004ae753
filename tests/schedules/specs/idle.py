"""A reader that falls asleep if nobody uses it, and has to be woken and tended then."""

from enum import Enum, auto

from quiesce.spec import Machine, activity, call, timeout, when


class Phase(Enum):
    """Where the reader stands."""

    OFF = auto()
    ON = auto()
    ASLEEP = auto()
    WOKEN = auto()
    TENDED = auto()


class Idle(Machine):
    """A reader that falls asleep."""

    phase: Phase = Phase.OFF

    @activity("tend")
    def tended(self) -> None:
        """It is as before."""
        when(self.phase == Phase.TENDED)
        self.phase = Phase.OFF

    @timeout("patience")
    def fall_asleep(self) -> None:
        """Nobody has used it for long."""
        when(self.phase == Phase.ON)
        self.phase = Phase.ASLEEP

    @call("use")
    def switch_on(self) -> None:
        """Begin."""
        when(self.phase == Phase.OFF)
        self.phase = Phase.ON

    @call("use", fails="IN_USE")
    def use_twice(self) -> None:
        """It is in use."""
        when(self.phase != Phase.OFF)

    @call("wake")
    def wake(self) -> None:
        """Wake it."""
        when(self.phase == Phase.ASLEEP)
        self.phase = Phase.WOKEN

    @call("wake", fails="AWAKE")
    def wake_nobody(self) -> None:
        """It does not sleep."""
        when(self.phase != Phase.ASLEEP)

    @call("care")
    def care(self) -> None:
        """Tend it."""
        when(self.phase == Phase.WOKEN)
        self.phase = Phase.TENDED

    @call("care", fails="NOT_WOKEN")
    def care_for_nobody(self) -> None:
        """It was not woken."""
        when(self.phase != Phase.WOKEN)
