"""The lifecycle of a layered Winsock service provider.

A layered provider stands on a lower one, which may be layered itself. It starts the lower provider once in each epoch
of its own, at its own first startup or at the first socket, and undoes that startup by exactly one cleanup, after its
own sockets are drained: what was started last ends first. A lower startup that fails, or whose procedure table is of no
use, makes the layer's own call fail and leaves nothing behind.

It uses the lower provider only within the contract in winsock_contract.py, and offers the same contract to those above
it. So every call in a chain of such layers over a provider that offers the contract is legal, however long the chain
is. The requirements, R2 to R31, are in winsock_requirements.py.
"""

from enum import Enum, auto

from quiesce.spec import (
    Answer,
    Family,
    Machine,
    Member,
    Nat,
    New,
    Persistent,
    Uses,
    always,
    call,
    calls,
    environment,
    implies,
    internal,
    leads_to,
    policy,
    pristine,
    recoverable,
    retire,
    step,
    when,
)
from winsock_contract import ProviderContract
from winsock_requirements import (
    R2,
    R3,
    R4,
    R5,
    R6,
    R9,
    R10,
    R11,
    R12,
    R14,
    R20,
    R24,
    R27,
    R28,
    R30,
    R31,
)

OTHER_CALLS = calls("WSPRecv", "WSPShutdown", "WSPSetSockOpt", "WSPDuplicateSocket")
ON_A_SOCKET = calls("WSPSend", OTHER_CALLS, "WSPCloseSocket")
AFTER_STARTUP = calls("WSPSocket", ON_A_SOCKET)


class LowerStart(Enum):
    """When the lower provider is started; the page "WSPStartup" allows both."""

    EAGER = auto()
    LAZY = auto()


LOWER_START = policy(LowerStart.EAGER, LowerStart.LAZY)


class Phase(Enum):
    """Where the layer itself stands."""

    UNLOADED = auto()
    STARTING = auto()
    RUNNING = auto()
    DRAINING = auto()


class Below(Enum):
    """Where the lower provider stands, as far as this layer is concerned."""

    DOWN = auto()  # not started by this layer
    WANTED = auto()  # about to be started
    STARTED = auto()  # its startup succeeded; its procedure table is not checked yet
    USABLE = auto()


class SocketState(Enum):
    """Absent means: no resource stands behind the socket."""

    ABSENT = auto()
    OPEN = auto()
    CLOSING = auto()


class Socket(Member):
    """A socket of this layer, which stands on one of the lower provider. Its descriptor is never handed out again."""

    state: SocketState = SocketState.ABSENT
    unsent: Nat = 0  # bytes accepted and not yet passed down
    epoch: Persistent[Nat] = 0  # the epoch in which it was opened; 0: never

    def in_use(self) -> bool:
        """A resource stands behind the socket: it is open, or its close is in progress."""
        return self.state != SocketState.ABSENT


