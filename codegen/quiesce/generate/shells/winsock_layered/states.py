"""States of a layer that never change, each followed by the next.

A step is taken on a copy of the newest state, where the core decides. The copy becomes the newest state by one append
to the list of those that follow it, and only if it is the first there; otherwise the step is taken again, on what has
come instead. So a step happens as a whole or not at all wherever an interrupt strikes, and nobody sees it half made: no
other thread, no signal handler, no finalizer, no forked child. Nothing is locked, so nothing stays locked.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from winsock_provider import Report
from winsock_provider.version import Version

from .core import Below, LayeredWinsockProviderCore, LowerStart, Phase, Refused, Socket

Procedures: TypeAlias = Mapping[str, Callable[..., Any]]
Upcalls: TypeAlias = Mapping[str, Callable[..., object]]


@dataclass(frozen=True, slots=True)
class Given:
    """The arguments of the startups of an epoch: the lowest version agreed upon, and the latest of everything else."""

    version: Version
    upcalls: Upcalls | None
    protocol_info: object

    def followed_by(self, later: "Given") -> "Given":
        """The arguments in force after a later startup. One that gives no upcalls leaves them as they are."""
        upcalls = self.upcalls if later.upcalls is None else later.upcalls
        return Given(min(self.version, later.version), upcalls, later.protocol_info)


class Attempt:
    """A call that has the lower provider started, or the layer: what became of it, and of its caller.

    The caller looks at `failure` once no state has the attempt any more.
    """

    __slots__ = ("abandoned", "answer", "failure", "for_block", "owed", "step")

    def __init__(self, for_block: bool = False) -> None:
        self.for_block = for_block
        """A block has asked for it, and undoes it."""
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

    __slots__ = ("descriptor", "lingers", "lost", "lower", "origin", "silent")

    def __init__(self) -> None:
        self.descriptor = 0
        self.lower: int | None = None
        self.origin: Endpoint = self
        """The one of which this is a duplicate; they share a socket, and what follows is kept there."""
        self.lingers = False
        """Somebody has set how the socket lingers."""
        self.lost = False
        """Its connection broke while it was in use."""
        self.silent = False
        """The last cleanup has come: operations that it cancels tell nobody."""


class State(LayeredWinsockProviderCore):
    """One state of the core, and what belongs to it: once it is published, nothing of it changes but that one follows.

    Steps are methods that are called before that, on a copy.
    """

    __slots__ = (
        "after",
        "attempt",
        "blocks",
        "ceiling",
        "drains_ended_early",
        "ending",
        "given",
        "members",
        "sockets_opened",
        "sockets_reset",
        "startups",
        "table",
    )

    def __init__(self, lower_start: LowerStart) -> None:
        super().__init__(lower_start)
        self.after: list[State] = []
        """The next state; what stands after it came too late and never was."""
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
        self.blocks: frozenset[Attempt] = frozenset()
        """Startups that are to be undone at the end of their blocks."""
        self.startups = 0
        """All that have succeeded since the layer was made; the other counters likewise."""
        self.sockets_opened = 0
        self.sockets_reset = 0
        self.drains_ended_early = 0

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
            self._count(attempt)
            return False
        self.given, self.attempt = given, attempt
        return True

    def _count(self, attempt: Attempt | None) -> None:
        """A startup has succeeded."""
        self.startups += 1
        if attempt is not None and attempt.for_block:
            self.blocks |= {attempt}

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
        self.sockets_opened += endpoint.origin is endpoint

    def close(self, endpoint: Endpoint | None, live: bool, hard: bool) -> None:
        """A socket was closed below, as a `hard` close or not, or was not `live` there any more."""
        self.wsp_close_socket(self._own(endpoint))
        if endpoint is not None:
            self.finish_closing(endpoint, live, hard)

    def finish_closing(self, endpoint: Endpoint, live: bool, hard: bool) -> None:
        """The same for one of which the core knows already that it closes."""
        own = self._own(endpoint)
        if live:
            self.finish_close(own, live=True, quiet=True)
        else:
            self.closed_below(own, live=False)
        self.members = {known: member for known, member in self.members.items() if member is not own}
        if live and hard and not any(other.origin is endpoint.origin for other in self.members):
            self.sockets_reset += 1

    def end(self, ending: Ending) -> bool:
        """A cleanup; whether it is the last."""
        self.members = {endpoint: replace(member) for endpoint, member in self.members.items()}
        self.sockets = dict.fromkeys(self.members.values())
        if self.wsp_cleanup() == "nested_cleanup":
            return False
        self.ending = ending
        return True

    def end_block(self, begun: Attempt, ending: Ending) -> bool:
        """The end of a block: its startup is undone, unless that has happened already; whether it was the last."""
        if begun not in self.blocks:
            return False
        self.forget_block(begun)
        return self.end(ending)

    def forget_block(self, begun: Attempt) -> None:
        """A block has ended, and its startup is undone, by whomever."""
        self.blocks -= {begun}

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
        starts = self.phase is Phase.STARTING
        self.table_accepted()
        if starts:
            self._count(self.attempt)
        self.table, self.attempt = table, None

    def lower_rejected(self) -> None:
        """The lower provider cannot be used, and its startup was undone."""
        self.table_rejected()
        self._settle()

    def run(self) -> None:
        """The layer runs, and its lower provider is started later."""
        self.initialised()
        self._count(self.attempt)
        self.attempt = None

    def unload(self, ended_early: bool) -> None:
        """Everything is given back, or was given up below."""
        self.release()
        self.drains_ended_early += ended_early
        self._settle()
        self.ending = None

    def _settle(self) -> None:
        """A start has failed, or an epoch has ended: whatever came from below, or with a startup, is forgotten."""
        self.attempt, self.table, self.ceiling = None, {}, None
        if self.phase is Phase.UNLOADED:
            self.given = None


_SLOTS: Final = (*LayeredWinsockProviderCore.__slots__, *State.__slots__)
