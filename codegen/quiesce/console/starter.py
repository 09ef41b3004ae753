"""The spec that `quiesce new` writes: small, complete, proved as it stands, with every small fault of it noticed."""

import contextlib
from pathlib import PurePosixPath

from quiesce.spec.diagnostics import SpecError
from quiesce.spec.reader import read_text

STARTER = '''"""A service that several callers start and stop together."""

from enum import Enum, auto

from quiesce.spec import Machine, Nat, activity, always, call, pristine, recoverable, session, step, when


class Phase(Enum):
    """Where the service stands."""

    DOWN = auto()
    OPENING = auto()
    UP = auto()
    CLOSING = auto()


class {machine}(Machine):
    """A reference-counted service."""

    phase: Phase = Phase.DOWN
    refs: Nat = 0

    using = session("start", "stop")

    @activity("open")
    def opened(self) -> None:
        """The work is done: only now the first user counts."""
        when(self.phase == Phase.OPENING)
        self.phase = Phase.UP
        self.refs = 1

    @activity("open", fails=True)
    def open_failed(self) -> None:
        """The work has raised: everything is as before."""
        when(self.phase == Phase.OPENING)
        self.phase = Phase.DOWN

    @activity("close")
    def closed(self) -> None:
        """Everything is given back."""
        when(self.phase == Phase.CLOSING)
        self.phase = Phase.DOWN

    @call("start")
    def further_start(self) -> None:
        """One more user."""
        when(self.phase == Phase.UP)
        self.refs += 1

    @call("start")
    def first_start(self) -> None:
        """Nobody uses the service yet: it has to be opened."""
        when(self.phase == Phase.DOWN)
        self.phase = Phase.OPENING

    @call("start", blocks=True, fair=[opened, open_failed, closed])
    def wait_to_start(self) -> None:
        """Somebody else opens or closes the service at this moment."""
        when(self.phase in (Phase.OPENING, Phase.CLOSING))

    @call("stop")
    def nested_stop(self) -> None:
        """Others still use the service."""
        when(self.refs > 1)
        self.refs -= 1

    @call("stop")
    def last_stop(self) -> None:
        """Nobody uses the service any more: it has to be closed."""
        when(self.refs == 1)
        self.refs = 0
        self.phase = Phase.CLOSING

    @call("stop", fails="NOT_STARTED")
    def excess_stop(self) -> None:
        """One stop too many."""
        when(self.refs == 0)

    @always
    def counted_only_while_up(self) -> bool:
        """The service is up exactly while somebody uses it."""
        return (self.refs > 0) == (self.phase == Phase.UP)

    @step(only=[opened, further_start])
    def each_start_counts_once(self, old: "{machine}") -> bool:
        """A start that succeeds adds one user."""
        return self.refs == old.refs + 1

    @step(only=[nested_stop, last_stop])
    def each_stop_counts_once(self, old: "{machine}") -> bool:
        """A stop takes one user away."""
        return self.refs == old.refs - 1

    @step(only=[open_failed, closed])
    def down_afterwards(self, old: "{machine}") -> bool:
        """After a failed opening, and after the closing, the service is down."""
        return self.phase == Phase.DOWN

    @pristine
    def down_means_as_new(self) -> bool:
        """A restart is like the first start."""
        return self.phase == Phase.DOWN

    @recoverable
    def can_always_be_up_again(self) -> bool:
        """Whatever happened, the service can be started again."""
        return self.phase == Phase.UP
'''


def starter(stem: str) -> str:
    """The text of a first spec for a file of that name. The machine is called like the file, where that can be."""
    words = [word for word in stem.replace("-", "_").split("_") if word]
    name = "".join(word[:1].upper() + word[1:] for word in words)
    for machine in (name, "Service"):
        text = STARTER.format(machine=machine)
        with contextlib.suppress(SpecError):  # a name that means something already, or that code cannot have
            read_text(text, PurePosixPath(f"{stem}.py"))
            break
    return text