class LayeredWinsockProvider(Machine, provides=ProviderContract):
    """Lifecycle of a layered Winsock service provider."""

    phase: Phase = Phase.UNLOADED
    below: Below = Below.DOWN
    refs: Nat = 0  # the per-process reference count of this layer
    epoch: Persistent[Nat] = 0  # how many times the layer was initialised
    sockets: Family[Socket]
    lower: Uses[ProviderContract]

    # WSPStartup. `agreed` is the greatest supported version not above the request, 0 if there is none.

    @call("WSPStartup", satisfies=R3)
    def nested_startup(self, agreed: Nat, buffer: bool) -> None:
        """The layer is running: one more reference. The lower provider is not told."""
        when(self.phase == Phase.RUNNING)
        when(agreed > 0 and buffer)
        self.refs += 1

    @call("WSPStartup", satisfies=[R3, R28])
    def first_startup(self, agreed: Nat, buffer: bool) -> None:
        """Nobody uses the layer: claim its initialisation. Nothing is counted before that has succeeded."""
        when(self.phase == Phase.UNLOADED)
        when(agreed > 0 and buffer)
        self.phase = Phase.STARTING
        if LOWER_START == LowerStart.EAGER:
            self.below = Below.WANTED

    @call("WSPStartup", fails="WSAVERNOTSUPPORTED", satisfies=[R4, R20])
    def refuse_version(self, agreed: Nat) -> None:
        """No supported version is low enough for the caller."""
        when(agreed == 0)

    @call("WSPStartup", fails="WSAEFAULT", satisfies=[R4, R24])
    def refuse_buffer(self, agreed: Nat, buffer: bool) -> None:
        """The caller gave no place for the answer."""
        when(agreed > 0 and not buffer)

    # The lower provider is started.

    @internal(satisfies=R27)
    def lower_starts(self, agreed_below: Answer[Nat], ready: Answer[bool]) -> None:
        """The lower provider's startup succeeded: from now on this layer owes it one cleanup."""
        when(self.below == Below.WANTED)
        self.lower.startup(agreed_below, buffer=True, ready=ready)
        self.below = Below.STARTED

    @internal(satisfies=R30)
    def lower_is_too_old(self, agreed_below: Answer[Nat]) -> None:
        """The lower provider supports no version that this layer can use: its startup failed, with nothing to undo."""
        when(self.below == Below.WANTED)
        self.lower.refuse_version(agreed_below)
        self.below = Below.DOWN
        if self.phase == Phase.STARTING:
            self.phase = Phase.UNLOADED

    @internal(satisfies=R30)
    def lower_is_not_ready(self, agreed_below: Answer[Nat], ready: Answer[bool]) -> None:
        """The lower provider's startup failed for another reason: there is nothing to undo below."""
        when(self.below == Below.WANTED)
        self.lower.not_ready(agreed_below, buffer=True, ready=ready)
        self.below = Below.DOWN
        if self.phase == Phase.STARTING:
            self.phase = Phase.UNLOADED

    @internal(satisfies=[R30, R31])
    def table_rejected(self) -> None:
        """The lower provider's procedure table has an empty slot: its startup, which had succeeded, is undone."""
        when(self.below == Below.STARTED)
        self.lower.cleanup()
        self.below = Below.DOWN
        if self.phase == Phase.STARTING:
            self.phase = Phase.UNLOADED

    @internal(satisfies=[R3, R28])
    def table_accepted(self) -> None:
        """The lower provider's procedure table is complete. A layer that waited for it runs now, and counts now."""
        when(self.below == Below.STARTED)
        self.below = Below.USABLE
        if self.phase == Phase.STARTING:
            self.phase = Phase.RUNNING
            self.refs = 1
            self.epoch += 1

    @internal(satisfies=[R3, R28])
    def initialised(self) -> None:
        """The layer runs without its lower provider, which is started later."""
        when(self.phase == Phase.STARTING and self.below == Below.DOWN)
        self.phase = Phase.RUNNING
        self.refs = 1
        self.epoch += 1

    @internal(satisfies=R4)
    def initialisation_failed(self) -> None:
        """The layer's own initialisation failed: everything is as before the call."""
        when(self.phase == Phase.STARTING and self.below == Below.DOWN)
        self.phase = Phase.UNLOADED

    # WSPCleanup.

    @call("WSPCleanup", satisfies=R5)
    def nested_cleanup(self) -> None:
        """Somebody else still uses the layer. The lower provider is not told."""
        when(self.refs > 1)
        self.refs -= 1

    @call("WSPCleanup", satisfies=[R5, R9])
    def last_cleanup(self) -> None:
        """Nobody uses the layer any more: close what is open, and begin to drain."""
        when(self.refs == 1)
        self.refs = 0
        self.phase = Phase.DRAINING
        for s in self.sockets:
            if s.state == SocketState.OPEN:
                s.state = SocketState.CLOSING

    @call("WSPCleanup", fails="WSANOTINITIALISED", satisfies=R6)
    def excess_cleanup(self) -> None:
        """One cleanup too many."""
        when(self.refs == 0)

    @internal(satisfies=[R10, R14, R27])
    def release(self) -> None:
        """The drain is over. The lower provider is cleaned up if it was started, and then the layer is unloaded."""
        when(self.phase == Phase.DRAINING)
        when(self.below in (Below.DOWN, Below.USABLE))
        when(not any(s.state == SocketState.CLOSING for s in self.sockets))
        if self.below == Below.USABLE:
            self.lower.cleanup()
        self.below = Below.DOWN
        self.phase = Phase.UNLOADED

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

    @call("WSPSocket", satisfies=R28)
    def first_socket(self) -> None:
        """The lower provider is needed for the first time: begin to start it. The call goes on once that is settled."""
        when(self.phase == Phase.RUNNING and self.below == Below.DOWN)
        self.below = Below.WANTED

    @call("WSPSocket")
    def open_socket(self, s: New[Socket], granted: Answer[bool]) -> None:
        """The lower provider granted a socket."""
        when(self.phase == Phase.RUNNING and self.below == Below.USABLE)
        self.lower.open_socket(granted)
        s.state = SocketState.OPEN
        s.epoch = self.epoch

    @call("WSPSocket", fails="WSAEMFILE")
    def no_more_sockets(self, granted: Answer[bool]) -> None:
        """The lower provider refused one."""
        when(self.phase == Phase.RUNNING and self.below == Below.USABLE)
        self.lower.no_more_sockets(granted)

    @call("WSPSend")
    def send(self, s: Socket, n: Nat) -> None:
        """Take `n` bytes; they are passed down later."""
        when(self.phase == Phase.RUNNING)
        when(s.state == SocketState.OPEN)
        s.unsent += n

    @call(OTHER_CALLS)
    def use(self, s: Socket, live: Answer[bool]) -> None:
        """Any other call on a socket is passed down."""
        when(self.phase == Phase.RUNNING)
        when(s.state == SocketState.OPEN)
        self.lower.use(live)

    @call(OTHER_CALLS, fails="WSAENOTSOCK")
    def lower_knows_no_such_socket(self, s: Socket, live: Answer[bool]) -> None:
        """The lower provider has lost the socket."""
        when(self.phase == Phase.RUNNING)
        when(s.state == SocketState.OPEN)
        self.lower.not_a_socket(live)

    @call("WSPCloseSocket")
    def close_socket(self, s: Socket) -> None:
        """The descriptor is dead at once; what is unsent is still passed down."""
        when(self.phase == Phase.RUNNING)
        when(s.state == SocketState.OPEN)
        s.state = SocketState.CLOSING

    # What the layer does by itself: pass bytes down, and close sockets below.

    @internal(satisfies=R9)
    def pass_down(self, s: Socket, n: Nat, live: Answer[bool], sending: Answer[bool]) -> None:
        """The lower provider took `n` bytes."""
        when(0 < n <= s.unsent)
        self.lower.send(live, sending)
        s.unsent -= n

    @internal
    def sending_ended_below(self, s: Socket, n: Nat, live: Answer[bool], sending: Answer[bool]) -> None:
        """The lower socket takes no more bytes: what was queued for it is gone."""
        when(0 < n <= s.unsent)
        self.lower.send_after_shutdown(live, sending)
        s.unsent = 0

    @internal
    def lost_below(self, s: Socket, n: Nat, live: Answer[bool]) -> None:
        """The lower provider has lost the socket: what was queued for it is gone."""
        when(0 < n <= s.unsent)
        self.lower.not_a_socket(live)
        s.unsent = 0

    @internal(satisfies=R10)
    def finish_close(self, s: Socket, live: Answer[bool], quiet: Answer[bool]) -> None:
        """Everything was passed down, and the lower socket is closed: the socket's resources go back."""
        when(s.state == SocketState.CLOSING and s.unsent == 0)
        self.lower.close(live, quiet)
        retire(s)

    @internal(satisfies=R10)
    def closed_below(self, s: Socket, live: Answer[bool]) -> None:
        """The lower socket is gone already: the socket's resources go back."""
        when(s.state == SocketState.CLOSING and s.unsent == 0)
        self.lower.not_a_socket(live)
        retire(s)

    @internal
    def close_again_later(self, s: Socket, live: Answer[bool], quiet: Answer[bool]) -> None:
        """The lower provider would have to wait in the close, and asks to try again."""
        when(s.state == SocketState.CLOSING and s.unsent == 0)
        self.lower.close_would_block(live, quiet)

    @environment
    def drain_bound_expires(self) -> None:
        """A lower socket that takes no bytes is given up, so that the drain ends."""
        when(self.phase == Phase.DRAINING)
        when(any(s.unsent > 0 for s in self.sockets))
        for s in self.sockets:
            s.unsent = 0

    @call(
        "WSPSocket",
        blocks=True,
        fair=[lower_starts, lower_is_too_old, lower_is_not_ready, table_accepted, table_rejected],
    )
    def wait_for_lower(self) -> None:
        """The lower provider is being started."""
        when(self.phase == Phase.RUNNING and self.below in (Below.WANTED, Below.STARTED))

    @call(
        "WSPStartup",
        blocks=True,
        fair=[
            lower_starts,
            lower_is_too_old,
            lower_is_not_ready,
            table_accepted,
            table_rejected,
            initialised,
            initialisation_failed,
            finish_close,
            closed_below,
            drain_bound_expires,
            release,
        ],
    )
    def wait_for_quiet(self, agreed: Nat, buffer: bool) -> None:
        """Another thread initialises the layer, or the last cleanup still drains."""
        when(self.phase in (Phase.STARTING, Phase.DRAINING))
        when(agreed > 0 and buffer)

    # Promises about every state.

    @always(satisfies=[R2, R5])
    def counted_only_while_running(self) -> bool:
        """References exist exactly while the layer runs."""
        return (self.refs > 0) == (self.phase == Phase.RUNNING)

    @always(satisfies=R27)
    def holds_one_lower_startup_or_none(self) -> bool:
        """The layer owes one lower cleanup exactly while the lower provider is started, whatever its own count."""
        return self.lower.refs == (1 if self.below in (Below.STARTED, Below.USABLE) else 0)

    @always(satisfies=[R10, R27])
    def unloaded_owes_nothing(self) -> bool:
        """A layer that is not loaded has undone what it started below."""
        return implies(self.phase == Phase.UNLOADED, self.below == Below.DOWN and self.lower.refs == 0)

    @always(satisfies=R28)
    def eager_never_runs_alone(self) -> bool:
        """An eager layer never runs without its lower provider."""
        return implies(
            LOWER_START == LowerStart.EAGER and self.phase in (Phase.RUNNING, Phase.DRAINING),
            self.below == Below.USABLE,
        )

    @always(satisfies=R28)
    def starts_as_the_policy_says(self) -> bool:
        """A starting layer waits for its lower provider if it is eager, and has not yet asked for it if it is lazy."""
        return implies(
            self.phase == Phase.STARTING,
            self.below in (Below.WANTED, Below.STARTED)
            if LOWER_START == LowerStart.EAGER
            else self.below == Below.DOWN,
        )

    @always(satisfies=[R2, R27])
    def sockets_stand_on_the_lower_provider(self) -> bool:
        """While any socket is in use, the lower provider is usable."""
        return all(implies(s.in_use(), self.below == Below.USABLE) for s in self.sockets)

    @always(satisfies=R12)
    def open_sockets_are_of_this_epoch(self) -> bool:
        """Only a running layer has open sockets, and each was opened since the layer last came to run."""
        return all(
            implies(s.state == SocketState.OPEN, self.phase == Phase.RUNNING and s.epoch == self.epoch)
            for s in self.sockets
        )

    @always(satisfies=R10)
    def absent_sockets_hold_nothing(self) -> bool:
        """A socket that was given back holds no bytes."""
        return all(implies(not s.in_use(), s.unsent == 0) for s in self.sockets)

    @always(satisfies=R10)
    def no_socket_unless_running_or_draining(self) -> bool:
        """No socket is in use while the layer is unloaded or still starting."""
        return implies(self.phase in (Phase.UNLOADED, Phase.STARTING), not any(s.in_use() for s in self.sockets))

    # Promises about every step.

    @step(satisfies=[R3, R5])
    def count_moves_by_one(self, old: "LayeredWinsockProvider") -> bool:
        """No step moves the count by more than one."""
        return -1 <= self.refs - old.refs <= 1

    @step(satisfies=R27)
    def nested_calls_leave_the_lower_provider_alone(self, old: "LayeredWinsockProvider") -> bool:
        """A startup or cleanup that is neither the first nor the last leaves the lower provider's count alone."""
        return implies(0 < self.refs != old.refs > 0, self.lower.refs == old.lower.refs)

    @step(satisfies=[R9, R27])
    def lower_cleanup_comes_after_the_drain(self, old: "LayeredWinsockProvider") -> bool:
        """The lower provider is cleaned up once, with no socket in use, after the last user or a rejected table."""
        return implies(
            self.lower.refs < old.lower.refs,
            old.lower.refs == 1
            and self.lower.refs == 0
            and all(not s.in_use() and s.unsent == 0 for s in old.sockets)
            and (old.refs == 0 or old.below == Below.STARTED),
        )

    @step(satisfies=[R10, R27])
    def the_lower_provider_ends_first(self, old: "LayeredWinsockProvider") -> bool:
        """A layer that becomes unloaded owes nothing below, after a failed start as after a drain."""
        return implies(
            self.phase == Phase.UNLOADED and old.phase != Phase.UNLOADED,
            old.refs == 0 and self.lower.refs == 0 and self.below == Below.DOWN,
        )

    @step(satisfies=R27)
    def started_below_once_and_when_wanted(self, old: "LayeredWinsockProvider") -> bool:
        """The lower provider is started only when that is wanted, and never twice at a time."""
        return implies(
            self.lower.refs > old.lower.refs, old.below == Below.WANTED and old.lower.refs == 0 and self.lower.refs == 1
        )

    @step(satisfies=[R4, R30])
    def failed_start_changes_nothing(self, old: "LayeredWinsockProvider") -> bool:
        """A start that fails leaves the count, the epoch and the lower provider as they were before it."""
        return implies(
            old.phase == Phase.STARTING and self.phase == Phase.UNLOADED,
            self.refs == old.refs == 0 and self.epoch == old.epoch and self.lower.refs == 0,
        )

    @step(satisfies=R30)
    def no_epoch_on_a_failed_lower_start(self, old: "LayeredWinsockProvider") -> bool:
        """Where the lower provider is given up, the layer neither counts a startup nor begins an epoch."""
        return implies(
            old.below in (Below.WANTED, Below.STARTED) and self.below == Below.DOWN,
            self.refs == old.refs and self.epoch == old.epoch,
        )

    @step(unless=[pass_down, sending_ended_below, lost_below, drain_bound_expires], satisfies=R9)
    def accepted_bytes_stay_queued(self, old: "LayeredWinsockProvider") -> bool:
        """Bytes leave a queue only by being passed down, the end of the socket below, or the bound on the drain."""
        return all(s.unsent >= old[s].unsent for s in self.sockets)

    @step(satisfies=R12)
    def old_descriptors_stay_dead(self, old: "LayeredWinsockProvider") -> bool:
        """A descriptor that died never comes back to life."""
        return all(
            implies(
                old[s].epoch > 0 and old[s].state != SocketState.OPEN,
                s.state != SocketState.OPEN and s.epoch == old[s].epoch,
            )
            for s in self.sockets
        )

    @step(satisfies=R12)
    def every_initialisation_begins_an_epoch(self, old: "LayeredWinsockProvider") -> bool:
        """The epoch number rises by one whenever the layer comes to run, and never otherwise."""
        return self.epoch - old.epoch == (1 if self.phase == Phase.RUNNING and old.phase != Phase.RUNNING else 0)

    # Promises about the future.

    @pristine(satisfies=[R10, R11])
    def released_means_as_new(self) -> bool:
        """Once released, the layer is as it was before its first startup."""
        return self.phase == Phase.UNLOADED

    @recoverable(satisfies=R11)
    def can_always_run_again(self) -> bool:
        """From every reachable state the layer can be brought to run."""
        return self.phase == Phase.RUNNING

    @recoverable(satisfies=R28)
    def can_always_use_the_lower_provider(self) -> bool:
        """From every reachable state the layer can be brought to run on its lower provider."""
        return self.phase == Phase.RUNNING and self.below == Below.USABLE

    @recoverable(satisfies=[R10, R27])
    def can_always_be_released(self) -> bool:
        """From every reachable state the layer can be released, and the lower provider with it."""
        return self.phase == Phase.UNLOADED

    @leads_to(
        fair=[
            lower_starts,
            lower_is_too_old,
            lower_is_not_ready,
            table_accepted,
            table_rejected,
            finish_close,
            closed_below,
            drain_bound_expires,
            release,
        ],
        satisfies=R14,
    )
    def drain_ends(self) -> tuple[bool, bool]:
        """Every drain comes to its end, even if the lower provider takes no bytes."""
        return self.phase == Phase.DRAINING, self.phase != Phase.DRAINING
