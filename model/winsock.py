"""The lifecycle of a Winsock service provider.

Cleanup is called once per startup. Each call lowers a counter that belongs to the process, not to a caller. At zero the
provider first finishes sending what sockets configured for a graceful close still hold, then frees everything, and is
left so that a startup can initialise it again at once. Each time that the provider comes to run, a new epoch begins.
The requirements, R2 to R39, are in winsock_requirements.py; where the pages that they come from disagree, or are
silent, a policy stands here.
"""

from enum import Enum, auto

from quiesce.spec import (
    Family,
    Machine,
    Member,
    Nat,
    New,
    Persistent,
    accepts,
    activity,
    always,
    call,
    calls,
    enabled,
    environment,
    implies,
    initially,
    internal,
    leads_to,
    policy,
    pristine,
    recoverable,
    refuses,
    retire,
    step,
    timeout,
    unchanged,
    when,
)
from winsock_contract import ProviderContract
from winsock_requirements import (
    R2,
    R3,
    R4,
    R5,
    R6,
    R7,
    R8,
    R9,
    R10,
    R11,
    R12,
    R13,
    R14,
    R15,
    R16,
    R17,
    R18,
    R20,
    R23,
    R24,
    R33,
    R34,
    R35,
    R36,
    R38,
    R39,
)

ON_A_SOCKET = calls("WSPSend", "WSPRecv", "WSPShutdown", "WSPSetSockOpt", "WSPDuplicateSocket", "WSPCloseSocket")
AFTER_STARTUP = calls("WSPSocket", ON_A_SOCKET)


class OpenSockets(Enum):
    """What the last cleanup does with sockets that are still open; the pages "Cleanup" and "WSPCleanup" disagree."""

    DRAIN = auto()
    RESET = auto()


class StartupWhileDraining(Enum):
    """What a startup does while the last cleanup still drains; no page says."""

    WAIT = auto()
    TAKE_OVER = auto()


OPEN_SOCKETS = policy(OpenSockets.DRAIN, OpenSockets.RESET)
STARTUP_WHILE_DRAINING = policy(StartupWhileDraining.WAIT, StartupWhileDraining.TAKE_OVER)


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


class Socket(Member):
    """A socket of this process. Its descriptor is never handed out again."""

    state: SocketState = SocketState.ABSENT
    linger: Linger = Linger.GRACEFUL
    blocking: bool = True
    shut: bool = False  # no more sends
    shares: Nat = 0  # descriptors that stand for this socket
    unsent: Nat = 0  # bytes accepted and not yet transmitted
    pending: Nat = 0  # overlapped operations under way
    notified: Nat = 0  # completions that were reported
    epoch: Persistent[Nat] = 0  # the epoch in which it was opened; 0: never

    def in_use(self) -> bool:
        """A resource stands behind the socket: it is open, or its close is in progress."""
        return self.state != SocketState.ABSENT


