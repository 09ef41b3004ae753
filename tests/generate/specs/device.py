"""A device that several callers open and close together."""

from enum import Enum, auto

from quiesce.spec import Machine, Nat, activity, always, call, due, pristine, recoverable, session, when


class Phase(Enum):
    """Where the device stands."""

    DOWN = auto()
    OPENING = auto()
    UP = auto()
    CLOSING = auto()


class Device(Machine):
    """A reference-counted device."""

    phase: Phase = Phase.DOWN
    refs: Nat = 0

    @activity("open")
    def opened(self) -> None:
        """The device is open: only now it counts."""
        when(self.phase == Phase.OPENING)
        self.phase = Phase.UP
        self.refs = 1

    @activity("open", fails=True)
    def open_failed(self) -> None:
        """The device could not be opened: as before the call."""
        when(self.phase == Phase.OPENING)
        self.phase = Phase.DOWN

    @activity("close")
    def closed(self) -> None:
        """Everything is given back."""
        when(self.phase == Phase.CLOSING)
        self.phase = Phase.DOWN

    @call("start")
    def first_start(self) -> None:
        """Nobody uses the device yet: it has to be opened."""
        when(self.phase == Phase.DOWN)
        self.phase = Phase.OPENING

    @call("start")
    def further_start(self) -> None:
        """One more user."""
        when(self.phase == Phase.UP)
        self.refs += 1

    @call("start", blocks=True, fair=[opened, open_failed, closed])
    def wait_for_quiet(self) -> None:
        """Somebody opens or closes the device at this moment."""
        when(self.phase in (Phase.OPENING, Phase.CLOSING))

    @call("stop")
    def nested_stop(self) -> None:
        """Others still use the device."""
        when(self.refs > 1)
        self.refs -= 1

    @call("stop", until=[closed])
    def last_stop(self) -> None:
        """Nobody uses the device any more."""
        when(self.refs == 1)
        self.refs = 0
        self.phase = Phase.CLOSING

    @call("stop", fails="NOT_STARTED")
    def excess_stop(self) -> None:
        """One stop too many."""
        when(self.refs == 0)

    using = session("start", "stop")

    @always
    def counted_only_while_up(self) -> bool:
        """The device is up exactly while somebody uses it."""
        return (self.refs > 0) == (self.phase == Phase.UP)

    @always
    def never_both(self) -> bool:
        """The device is not opened and closed at the same time."""
        return not (due("open") and due("close"))

    @pristine
    def down_means_as_new(self) -> bool:
        """A restart is like the first start."""
        return self.phase == Phase.DOWN

    @recoverable
    def can_always_be_up_again(self) -> bool:
        """Whatever happened, the device can be opened again."""
        return self.phase == Phase.UP
