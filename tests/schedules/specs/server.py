"""A server with clients that come from outside: a stop waits until they are gone, or a timeout has cut them off."""

from enum import Enum, auto

from quiesce.spec import Machine, Nat, activity, call, environment, session, timeout, when


class Phase(Enum):
    """Where it stands."""

    DOWN = auto()
    BINDING = auto()
    UP = auto()
    DRAINING = auto()
    CLOSING = auto()


class Server(Machine):
    """A server."""

    phase: Phase = Phase.DOWN
    clients: Nat = 0

    serving = session("start", "stop")

    @activity("bind")
    def bound(self) -> None:
        """It listens."""
        when(self.phase == Phase.BINDING)
        self.phase = Phase.UP

    @activity("bind", fails=True)
    def not_bound(self) -> None:
        """It does not."""
        when(self.phase == Phase.BINDING)
        self.phase = Phase.DOWN

    @activity("shut")
    def shut(self) -> None:
        """It listens no more."""
        when(self.phase == Phase.CLOSING)
        self.phase = Phase.DOWN
        self.clients = 0

    @call("start")
    def start(self) -> None:
        """Listen."""
        when(self.phase == Phase.DOWN)
        self.phase = Phase.BINDING

    @call("start", fails="STARTED")
    def start_twice(self) -> None:
        """Already."""
        when(self.phase != Phase.DOWN)

    @call("connect")
    def connect(self) -> None:
        """A client comes."""
        when(self.phase == Phase.UP)
        self.clients += 1

    @call("connect", fails="NOT_UP")
    def connect_where(self) -> None:
        """There is nobody."""
        when(self.phase != Phase.UP)

    @environment
    def gone(self) -> None:
        """A client goes."""
        when(self.phase in (Phase.UP, Phase.DRAINING))
        when(self.clients > 1)
        self.clients -= 1

    @environment
    def last_gone(self) -> None:
        """The last client goes."""
        when(self.phase == Phase.DRAINING)
        when(self.clients == 1)
        self.clients = 0
        self.phase = Phase.CLOSING

    @timeout("drain_timeout")
    def cut_off(self) -> None:
        """Clients stay for too long."""
        when(self.phase == Phase.DRAINING)
        self.clients = 0
        self.phase = Phase.CLOSING

    @call("stop", until=[last_gone, cut_off])
    def stop(self) -> None:
        """Wait for clients."""
        when(self.phase == Phase.UP)
        when(self.clients > 0)
        self.phase = Phase.DRAINING

    @call("stop", until=[shut])
    def stop_at_once(self) -> None:
        """There are none."""
        when(self.phase == Phase.UP)
        when(self.clients == 0)
        self.phase = Phase.CLOSING

    @call("stop", fails="NOT_STARTED")
    def stop_what(self) -> None:
        """It does not run."""
        when(self.phase != Phase.UP)
