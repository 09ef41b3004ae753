"""States of a layer that never change, each followed by the next.

A step is taken on a copy of the newest state, where the core decides. The copy becomes the newest state by one append
to the list of those that follow it, and only if it is the first there; otherwise the step is taken again, on what has
come instead. So a step happens as a whole or not at all wherever an interrupt strikes, and nobody sees it half made: no
other thread, no signal handler, no finalizer, no forked child. Nothing is locked, so nothing stays locked.
"""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias, TypeVar

from winsock_provider import Report
from winsock_provider.version import Version

from .core import Below, LayeredWinsockProviderCore, LowerStart, Phase, Refused, Socket

T = TypeVar("T")
Procedures: TypeAlias = Mapping[str, Callable[..., Any]]
Upcalls: TypeAlias = Mapping[str, Callable[..., object]]


@dataclass(frozen=True, slots=True)
class Given:
    """The arguments of the startups of an epoch: the lowest version agreed upon, and the latest of everything else."""

    version: Version
    upcalls: Upcalls | None
    protocol_info: object

    def followed_by(self, later: "Given") -> "Given":
        """The arguments in force behind a later startup. One that gives no upcalls leaves them as they are."""
        upcalls = self.upcalls if later.upcalls is None else later.upcalls
        return Given(min(self.version, later.version), upcalls, later.protocol_info)


class Attempt:
    """A call that has the lower provider started, or the layer: what became of it, and of its caller.

    The caller looks at `failure` once no state has the attempt any more.
    """

    __slots__ = ("abandoned", "answer", "failure", "owed", "step")

    def __init__(self) -> None:
        self.step: tuple[State, State] | None = None
        """The states between which the call was accepted, if it was: then the second follows the first."""
        self.answer: list[object] = []
        """The answer of the lower startup; nothing unless it has succeeded."""
        self.failure: BaseException | None = None
        self.abandoned = False
        """The caller was interrupted before it knew of its success."""
        self.owed: list[None] = [None]
        """Whoever takes the one entry undoes the startup."""

    def is_mine(self) -> bool:
        """Whether it falls to this thread, and to no other, to undo the startup."""
        try:
            self.owed.pop()
        except IndexError:
            return False
        return True

    def happened(self) -> bool:
        """Whether the call was accepted."""
        if self.step is None:
            return False
        old, new = self.step
        return bool(old.after) and old.after[0] is new


class Ending:
    """A last cleanup. Its caller looks at it once no state has it any more."""

    __slots__ = ("failure", "report")

    def __init__(self) -> None:
        self.report = Report()
        self.failure: BaseException | None = None


class Endpoint:
    """A socket of the layer as its callers hold it, and the descriptor of the lower provider on which it stands."""

    __slots__ = ("descriptor", "lower", "silent")

    def __init__(self) -> None:
        self.descriptor = 0
        self.lower: int | None = None
        self.silent = False
        """The last cleanup has come: operations that it cancels tell nobody."""


