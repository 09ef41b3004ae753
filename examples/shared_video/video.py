"""The video device of a C library, which all parts of a program share: opened by the first, closed after the last."""

from enum import Enum, auto

from quiesce.spec import Machine, Nat, activity, always, call, due, pristine, recoverable, session, step, when


class Phase(Enum):
    """Where the device stands."""

    DOWN = auto()
    OPENING = auto()
    UP = auto()
    CLOSING = auto()


class Video(Machine):
    """A video device that several threads share."""

    phase: Phase = Phase.DOWN
    users: Nat = 0

    # --- the work -----------------------------------------------------------------------------------------------

    @activity("open_device")
    def opened(self) -> None:
        """The device is there: only now its first user counts."""
        when(self.phase == Phase.OPENING)
        self.phase = Phase.UP
        self.users = 1

    @activity("open_device", fails=True)
    def not_opened(self) -> None:
        """There is no such device, or somebody else has it: nobody uses it, as before."""
        when(self.phase == Phase.OPENING)
        self.phase = Phase.DOWN

    @activity("close_device")
    def closed(self) -> None:
        """The device is given back."""
        when(self.phase == Phase.CLOSING)
        self.phase = Phase.DOWN

    # --- the calls ----------------------------------------------------------------------------------------------

    @call("start")
    def first_start(self) -> None:
        """Nobody uses the device yet: it has to be opened."""
        when(self.phase == Phase.DOWN)
        self.phase = Phase.OPENING

    @call("start")
    def further_start(self) -> None:
        """One more user of a device that is open."""
        when(self.phase == Phase.UP)
        self.users += 1

    @call("start", blocks=True, fair=[opened, not_opened, closed])
    def start_later(self) -> None:
        """Another thread opens or closes the device right now."""
        when(self.phase in (Phase.OPENING, Phase.CLOSING))

    @call("stop")
    def nested_stop(self) -> None:
        """Others still use the device."""
        when(self.users > 1)
        self.users -= 1

    @call("stop", until=[closed])
    def last_stop(self) -> None:
        """Nobody uses the device any more: it is closed."""
        when(self.users == 1)
        self.users = 0
        self.phase = Phase.CLOSING

    @call("stop", fails="NOT_STARTED")
    def excess_stop(self) -> None:
        """One stop too many."""
        when(self.users == 0)

    using = session("start", "stop")

    # --- the promises -------------------------------------------------------------------------------------------

    @always
    def open_while_used(self) -> bool:
        """The device is open exactly while somebody uses it."""
        return (self.phase == Phase.UP) == (self.users > 0)

    @always
    def never_opened_and_closed_at_once(self) -> bool:
        """No thread opens the device while another one closes it."""
        return not (due("open_device") and due("close_device"))

    @step(only=[opened, further_start])
    def each_start_counts_once(self, old: "Video") -> bool:
        """Whoever is told that the device is there is counted, and nobody is counted twice."""
        return self.users == old.users + 1

    @step(only=[nested_stop, last_stop])
    def each_stop_counts_once(self, old: "Video") -> bool:
        """A stop takes back one start."""
        return self.users == old.users - 1

    @step(only=[not_opened, closed])
    def down_after_it(self, old: "Video") -> bool:
        """After an opening that failed, and after a closing, the device is down and the count as it was."""
        return self.phase == Phase.DOWN and self.users == old.users

    @pristine
    def down_means_as_new(self) -> bool:
        """A restart is like the first start."""
        return self.phase == Phase.DOWN

    @recoverable
    def can_be_up_again(self) -> bool:
        """Whatever happened, the device can be opened again."""
        return self.phase == Phase.UP
