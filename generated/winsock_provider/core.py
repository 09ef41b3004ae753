"""Lifecycle of a Winsock service provider: the pure transitions.

No method does I/O, waits or locks. The caller holds one lock around every call.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Literal


class OpenSockets(Enum):
    """What the last cleanup does with sockets that are still open; the pages "Cleanup" and "WSPCleanup" disagree."""

    DRAIN = auto()
    RESET = auto()


class StartupWhileDraining(Enum):
    """What a startup does while the last cleanup still drains; no page says."""

    WAIT = auto()
    TAKE_OVER = auto()


class Phase(Enum):
    """Where the provider stands."""

    UNLOADED = auto()
    STARTING = auto()
    RUNNING = auto()
    DRAINING = auto()


class SocketState(Enum):
    """Absent means: no resource stands behind the socket."""

    ABSENT = auto()
    OPEN = auto()
    CLOSING = auto()


class Linger(Enum):
    """How a close treats unsent bytes: send them in the background, wait for them for a time, or drop them."""

    GRACEFUL = auto()
    TIMED = auto()
    HARD = auto()


class Refused(Exception):
    """A call was refused and changed nothing; `error` is the name of the reason."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


class Blocked(Exception):
    """A call has to wait: try it again after the next change of state."""


class NotEnabled(Exception):
    """A step was taken in a state where its guard does not hold: a defect of the caller."""


@dataclass(slots=True, eq=False)
class Socket:
    """A socket of this process. Its descriptor is never handed out again."""

    state: SocketState = SocketState.ABSENT
    linger: Linger = Linger.GRACEFUL
    blocking: bool = True
    shut: bool = False
    shares: int = 0
    unsent: int = 0
    pending: int = 0
    notified: int = 0
    epoch: int = 0


