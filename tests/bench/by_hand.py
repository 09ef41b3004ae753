"""The rules of two specs as one would write them without a generator: what generated cores are compared with."""

from enum import Enum, auto

from winsock_provider.core import Blocked, OpenSockets, Phase, Refused, Socket


class HandProvider:
    """Startup and cleanup of a provider, as one would write them without a generator; same checks, same answers."""

    __slots__ = ("epoch", "lowest", "open_sockets", "phase", "refs", "sockets")

    def __init__(self) -> None:
        self.open_sockets = OpenSockets.DRAIN
        self.phase = Phase.UNLOADED
        self.refs = 0
        self.lowest = 0
        self.epoch = 0
        self.sockets: dict[Socket, None] = {}

    def startup(self, agreed: int, buffer: bool) -> str:
        """One more user."""
        if agreed < 0:
            raise ValueError("agreed must not be negative")
        if agreed == 0:
            raise Refused("WSAVERNOTSUPPORTED")
        if not buffer:
            raise Refused("WSAEFAULT")
        if self.phase is Phase.RUNNING:
            self.refs += 1
            self.lowest = min(self.lowest, agreed)
            return "nested"
        if self.phase is Phase.UNLOADED:
            self.phase = Phase.STARTING
            self.lowest = agreed
            return "first"
        raise Blocked("WSPStartup")

    def initialised(self) -> None:
        """The first startup succeeded."""
        if self.phase is not Phase.STARTING:
            raise RuntimeError("nothing is being initialised")
        self.phase = Phase.RUNNING
        self.refs = 1
        self.epoch += 1

    def cleanup(self) -> str:
        """One user less."""
        if self.refs == 0:
            raise Refused("WSANOTINITIALISED")
        if self.refs > 1:
            self.refs -= 1
            return "nested"
        self.refs = 0
        self.phase = Phase.DRAINING
        for socket in list(self.sockets):
            del self.sockets[socket]
        return "last"

    def release(self) -> None:
        """Everything was sent."""
        if self.phase is not Phase.DRAINING or self.sockets:
            raise RuntimeError("the drain is not over")
        self.phase = Phase.UNLOADED
        self.lowest = 0


class Service(Enum):
    """Where the service of the first spec stands."""

    DOWN = auto()
    UP = auto()
    STOPPING = auto()


class HandCounter:
    """A counter with the states of the first spec, as one would write it without a generator."""

    __slots__ = ("phase", "refs")

    def __init__(self) -> None:
        self.phase = Service.DOWN
        self.refs = 0

    def start(self) -> str:
        """One more user."""
        if self.phase is Service.UP:
            self.refs += 1
            return "nested"
        if self.phase is Service.STOPPING:
            raise Refused("STOPPING")
        self.phase = Service.UP
        self.refs = 1
        return "first"

    def stop(self) -> str:
        """One user less."""
        if self.refs == 0:
            raise Refused("NOT_STARTED")
        if self.refs > 1:
            self.refs -= 1
            return "nested"
        self.refs = 0
        self.phase = Service.STOPPING
        return "last"

    def released(self) -> None:
        """Everything was given back."""
        if self.phase is not Service.STOPPING:
            raise RuntimeError("nothing is being stopped")
        self.phase = Service.DOWN
