"""The rules of two specs as one would write them without a generator: what generated cores are compared with."""

from enum import Enum, auto

from winsock_provider.core import Blocked, Linger, OpenSockets, Phase, Refused, Socket, SocketState


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
            socket.pending = 0
            if socket.state is SocketState.OPEN:
                if socket.linger is Linger.HARD or self.open_sockets is OpenSockets.RESET:
                    del self.sockets[socket]
                else:
                    socket.state = SocketState.CLOSING
                    socket.shares = 0
        return "last"

    def release(self) -> None:
        """The drain is over."""
        if self.phase is not Phase.DRAINING or any(s.state is SocketState.CLOSING for s in self.sockets):
            raise RuntimeError("the drain is not over")
        self.phase = Phase.UNLOADED
        self.lowest = 0


class Service(Enum):
    """Where the service of the first spec stands."""

    DOWN = auto()
    OPENING = auto()
    UP = auto()
    CLOSING = auto()


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
        if self.phase is Service.DOWN:
            self.phase = Service.OPENING
            return "first"
        raise Blocked("start")

    def opened(self) -> None:
        """The first user counts now."""
        if self.phase is not Service.OPENING:
            raise RuntimeError("nothing is being opened")
        self.phase = Service.UP
        self.refs = 1

    def stop(self) -> str:
        """One user less."""
        if self.refs == 0:
            raise Refused("NOT_STARTED")
        if self.refs > 1:
            self.refs -= 1
            return "nested"
        self.refs = 0
        self.phase = Service.CLOSING
        return "last"

    def closed(self) -> None:
        """Everything was given back."""
        if self.phase is not Service.CLOSING:
            raise RuntimeError("nothing is being closed")
        self.phase = Service.DOWN