class WinsockProviderCore:
    """Lifecycle of a Winsock service provider."""

    __slots__ = ("epoch", "lowest", "open_sockets", "phase", "refs", "sockets", "startup_while_draining")

    def __init__(
        self,
        open_sockets: OpenSockets = OpenSockets.DRAIN,
        startup_while_draining: StartupWhileDraining = StartupWhileDraining.WAIT,
    ) -> None:
        self.open_sockets = open_sockets
        self.startup_while_draining = startup_while_draining
        self.phase = Phase.UNLOADED
        self.refs = 0
        self.lowest = 0
        self.epoch = 0
        self.sockets: dict[Socket, None] = {}

    def wsp_startup(self, agreed: int, buffer: bool) -> Literal["nested_startup", "first_startup", "take_over"]:
        """WSPStartup.

        Refused: WSAVERNOTSUPPORTED, WSAEFAULT. May have to wait.
        """
        if agreed < 0:
            raise ValueError(f"agreed must be at least 0, not {agreed}")
        if self.phase is Phase.RUNNING and agreed > 0 and buffer:
            self.refs += 1
            self.lowest = min(self.lowest, agreed)
            return "nested_startup"
        if self.phase is Phase.UNLOADED and agreed > 0 and buffer:
            self.phase = Phase.STARTING
            self.lowest = agreed
            return "first_startup"
        if (
            self.phase is Phase.DRAINING
            and self.startup_while_draining is StartupWhileDraining.TAKE_OVER
            and agreed > 0
            and buffer
        ):
            self.phase = Phase.RUNNING
            self.refs = 1
            self.lowest = agreed
            self.epoch += 1
            return "take_over"
        if agreed == 0:
            raise Refused("WSAVERNOTSUPPORTED")
        if not buffer:
            raise Refused("WSAEFAULT")
        raise Blocked("WSPStartup")

    def wsp_cleanup(self) -> Literal["nested_cleanup", "last_cleanup"]:
        """WSPCleanup.

        Refused: WSANOTINITIALISED.
        """
        if self.refs > 1:
            self.refs -= 1
            return "nested_cleanup"
        if self.refs == 1:
            self.refs = 0
            self.phase = Phase.DRAINING
            for s in tuple(self.sockets):
                s.pending = 0
                if s.state is SocketState.OPEN:
                    if s.linger is Linger.HARD or self.open_sockets is OpenSockets.RESET:
                        self._retire_socket(s)
                    else:
                        s.state = SocketState.CLOSING
                        s.shares = 0
            return "last_cleanup"
        raise Refused("WSANOTINITIALISED")

    def wsp_socket(self, s: Socket, granted: bool) -> Literal["open_socket"]:
        """WSPSocket: `s` is a new Socket()."""
        if self.phase is Phase.RUNNING and granted:
            self.sockets[s] = None
            s.state = SocketState.OPEN
            s.shares = 1
            s.epoch = self.epoch
            return "open_socket"
        if self.phase is not Phase.RUNNING:
            raise Refused("WSANOTINITIALISED")
        raise Refused("WSAEMFILE")

    def wsp_send(self, s: Socket, n: int) -> Literal["send"]:
        """WSPSend."""
        if self.phase is Phase.RUNNING and s.state is SocketState.OPEN and not s.shut:
            s.unsent += n
            return "send"
        if self.phase is not Phase.RUNNING:
            raise Refused("WSANOTINITIALISED")
        if s.state is not SocketState.OPEN:
            raise Refused("WSAENOTSOCK")
        raise Refused("WSAESHUTDOWN")

    def wsp_recv(self, s: Socket, overlapped: bool) -> Literal["receive"]:
        """WSPRecv."""
        if self.phase is not Phase.RUNNING:
            raise Refused("WSANOTINITIALISED")
        if s.state is not SocketState.OPEN:
            raise Refused("WSAENOTSOCK")
        if overlapped:
            s.pending += 1
        return "receive"

    def wsp_shutdown(self, s: Socket) -> Literal["shutdown_send"]:
        """WSPShutdown."""
        if self.phase is not Phase.RUNNING:
            raise Refused("WSANOTINITIALISED")
        if s.state is not SocketState.OPEN:
            raise Refused("WSAENOTSOCK")
        s.shut = True
        return "shutdown_send"

    def wsp_set_sock_opt(self, s: Socket, linger: Linger, blocking: bool) -> Literal["configure"]:
        """WSPSetSockOpt."""
        if self.phase is not Phase.RUNNING:
            raise Refused("WSANOTINITIALISED")
        if s.state is not SocketState.OPEN:
            raise Refused("WSAENOTSOCK")
        s.linger = linger
        s.blocking = blocking
        return "configure"

    def wsp_duplicate_socket(self, s: Socket) -> Literal["duplicate"]:
        """WSPDuplicateSocket."""
        if self.phase is not Phase.RUNNING:
            raise Refused("WSANOTINITIALISED")
        if s.state is not SocketState.OPEN:
            raise Refused("WSAENOTSOCK")
        s.shares += 1
        return "duplicate"

    def wsp_close_socket(self, s: Socket) -> Literal["close_shared", "close_socket"]:
        """WSPCloseSocket."""
        if self.phase is not Phase.RUNNING:
            raise Refused("WSANOTINITIALISED")
        if s.state is not SocketState.OPEN:
            raise Refused("WSAENOTSOCK")
        if s.shares > 1:
            s.shares -= 1
            return "close_shared"
        if s.linger is Linger.TIMED and not s.blocking and s.unsent > 0:
            raise Refused("WSAEWOULDBLOCK")
        if s.linger is Linger.HARD:
            self._retire_socket(s)
        else:
            s.notified += s.pending
            s.pending = 0
            s.shares = 0
            s.state = SocketState.CLOSING
        return "close_socket"

    def can_initialised(self) -> bool:
        """Whether `initialised` may happen."""
        return self.phase is Phase.STARTING

    def initialised(self) -> None:
        """The claimed initialisation succeeded: only now the startup counts."""
        if not self.can_initialised():
            raise NotEnabled("initialised")
        self.phase = Phase.RUNNING
        self.refs = 1
        self.epoch += 1

    def can_initialisation_failed(self) -> bool:
        """Whether `initialisation_failed` may happen."""
        return self.phase is Phase.STARTING

    def initialisation_failed(self) -> None:
        """The claimed initialisation failed: everything is as before the call."""
        if not self.can_initialisation_failed():
            raise NotEnabled("initialisation_failed")
        self.phase = Phase.UNLOADED
        self.lowest = 0

    def can_release(self) -> bool:
        """Whether `release` may happen."""
        return self.phase is Phase.DRAINING and not any(s.state is SocketState.CLOSING for s in self.sockets)

    def release(self) -> None:
        """The drain is over: free everything that is left."""
        if not self.can_release():
            raise NotEnabled("release")
        self.phase = Phase.UNLOADED
        self.lowest = 0

    def can_transmit(self, s: Socket, n: int) -> bool:
        """Whether `transmit` may happen."""
        return 0 < n <= s.unsent

    def transmit(self, s: Socket, n: int) -> None:
        """The peer's side took `n` bytes."""
        if not self.can_transmit(s, n):
            raise NotEnabled("transmit")
        s.unsent -= n

    def can_peer_resets(self, s: Socket) -> bool:
        """Whether `peer_resets` may happen."""
        return s.unsent > 0

    def peer_resets(self, s: Socket) -> None:
        """The peer gave up the connection: what was queued for it is gone."""
        if not self.can_peer_resets(s):
            raise NotEnabled("peer_resets")
        s.unsent = 0

    def can_complete(self, s: Socket) -> bool:
        """Whether `complete` may happen."""
        return s.pending > 0

    def complete(self, s: Socket) -> None:
        """An overlapped operation finished and was reported."""
        if not self.can_complete(s):
            raise NotEnabled("complete")
        s.pending -= 1
        s.notified += 1

    def can_linger_expires(self, s: Socket) -> bool:
        """Whether `linger_expires` may happen."""
        return s.state is SocketState.CLOSING and s.linger is Linger.TIMED

    def linger_expires(self, s: Socket) -> None:
        """A close that waits for unsent bytes has waited long enough."""
        if not self.can_linger_expires(s):
            raise NotEnabled("linger_expires")
        self._retire_socket(s)

    def can_drain_bound_expires(self) -> bool:
        """Whether `drain_bound_expires` may happen."""
        return self.phase is Phase.DRAINING and any(s.unsent > 0 for s in self.sockets)

    def drain_bound_expires(self) -> None:
        """A peer that never reads is given up, so that the drain ends."""
        if not self.can_drain_bound_expires():
            raise NotEnabled("drain_bound_expires")
        for s in self.sockets:
            s.unsent = 0

    def can_finish_close(self, s: Socket) -> bool:
        """Whether `finish_close` may happen."""
        return s.state is SocketState.CLOSING and s.unsent == 0

    def finish_close(self, s: Socket) -> None:
        """Everything was sent: the socket's resources go back."""
        if not self.can_finish_close(s):
            raise NotEnabled("finish_close")
        self._retire_socket(s)

    def _retire_socket(self, s: Socket) -> None:
        s.state = SocketState.ABSENT
        s.linger = Linger.GRACEFUL
        s.blocking = True
        s.shut = False
        s.shares = 0
        s.unsent = 0
        s.pending = 0
        s.notified = 0
        self.sockets.pop(s, None)