class WinsockProvider(Machine, provides=ProviderContract):
    """Lifecycle of a Winsock service provider."""

    phase: Phase = Phase.UNLOADED
    refs: Nat = 0  # the per-process reference count
    lowest: Nat = 0  # lowest version agreed in this epoch, as major * 256 + minor; 0: none yet
    epoch: Persistent[Nat] = 0  # how many times the provider was initialised
    sockets: Family[Socket]

    # WSPStartup. `agreed` is the greatest supported version not above the request, 0 if there is none.

    @call("WSPStartup", satisfies=[R3, R8])
    def nested_startup(self, agreed: Nat, buffer: bool) -> None:
        """The provider is running: one more reference."""
        when(self.phase == Phase.RUNNING)
        when(agreed > 0 and buffer)
        self.refs += 1
        self.lowest = min(self.lowest, agreed)

    @call("WSPStartup", satisfies=R3)
    def first_startup(self, agreed: Nat, buffer: bool) -> None:
        """Nobody uses the provider: claim its initialisation. Nothing is counted before that has succeeded."""
        when(self.phase == Phase.UNLOADED)
        when(agreed > 0 and buffer)
        self.phase = Phase.STARTING
        self.lowest = agreed

    @call("WSPStartup", satisfies=R11)
    def take_over(self, agreed: Nat, buffer: bool) -> None:
        """Begin a new epoch over the old drain, which goes on in the background. What is drained is freed first."""
        when(self.phase == Phase.DRAINING and STARTUP_WHILE_DRAINING == StartupWhileDraining.TAKE_OVER)
        when(any(s.state == SocketState.CLOSING for s in self.sockets))
        when(agreed > 0 and buffer)
        self.phase = Phase.RUNNING
        self.refs = 1
        self.lowest = agreed
        self.epoch += 1

    @activity("initialise", satisfies=R3)
    def initialised(self) -> None:
        """The claimed initialisation succeeded: only now the startup counts."""
        when(self.phase == Phase.STARTING)
        self.phase = Phase.RUNNING
        self.refs = 1
        self.epoch += 1

    @activity("initialise", fails=True, satisfies=R4)
    def initialisation_failed(self) -> None:
        """The claimed initialisation failed: everything is as before the call."""
        when(self.phase == Phase.STARTING)
        self.phase = Phase.UNLOADED
        self.lowest = 0

    @call("WSPStartup", fails="WSAVERNOTSUPPORTED", satisfies=[R4, R20])
    def refuse_version(self, agreed: Nat) -> None:
        """No supported version is low enough for the caller."""
        when(agreed == 0)

    @call("WSPStartup", fails="WSAEFAULT", satisfies=[R4, R23, R24])
    def refuse_buffer(self, agreed: Nat, buffer: bool) -> None:
        """The caller gave no place for the answer."""
        when(agreed > 0 and not buffer)

    # WSPCleanup.

    @call("WSPCleanup", satisfies=[R5, R7, R8])
    def nested_cleanup(self) -> None:
        """Somebody else still uses the provider."""
        when(self.refs > 1)
        self.refs -= 1

    @call("WSPCleanup", fails="WSANOTINITIALISED", satisfies=R6)
    def excess_cleanup(self) -> None:
        """One cleanup too many."""
        when(self.refs == 0)

    @activity("release", satisfies=[R10, R14])
    def release(self) -> None:
        """The drain is over: free everything that is left."""
        when(self.phase == Phase.DRAINING)
        when(not any(s.state == SocketState.CLOSING for s in self.sockets))
        self.phase = Phase.UNLOADED
        self.lowest = 0

    # Calls on sockets.

    @call(AFTER_STARTUP, fails="WSANOTINITIALISED", satisfies=R2)
    def not_initialised(self) -> None:
        """No startup has succeeded, or its last cleanup has begun."""
        when(self.phase != Phase.RUNNING)

    @call(ON_A_SOCKET, fails="WSAENOTSOCK", satisfies=R12)
    def not_a_socket(self, s: Socket) -> None:
        """The descriptor is unknown, closed, or from an earlier epoch."""
        when(self.phase == Phase.RUNNING)
        when(s.state != SocketState.OPEN)

    @call("WSPSocket")
    def open_socket(self, s: New[Socket], granted: bool) -> None:
        """The operating system granted a socket."""
        when(self.phase == Phase.RUNNING)
        when(granted)
        s.state = SocketState.OPEN
        s.shares = 1
        s.epoch = self.epoch

    @call("WSPSocket", fails="WSAEMFILE")
    def no_more_sockets(self, granted: bool) -> None:
        """The operating system refused one."""
        when(self.phase == Phase.RUNNING)
        when(not granted)

    @call("WSPSend")
    def send(self, s: Socket, n: Nat) -> None:
        """Take `n` bytes; they are transmitted later."""
        when(self.phase == Phase.RUNNING)
        when(s.state == SocketState.OPEN and not s.shut)
        s.unsent += n

    @call("WSPSend", fails="WSAESHUTDOWN", satisfies=R38)
    def send_after_shutdown(self, s: Socket) -> None:
        """The client has said that it will send no more."""
        when(self.phase == Phase.RUNNING)
        when(s.state == SocketState.OPEN and s.shut)

    @call("WSPRecv")
    def receive(self, s: Socket, overlapped: bool) -> None:
        """Stands for every other call on a socket: it needs a live descriptor and may leave an operation pending."""
        when(self.phase == Phase.RUNNING)
        when(s.state == SocketState.OPEN)
        if overlapped:
            s.pending += 1

    @call("WSPShutdown", satisfies=R38)
    def shutdown_send(self, s: Socket) -> None:
        """No more sends; what is queued still goes out."""
        when(self.phase == Phase.RUNNING)
        when(s.state == SocketState.OPEN)
        s.shut = True

    @call("WSPSetSockOpt")
    def configure(self, s: Socket, linger: Linger, blocking: bool) -> None:
        """Choose how a later close behaves."""
        when(self.phase == Phase.RUNNING)
        when(s.state == SocketState.OPEN)
        s.linger = linger
        s.blocking = blocking

    @call("WSPDuplicateSocket", satisfies=R33)
    def duplicate(self, s: Socket) -> None:
        """One more descriptor for the same socket."""
        when(self.phase == Phase.RUNNING)
        when(s.state == SocketState.OPEN)
        s.shares += 1

    @call("WSPCloseSocket", satisfies=R33)
    def close_shared(self, s: Socket) -> None:
        """Another descriptor still stands for the socket."""
        when(self.phase == Phase.RUNNING)
        when(s.state == SocketState.OPEN and s.shares > 1)
        s.shares -= 1

    @call("WSPCloseSocket", fails="WSAEWOULDBLOCK", satisfies=R35)
    def close_would_block(self, s: Socket) -> None:
        """A timed linger would have to wait, and the socket may not block."""
        when(self.phase == Phase.RUNNING)
        when(s.state == SocketState.OPEN and s.shares == 1)
        when(s.linger == Linger.TIMED and not s.blocking and s.unsent > 0)

    @call("WSPCloseSocket", satisfies=R36)
    def close_socket(self, s: Socket) -> None:
        """Complete what is pending, then close: hard at once, graceful once everything is sent."""
        when(self.phase == Phase.RUNNING)
        when(s.state == SocketState.OPEN and s.shares == 1)
        when(s.linger != Linger.TIMED or s.blocking or s.unsent == 0)
        if s.linger == Linger.HARD:
            retire(s)
        else:
            s.notified += s.pending
            s.pending = 0
            s.shares = 0
            s.state = SocketState.CLOSING

    # What happens by itself.

    @environment
    def transmit(self, s: Socket, n: Nat) -> None:
        """The peer's side took `n` bytes."""
        when(0 < n <= s.unsent)
        s.unsent -= n

    @environment
    def peer_resets(self, s: Socket) -> None:
        """The peer gave up the connection: what was queued for it is gone."""
        when(s.unsent > 0)
        s.unsent = 0

    @environment
    def complete(self, s: Socket) -> None:
        """An overlapped operation finished and was reported."""
        when(s.pending > 0)
        s.pending -= 1
        s.notified += 1

    @environment(satisfies=R39)
    def linger_expires(self, s: Socket) -> None:
        """A close that waits for unsent bytes has waited long enough."""
        when(s.state == SocketState.CLOSING and s.linger == Linger.TIMED)
        retire(s)

    @timeout("drain_timeout")
    def drain_bound_expires(self) -> None:
        """A peer that never reads is given up, so that the drain ends."""
        when(self.phase == Phase.DRAINING)
        when(any(s.unsent > 0 for s in self.sockets))
        for s in self.sockets:
            s.unsent = 0

    @internal
    def finish_close(self, s: Socket) -> None:
        """Everything was sent: the socket's resources go back."""
        when(s.state == SocketState.CLOSING and s.unsent == 0)
        retire(s)

    @call(
        "WSPStartup",
        blocks=True,
        fair=[initialised, initialisation_failed, finish_close, drain_bound_expires, release],
    )
    def wait_for_quiet(self, agreed: Nat, buffer: bool) -> None:
        """Another thread initialises the provider, or the last cleanup still drains, or frees what is left."""
        when(
            self.phase == Phase.STARTING
            or (
                self.phase == Phase.DRAINING
                and (
                    STARTUP_WHILE_DRAINING == StartupWhileDraining.WAIT
                    or not any(s.state == SocketState.CLOSING for s in self.sockets)
                )
            )
        )
        when(agreed > 0 and buffer)

    @call(
        "WSPCleanup",
        until=[release, take_over],
        fair=[finish_close, drain_bound_expires],
        satisfies=[R5, R14, R15, R17],
    )
    def last_cleanup(self) -> None:
        """Nobody uses the provider any more: cancel, close what is open, and drain. Answered when all is freed."""
        when(self.refs == 1)
        self.refs = 0
        self.phase = Phase.DRAINING
        for s in self.sockets:
            s.pending = 0
            if s.state == SocketState.OPEN:
                if s.linger == Linger.HARD or OPEN_SOCKETS == OpenSockets.RESET:
                    retire(s)
                else:
                    s.state = SocketState.CLOSING
                    s.shares = 0

    # Promises about every state.

    @always(satisfies=[R2, R5])
    def counted_only_while_running(self) -> bool:
        """References are counted exactly while the provider runs."""
        return (self.refs > 0) == (self.phase == Phase.RUNNING)

    @always(satisfies=R12)
    def open_sockets_are_of_this_epoch(self) -> bool:
        """Only a running provider has open sockets, and each was opened since the provider last came to run."""
        return all(
            implies(s.state == SocketState.OPEN, self.phase == Phase.RUNNING and s.epoch == self.epoch)
            for s in self.sockets
        )

    @always(satisfies=R10)
    def no_socket_while_unloaded(self) -> bool:
        """No socket is in use while the provider is unloaded or still starting."""
        return implies(self.phase in (Phase.UNLOADED, Phase.STARTING), not any(s.in_use() for s in self.sockets))

    @always(satisfies=R10)
    def absent_sockets_hold_nothing(self) -> bool:
        """A socket that was given back holds no bytes, operations, descriptors or settings."""
        return all(
            implies(
                not s.in_use(),
                s.unsent == 0
                and s.pending == 0
                and s.notified == 0
                and s.shares == 0
                and s.linger == Linger.GRACEFUL
                and s.blocking
                and not s.shut,
            )
            for s in self.sockets
        )

    @always(satisfies=[R15, R36])
    def only_open_sockets_have_operations(self) -> bool:
        """No operation is under way on a socket that is not open."""
        return all(implies(s.pending > 0, s.state == SocketState.OPEN) for s in self.sockets)

    @always(satisfies=R33)
    def open_means_held_by_a_descriptor(self) -> bool:
        """A socket is open exactly while a descriptor stands for it."""
        return all((s.shares > 0) == (s.state == SocketState.OPEN) for s in self.sockets)

    @always(satisfies=R34)
    def hard_close_never_lingers(self) -> bool:
        """A socket that is set to a hard close never waits for its close to end."""
        return all(implies(s.state == SocketState.CLOSING, s.linger != Linger.HARD) for s in self.sockets)

    # Promises about every step.

    @step(satisfies=[R3, R5])
    def count_moves_by_one(self, old: "WinsockProvider") -> bool:
        """No step moves the count by more than one."""
        return -1 <= self.refs - old.refs <= 1

    @step(satisfies=R7)
    def nested_cleanup_touches_nothing(self, old: "WinsockProvider") -> bool:
        """A cleanup that is not the last leaves the phase and every socket, with its bytes and operations, alone."""
        return implies(
            0 < self.refs < old.refs,
            self.phase == old.phase
            and all(
                s.state == old[s].state and s.unsent == old[s].unsent and s.pending == old[s].pending
                for s in self.sockets
            ),
        )

    @step(satisfies=R9)
    def drained_before_freed(self, old: "WinsockProvider") -> bool:
        """The provider is unloaded only at count zero, when no socket is in use and no byte is left to send."""
        return implies(
            self.phase == Phase.UNLOADED and old.phase != Phase.UNLOADED,
            old.refs == 0 and all(s.unsent == 0 and not s.in_use() for s in old.sockets),
        )

    @step(unless=[transmit, peer_resets, linger_expires, drain_bound_expires], satisfies=[R9, R18])
    def accepted_bytes_stay_queued(self, old: "WinsockProvider") -> bool:
        """Bytes of a graceful socket leave its queue only by being sent, a reset by the peer, or a timeout."""
        return all(
            implies(
                old[s].state == SocketState.CLOSING
                or (old[s].linger != Linger.HARD and OPEN_SOCKETS == OpenSockets.DRAIN),
                s.unsent >= old[s].unsent,
            )
            for s in self.sockets
        )

    @step(satisfies=R18)
    def last_cleanup_leaves_closing_sockets_alone(self, old: "WinsockProvider") -> bool:
        """A cleanup neither hurries a close in progress nor drops any of its bytes."""
        return implies(
            self.refs < old.refs,
            all(
                implies(
                    old[s].state == SocketState.CLOSING,
                    s.state == SocketState.CLOSING and s.unsent == old[s].unsent,
                )
                for s in self.sockets
            ),
        )

    @step(satisfies=[R15, R16])
    def cleanup_cancels_in_silence(self, old: "WinsockProvider") -> bool:
        """The last cleanup ends all operations and reports none of them."""
        return implies(
            self.refs == 0 and old.refs > 0,
            all(s.pending == 0 and s.notified <= old[s].notified for s in self.sockets),
        )

    @step(satisfies=R12)
    def old_descriptors_stay_dead(self, old: "WinsockProvider") -> bool:
        """A descriptor that died never comes back to life."""
        return all(
            implies(
                old[s].epoch > 0 and old[s].state != SocketState.OPEN,
                s.state != SocketState.OPEN and s.epoch == old[s].epoch,
            )
            for s in self.sockets
        )

    @step(satisfies=[R12, R13])
    def every_initialisation_begins_an_epoch(self, old: "WinsockProvider") -> bool:
        """The epoch number rises by one whenever the provider comes to run, and never otherwise."""
        return self.epoch - old.epoch == (1 if self.phase == Phase.RUNNING and old.phase != Phase.RUNNING else 0)

    @step(satisfies=R4)
    def failed_start_counts_for_nothing(self, old: "WinsockProvider") -> bool:
        """A start that fails leaves the count at zero, where it was."""
        return implies(old.phase == Phase.STARTING and self.phase == Phase.UNLOADED, self.refs == old.refs == 0)

    @step(satisfies=R3)
    def only_a_claimed_start_runs(self, old: "WinsockProvider") -> bool:
        """The provider comes to run only by a startup that claimed it, or by one that takes over its drain."""
        return implies(
            self.phase == Phase.RUNNING and old.phase != Phase.RUNNING, old.phase in (Phase.STARTING, Phase.DRAINING)
        )

    @step(satisfies=R3)
    def only_an_unloaded_provider_is_initialised(self, old: "WinsockProvider") -> bool:
        """An initialisation begins only while the provider is unloaded, with nothing left of an earlier epoch."""
        return implies(self.phase == Phase.STARTING and old.phase != Phase.STARTING, old.phase == Phase.UNLOADED)

    @step(satisfies=R17)
    def only_the_policy_to_drain_lets_open_sockets_go_on(self, old: "WinsockProvider") -> bool:
        """Under the policy to reset, the last cleanup leaves nothing of a socket that was open."""
        return implies(
            self.refs == 0 and old.refs > 0,
            all(
                implies(
                    old[s].state == SocketState.OPEN and s.state == SocketState.CLOSING,
                    OPEN_SOCKETS == OpenSockets.DRAIN,
                )
                for s in self.sockets
            ),
        )

    # Promises about what one call or event does.

    @step(only=[first_startup, take_over], satisfies=R13)
    def an_epoch_begins_with_its_own_version(self, agreed: Nat) -> bool:
        """The lowest version of a new epoch is the first one agreed in it."""
        return self.lowest == agreed

    @step(only=nested_startup, satisfies=R13)
    def the_lowest_version_counts(self, old: "WinsockProvider", agreed: Nat) -> bool:
        """A later startup of an epoch can only lower the lowest version, to the one that it agreed to."""
        return self.lowest == min(old.lowest, agreed)

    @step(only=open_socket, satisfies=R33)
    def a_new_socket_has_one_descriptor(self, s: Socket) -> bool:
        """A socket that was just opened has one descriptor."""
        return s.shares == 1

    @step(only=duplicate, satisfies=R33)
    def a_duplicate_is_one_more_descriptor(self, old: "WinsockProvider", s: Socket) -> bool:
        """A duplicate is one more descriptor of its socket, to be closed by itself."""
        return s.shares == old[s].shares + 1

    @step(only=[close_shared, close_socket], satisfies=R33)
    def every_close_takes_one_descriptor(self, old: "WinsockProvider", s: Socket) -> bool:
        """A close takes one descriptor of its socket away."""
        return s.shares == old[s].shares - 1

    @step(only=close_socket, satisfies=R34)
    def close_follows_the_linger_setting(self, old: "WinsockProvider", s: Socket) -> bool:
        """The close of the last descriptor gives a hard socket back at once, and any other goes on closing."""
        return s.state == (SocketState.ABSENT if old[s].linger == Linger.HARD else SocketState.CLOSING)

    @step(only=close_socket, satisfies=R36)
    def close_reports_what_it_cancels(self, old: "WinsockProvider", s: Socket) -> bool:
        """A close reports every operation that it cancels, if the socket is still there to report it."""
        return implies(s.in_use(), s.notified == old[s].notified + old[s].pending)

    @step(only=send)
    def a_send_queues_what_it_was_given(self, old: "WinsockProvider", s: Socket, n: Nat) -> bool:
        """A send adds all of its bytes to the queue of its socket, and nothing else."""
        return s.unsent == old[s].unsent + n

    @step(only=transmit, satisfies=R9)
    def the_queue_falls_by_what_the_peer_took(self, old: "WinsockProvider", s: Socket, n: Nat) -> bool:
        """Transmission takes from the queue exactly the bytes that the peer took, and at least one."""
        return s.unsent == old[s].unsent - n < old[s].unsent

    @step(only=peer_resets)
    def a_reset_empties_the_queue(self, old: "WinsockProvider", s: Socket) -> bool:
        """A peer that resets the connection empties the queue, which held something."""
        return s.unsent == 0 < old[s].unsent

    @step(only=receive, satisfies=R15)
    def only_overlapped_calls_leave_operations(self, old: "WinsockProvider", s: Socket, overlapped: bool) -> bool:
        """An overlapped call leaves one more operation under way, and any other call leaves none."""
        return s.pending == old[s].pending + (1 if overlapped else 0)

    @step(only=complete, satisfies=R36)
    def every_completion_is_reported_once(self, old: "WinsockProvider", s: Socket) -> bool:
        """An operation that completes is no longer under way, and is reported once."""
        return s.pending == old[s].pending - 1 and s.notified == old[s].notified + 1

    @step(only=configure, satisfies=R34)
    def the_linger_setting_is_the_one_asked_for(self, s: Socket, linger: Linger, blocking: bool) -> bool:
        """A configured socket has the linger setting and the blocking mode that were asked for."""
        return s.linger == linger and s.blocking == blocking

    @step(only=shutdown_send, satisfies=R38)
    def a_shutdown_ends_sending(self, s: Socket) -> bool:
        """A shutdown shuts its socket for sending."""
        return s.shut

    @step(only=linger_expires, satisfies=R39)
    def only_a_timed_close_expires(self, old: "WinsockProvider", s: Socket) -> bool:
        """Only a close that was timed expires, and then its socket is given back."""
        return old[s].state == SocketState.CLOSING and old[s].linger == Linger.TIMED and not s.in_use()

    @step(only=drain_bound_expires, satisfies=R9)
    def only_a_drain_is_bounded(self, old: "WinsockProvider") -> bool:
        """A peer that never reads is given up only during the drain, while nobody uses the provider."""
        return old.phase == Phase.DRAINING

    # What every other step leaves alone. A socket that was given back is as new, so it has nothing to keep.

    @unchanged(unless=[open_socket, close_socket, last_cleanup, linger_expires, finish_close], satisfies=R7)
    def whether_a_socket_is_open(self, s: Socket) -> SocketState:
        """A socket opens and closes only by the calls and events that are about it, or by the last cleanup."""
        return s.state

    @unchanged(unless=open_socket, satisfies=R12)
    def the_epoch_of_a_socket(self, s: Socket) -> Nat:
        """A socket belongs for ever to the epoch in which it was opened."""
        return s.epoch

    @unchanged(unless=[open_socket, duplicate, close_shared, close_socket, last_cleanup], satisfies=R33)
    def the_descriptors_of_a_socket(self, s: Socket) -> Nat:
        """Descriptors are made only by opening and duplicating, and taken away only by closing or the last cleanup."""
        return s.shares

    @unchanged(among=Socket.in_use, unless=[send, transmit, peer_resets, drain_bound_expires], satisfies=[R9, R18])
    def the_queue_of_a_socket(self, s: Socket) -> Nat:
        """Bytes are queued only by a send, and go only by transmission, a reset, or the bound on the drain."""
        return s.unsent

    @unchanged(among=Socket.in_use, unless=[receive, complete, close_socket, last_cleanup], satisfies=[R7, R36])
    def the_operations_of_a_socket(self, s: Socket) -> Nat:
        """Operations begin only by an overlapped call, and end only by completion, a close, or the last cleanup."""
        return s.pending

    @unchanged(among=Socket.in_use, unless=[complete, close_socket], satisfies=[R16, R36])
    def the_reports_of_a_socket(self, s: Socket) -> Nat:
        """Operations are reported only when they complete, or when a close cancels them."""
        return s.notified

    @unchanged(among=Socket.in_use, unless=configure, satisfies=R34)
    def the_settings_of_a_socket(self, s: Socket) -> tuple[Linger, bool]:
        """The linger setting and the blocking mode change only when somebody configures the socket."""
        return s.linger, s.blocking

    @unchanged(among=Socket.in_use, unless=shutdown_send, satisfies=R38)
    def whether_a_socket_is_shut(self, s: Socket) -> bool:
        """A shutdown for sending lasts as long as its socket is in use, and nothing else shuts a socket."""
        return s.shut

    @unchanged(unless=[first_startup, nested_startup, take_over, initialisation_failed, release], satisfies=R13)
    def the_agreed_version(self) -> Nat:
        """The lowest agreed version changes only with a startup, its failure, or the release that ends an epoch."""
        return self.lowest

    # Promises about how a call is answered.

    @accepts("WSPStartup", satisfies=R11)
    def a_released_provider_starts_at_once(self, agreed: Nat, buffer: bool) -> bool:
        """A startup of an unloaded provider never has to wait."""
        return self.phase == Phase.UNLOADED and agreed > 0 and buffer

    @refuses("WSPStartup", "WSAVERNOTSUPPORTED", satisfies=[R20, R23])
    def an_unsupported_version_is_refused(self, agreed: Nat) -> bool:
        """A startup with an unsupported version is refused in every phase, with and without a data buffer."""
        return agreed == 0

    @refuses("WSPStartup", "WSAEFAULT", satisfies=R24)
    def a_missing_buffer_is_refused(self, agreed: Nat, buffer: bool) -> bool:
        """A startup with a supported version and without a data buffer is refused."""
        return agreed > 0 and not buffer

    @accepts("WSPCleanup", satisfies=R5)
    def every_startup_may_be_undone(self) -> bool:
        """A cleanup that undoes a startup is accepted at once, and never refused."""
        return self.refs > 0

    @refuses("WSPCleanup", "WSANOTINITIALISED", satisfies=R6)
    def a_cleanup_too_many_is_refused(self) -> bool:
        """A cleanup is refused when every startup is undone already."""
        return self.refs == 0

    @refuses(AFTER_STARTUP, "WSANOTINITIALISED", satisfies=R2)
    def without_a_startup_nothing_works(self) -> bool:
        """Every call on sockets is refused until a startup has succeeded, and again once the last one is undone."""
        return self.refs == 0

    @refuses(ON_A_SOCKET, "WSAENOTSOCK", satisfies=R12)
    def a_dead_descriptor_is_refused(self, s: Socket) -> bool:
        """A running provider refuses descriptors that are closed, come from an earlier epoch, or were never opened."""
        return self.refs > 0 and s.state != SocketState.OPEN

    @refuses("WSPSocket", "WSAEMFILE")
    def sockets_can_run_out(self, granted: bool) -> bool:
        """A running provider opens no socket when the operating system grants none."""
        return self.refs > 0 and not granted

    @refuses("WSPSend", "WSAESHUTDOWN", satisfies=R38)
    def no_send_after_a_shutdown(self, s: Socket) -> bool:
        """A send is refused on an open socket that is shut for sending."""
        return s.state == SocketState.OPEN and s.shut

    @refuses("WSPCloseSocket", "WSAEWOULDBLOCK", satisfies=R35)
    def a_close_that_may_not_wait_is_refused(self, s: Socket) -> bool:
        """The close of a last descriptor is refused if it would have to wait for unsent bytes but may not block."""
        return s.shares == 1 and s.linger == Linger.TIMED and not s.blocking and s.unsent > 0

    # Promises about what can happen.

    @initially
    def no_epoch_has_begun(self) -> bool:
        """No epoch has begun at the start: epochs are counted from one."""
        return self.epoch == 0

    @enabled(transmit, satisfies=R9)
    def a_peer_may_take_any_part_of_the_queue(self, s: Socket, n: Nat) -> bool:
        """A peer may take any number of the bytes that are queued for it, in every phase of the provider."""
        return 0 < n <= s.unsent

    @enabled(peer_resets)
    def a_peer_may_give_up_whatever_is_queued(self, s: Socket) -> bool:
        """A peer may reset a connection whenever at least one byte is queued for it."""
        return s.unsent > 0

    @enabled(complete)
    def any_operation_may_finish(self, s: Socket) -> bool:
        """An operation may finish whenever at least one is under way."""
        return s.pending > 0

    @enabled(linger_expires, satisfies=R39)
    def every_timed_close_may_expire(self, s: Socket) -> bool:
        """A timed close may expire however many bytes are left to send."""
        return s.state == SocketState.CLOSING and s.linger == Linger.TIMED

    # Promises about the future.

    @pristine(satisfies=[R10, R11, R13])
    def released_means_as_new(self) -> bool:
        """Once released, the provider is as it was before its first startup."""
        return self.phase == Phase.UNLOADED

    @recoverable(satisfies=R11)
    def can_always_run_again(self) -> bool:
        """From every reachable state the provider can be brought to run."""
        return self.phase == Phase.RUNNING

    @recoverable(satisfies=R10)
    def can_always_be_released(self) -> bool:
        """From every reachable state the provider can be released."""
        return self.phase == Phase.UNLOADED

    @leads_to(fair=[finish_close, drain_bound_expires, release], satisfies=R14)
    def drain_ends(self) -> tuple[bool, bool]:
        """Every drain comes to its end, even if a peer never reads."""
        return self.phase == Phase.DRAINING, self.phase != Phase.DRAINING
