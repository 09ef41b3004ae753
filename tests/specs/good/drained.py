"""A queue that finishes its work before it is closed, but not for longer than it may take."""

from enum import Enum, auto

from quiesce.spec import (
    Machine,
    Nat,
    activity,
    always,
    call,
    due,
    environment,
    pristine,
    recoverable,
    session,
    timeout,
    when,
)


class Phase(Enum):
    """Where the queue stands."""

    DOWN = auto()
    OPENING = auto()
    UP = auto()
    DRAINING = auto()
    CLOSING = auto()


class Drained(Machine):
    """A reference-counted queue."""

    phase: Phase = Phase.DOWN
    refs: Nat = 0
    queued: Nat = 0

    @activity("open")
    def opened(self) -> None:
        """The queue is there: its first user counts."""
        when(self.phase == Phase.OPENING)
        self.phase = Phase.UP
        self.refs = 1

    @activity("open", fails=True)
    def open_failed(self) -> None:
        """The queue could not be made."""
        when(self.phase == Phase.OPENING)
        self.phase = Phase.DOWN

    @environment
    def carried_out(self) -> None:
        """A piece of work is done."""
        when(self.queued > 0)
        self.queued -= 1
        if self.phase == Phase.DRAINING and self.queued == 0:
            self.phase = Phase.CLOSING

    @timeout("drain_timeout")
    def given_up(self) -> None:
        """The rest of the work is given up."""
        when(self.phase == Phase.DRAINING)
        self.queued = 0
        self.phase = Phase.CLOSING

    @activity("close")
    def closed(self) -> None:
        """The queue is gone."""
        when(self.phase == Phase.CLOSING)
        self.phase = Phase.DOWN

    @call("start")
    def first_start(self) -> None:
        """Nobody uses the queue yet."""
        when(self.phase == Phase.DOWN)
        self.phase = Phase.OPENING

    @call("start")
    def further_start(self) -> None:
        """One more user."""
        when(self.phase == Phase.UP)
        self.refs += 1

    @call("start", blocks=True, fair=[opened, open_failed, carried_out, given_up, closed])
    def wait_to_start(self) -> None:
        """Somebody opens or closes the queue."""
        when(self.phase in (Phase.OPENING, Phase.DRAINING, Phase.CLOSING))

    @call("put")
    def put(self) -> None:
        """A piece of work is handed in."""
        when(self.phase == Phase.UP)
        self.queued += 1

    @call("put", fails="NOT_STARTED")
    def put_too_late(self) -> None:
        """Nobody would carry it out."""
        when(self.phase != Phase.UP)

    @call("stop")
    def nested_stop(self) -> None:
        """Others still use the queue."""
        when(self.refs > 1)
        self.refs -= 1

    @call("stop", until=[closed], fair=[carried_out, given_up])
    def last_stop(self) -> None:
        """The last user leaves: what is queued is carried out first."""
        when(self.refs == 1)
        self.refs = 0
        if self.queued > 0:
            self.phase = Phase.DRAINING
        else:
            self.phase = Phase.CLOSING

    @call("stop", fails="NOT_STARTED")
    def excess_stop(self) -> None:
        """One stop too many."""
        when(self.refs == 0)

    using = session("start", "stop")

    @always
    def counted_while_up(self) -> bool:
        """The queue is up exactly while somebody uses it."""
        return (self.refs > 0) == (self.phase == Phase.UP)

    @always
    def closed_when_empty(self) -> bool:
        """Nothing is queued where nobody would carry it out."""
        return self.queued == 0 or self.phase in (Phase.UP, Phase.DRAINING)

    @always
    def drained_for_something(self) -> bool:
        """The queue drains only while there is work."""
        return self.queued > 0 or self.phase != Phase.DRAINING

    @always
    def never_both(self) -> bool:
        """The queue is not opened and closed at the same time."""
        return not (due("open") and due("close"))

    @pristine
    def down_means_as_new(self) -> bool:
        """A restart is like the first start."""
        return self.phase == Phase.DOWN

    @recoverable
    def can_be_up_again(self) -> bool:
        """Whatever happened, the queue can be opened again."""
        return self.phase == Phase.UP
