"""A service that several callers start and stop together, without any work in between."""

from enum import Enum, auto

from quiesce.spec import Machine, Nat, always, call, pristine, recoverable, session, step, when


class Phase(Enum):
    """Where the service stands."""

    DOWN = auto()
    UP = auto()


class Service(Machine):
    """A reference-counted service."""

    phase: Phase = Phase.DOWN
    refs: Nat = 0

    using = session("start", "stop")

    @call("start")
    def first_start(self) -> None:
        """Nobody uses the service yet."""
        when(self.phase == Phase.DOWN)
        self.phase = Phase.UP
        self.refs = 1

    @call("start")
    def further_start(self) -> None:
        """One more user."""
        when(self.phase == Phase.UP)
        self.refs += 1

    @call("stop")
    def nested_stop(self) -> None:
        """Others still use the service."""
        when(self.refs > 1)
        self.refs -= 1

    @call("stop")
    def last_stop(self) -> None:
        """Nobody uses the service any more."""
        when(self.refs == 1)
        self.refs = 0
        self.phase = Phase.DOWN

    @call("stop", fails="NOT_STARTED")
    def excess_stop(self) -> None:
        """One stop too many."""
        when(self.refs == 0)

    @always
    def counted_only_while_up(self) -> bool:
        """The service is up exactly while somebody uses it."""
        return (self.refs > 0) == (self.phase == Phase.UP)

    @step(only=[first_start, further_start])
    def each_start_counts_once(self, old: "Service") -> bool:
        """A start that succeeds adds one user."""
        return self.refs == old.refs + 1

    @pristine
    def down_means_as_new(self) -> bool:
        """A restart is like the first start."""
        return self.phase == Phase.DOWN

    @recoverable
    def can_always_be_up_again(self) -> bool:
        """Whatever happened, the service can be started again."""
        return self.phase == Phase.UP
