"""The things that callers and the owner of one provider share."""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from .bell import Bells
from .connection import Connection
from .core import OpenSockets, Phase, StartupWhileDraining, WinsockProviderCore
from .hooks import Hooks
from .permit import Nesting
from .recorder import Recorder
from .request import Message
from .stats import Tally

Upcalls: TypeAlias = Mapping[str, Callable[..., object]]


@dataclass(frozen=True, slots=True)
class Settings:
    """How a provider was made."""

    open_sockets: OpenSockets
    startup_while_draining: StartupWhileDraining
    drain_timeout: float
    drain_total: float | None
    hooks: Hooks | None
    recorder: Recorder


@dataclass(frozen=True, slots=True)
class Given:
    """The arguments of the latest startup of an epoch."""

    upcalls: Upcalls | None = None
    protocol_info: object = None


@dataclass(slots=True, eq=False)
class Desk:
    """One life of a provider; a forked child begins another one.

    Callers add to `inbox` and `forgiven`, each in one atomic step, and take what is lent to them; they only look at
    the rest: all else is the owner's.
    """

    core: WinsockProviderCore
    inbox: deque[Message] = field(default_factory=deque)
    claim: threading.Lock = field(default_factory=threading.Lock)
    """Held by the thread that is the owner."""
    rest: threading.Lock = field(default_factory=threading.Lock)
    """Held by the owner during its steps; a fork takes it, so that the child finds no step half made."""
    asleep: bool = False
    """The owner sleeps, or is about to look at the inbox a last time before it does."""
    descriptors: dict[int, Connection] = field(default_factory=dict)
    given: Given = field(default_factory=Given)
    nesting: Nesting = field(default_factory=Nesting)
    tally: Tally = field(default_factory=Tally)
    bells: Bells = field(default_factory=Bells)
    """For callers that wait on their own."""
    forgiven: deque[None] = field(default_factory=deque)
    """Startups that were undone for their callers, at the end of the process: their cleanups are not refused."""

    def forget(self) -> None:
        """The epoch ends: its descriptors stand for nothing any more, and what its startups gave is given no more."""
        self.nesting.known = None
        self.given = Given()
        self.descriptors.clear()

    def count_nested(self) -> None:
        """Tell the core of the startups that callers have counted on their own; that ends at least for this turn."""
        self.nesting.take_back()
        while self.nesting.count:
            self.nesting.count -= 1
            self.core.wsp_startup(self.core.lowest, buffer=True)

    def lend_nesting(self) -> None:
        """Let callers count startups that say nothing new."""
        if self.nesting.wanted and self.nesting.known is not None and self.core.phase is Phase.RUNNING:
            self.nesting.lend()