class State(LayeredWinsockProviderCore):
    """One state of the core, and what belongs to it: once it is published, nothing of it changes but that one follows.

    Steps are methods that are called before that, on a copy.
    """

    __slots__ = ("after", "attempt", "ceiling", "ending", "given", "members", "table")

    def __init__(self, lower_start: LowerStart) -> None:
        super().__init__(lower_start)
        self.after: list[State] = []
        """The next state; what stands behind it came too late and never was."""
        self.members: dict[Endpoint, Socket] = {}
        """The core's knowledge of each socket."""
        self.given: Given | None = None
        """The arguments that the startups of this epoch gave."""
        self.attempt: Attempt | None = None
        """Who has asked for the start that is under way."""
        self.ending: Ending | None = None
        """Who has asked for the end that is under way."""
        self.table: Procedures = {}
        """The procedures of the lower provider, as long as it is usable."""
        self.ceiling: Version | None = None
        """The highest version that the lower provider supports, as far as it is known."""

    def copied(self) -> "State":
        """The same state once more, to be changed."""
        new = object.__new__(State)
        for name in _SLOTS:
            setattr(new, name, getattr(self, name))
        new.after = []
        return new

    @property
    def in_force(self) -> Given | None:
        """The arguments that the startups of this epoch gave, as far as one has succeeded."""
        return self.given if self.refs else None

    def _own(self, endpoint: Endpoint | None) -> Socket:
        """The core's knowledge of a socket, as this state alone has it; nothing of one that is none."""
        known = None if endpoint is None else self.members.get(endpoint)
        if endpoint is None or known is None:
            return Socket()
        own = replace(known)
        self.members = {**self.members, endpoint: own}
        self.sockets = dict.fromkeys(self.members.values())
        return own

    # What callers ask for.

    def require_running(self) -> None:
        """Refused if the layer does not run."""
        try:
            self.use(None)
        except Refused as refused:
            if refused.error != "WSAENOTSOCK":
                raise

    def use(self, endpoint: Endpoint | None) -> None:
        """Any call on a socket that changes nothing here."""
        known = None if endpoint is None else self.members.get(endpoint)
        self.wsp_recv(Socket() if known is None else known, live=True)

    def start(self, agreed: int, given: Given, attempt: Attempt) -> bool:
        """A startup; whether it is the first."""
        if self.wsp_startup(agreed, buffer=True) == "nested_startup":
            self.given = given if self.given is None else self.given.followed_by(given)
            return False
        self.given, self.attempt = given, attempt
        return True

    def need_lower(self, attempt: Attempt) -> bool:
        """A call needs the lower provider; whether that has to be started first."""
        if self.below is Below.USABLE:
            return False
        self.wsp_socket(Socket(), granted=True)
        self.attempt = attempt
        return True

    def open(self, endpoint: Endpoint) -> None:
        """The lower provider has granted a socket."""
        self.sockets = dict(self.sockets)
        member = Socket()
        self.wsp_socket(member, granted=True)
        self.members = {**self.members, endpoint: member}

    def close(self, endpoint: Endpoint | None, live: bool) -> None:
        """A socket was closed below, or was not `live` there any more."""
        self.wsp_close_socket(self._own(endpoint))
        if endpoint is not None:
            self.finish_closing(endpoint, live)

    def finish_closing(self, endpoint: Endpoint, live: bool) -> None:
        """The same for one of which the core knows already that it closes."""
        own = self._own(endpoint)
        if live:
            self.finish_close(own, live=True, quiet=True)
        else:
            self.closed_below(own, live=False)
        self.members = {known: member for known, member in self.members.items() if member is not own}

    def end(self, ending: Ending) -> bool:
        """A cleanup; whether it is the last."""
        self.members = {endpoint: replace(member) for endpoint, member in self.members.items()}
        self.sockets = dict.fromkeys(self.members.values())
        if self.wsp_cleanup() == "nested_cleanup":
            return False
        self.ending = ending
        return True

    # What the helper reports.

    def lower_started(self, agreed: int, ceiling: Version | None) -> None:
        """The lower startup has succeeded."""
        self.lower_starts(agreed, ready=True)
        self.ceiling = ceiling

    def lower_failed(self, too_old: bool) -> None:
        """The lower startup has failed."""
        if too_old:
            self.lower_is_too_old(0)
        else:
            self.lower_is_not_ready(1, ready=False)
        self._settle()

    def lower_accepted(self, table: Procedures) -> None:
        """The lower provider can be used."""
        self.table_accepted()
        self.table, self.attempt = table, None

    def lower_rejected(self) -> None:
        """The lower provider cannot be used, and its startup was undone."""
        self.table_rejected()
        self._settle()

    def run(self) -> None:
        """The layer runs, and its lower provider is started later."""
        self.initialised()
        self.attempt = None

    def unload(self) -> None:
        """Everything is given back."""
        self.release()
        self._settle()
        self.ending = None

    def _settle(self) -> None:
        """A start has failed, or an epoch has ended: whatever came from below, or with a startup, is forgotten."""
        self.attempt, self.table, self.ceiling = None, {}, None
        if self.phase is Phase.UNLOADED:
            self.given = None


_SLOTS: Final = (*LayeredWinsockProviderCore.__slots__, *State.__slots__)


class History:
    """The newest state, and those who sleep until there is another."""

    __slots__ = ("_newest", "_sleepers")

    def __init__(self, first: State) -> None:
        self._newest = first
        self._sleepers: list[Callable[[], object]] = []

    def now(self) -> State:
        """The newest state."""
        state = self._newest
        while state.after:
            state = state.after[0]
        return state

    def take(self, step: Callable[[State], T], attempt: Attempt | None = None) -> T:
        """Take a step; what it raises leaves everything as it is. `attempt` is told of the states around it."""
        while True:
            old = self.now()
            new = old.copied()
            answer = step(new)
            if attempt is not None:
                attempt.step = old, new
            old.after.append(new)  # the one moment: before it nothing has happened
            if old.after[0] is new:
                break
        try:
            self._newest = new
            self._wake()
        except BaseException:
            self._wake()
            raise
        return answer

    def _wake(self) -> None:
        for wake in tuple(self._sleepers):
            with suppress(RuntimeError):  # it was woken already
                wake()

    def sleep(self, state: State, seconds: float) -> None:
        """Sleep until another state follows, at most for so long."""
        alarm = threading.Lock()
        alarm.acquire()
        wake = alarm.release
        try:
            self._sleepers.append(wake)
            if not state.after:  # looked at behind the entry: else nobody would wake us
                alarm.acquire(timeout=seconds)
        finally:
            if wake in self._sleepers:
                self._sleepers.remove(wake)
