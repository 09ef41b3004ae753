"""A call as the owner sees it: the work, what it waits for meanwhile, and the answer."""

import threading
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeAlias, TypeVar

from .connection import Connection
from .core import WinsockProviderCore
from .errors import ErrorCode, WinsockError
from .herald import Herald

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Until:
    """Wait for one of the events of sockets, at most until the monotonic `deadline`; None waits without an end."""

    events: Mapping[Connection, int]
    deadline: float | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """Wait until the phase of the provider changes or a socket is given back, at most until `deadline`; see `Until`."""

    deadline: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Wait for the outcome of the activity that this work has made due; what the activity raises is raised here."""


CHANGE: Final = Change()
OUTCOME: Final = Outcome()
Wait: TypeAlias = Until | Change | Outcome
Steps: TypeAlias = Generator[Wait, None, T]
"""Work that waits: it yields what it waits for, and goes on where it was once that has come."""


@dataclass(frozen=True, slots=True)
class Plan(Generic[T]):
    """The work of a call: `now` or as `steps`, both by the owner, and then `after` by the caller.

    With `answer` there is nothing to be done.
    """

    answer: T | None = None
    now: Callable[[], T] | None = None
    steps: Callable[[], Steps[T]] | None = None
    after: Callable[[T], None] | None = None
    gives_back: bool = False
    """The call gives something back: it is carried out even if its caller cannot wait for it."""


class Request:
    """One call on its way. The caller writes it once and posts it; from then on it is the owner's."""

    __slots__ = ("abandoned", "failure", "inside", "life", "over", "plan", "steps", "undo", "value", "wait")

    def __init__(self, plan: Plan[Any], life: WinsockProviderCore, inside: bool) -> None:
        self.plan = plan
        self.life = life
        """The core for which the request was made; after a fork, the child has another one."""
        self.inside = inside
        """Whether people's code, run by the herald, makes the call: it must not wait for itself."""
        self.over = threading.Lock()
        """Held until the request is answered; a caller waits by taking it."""
        self.over.acquire()
        self.steps: Steps[object] | None = None
        self.wait: Wait | None = None
        self.value: object = None
        self.failure: BaseException | None = None
        self.undo: Callable[[], None] | None = None
        """How to take back what the call has given to a caller that is there no more."""
        self.abandoned = False

    def go_on(self, failure: BaseException | None) -> Wait | None:
        """Do the work as far as it goes: what it waits for, or None when it is done and `value` is its result.

        `failure`, if there is one, is raised where the work waits.
        """
        if self.plan.now is not None:
            self.value = self.plan.now()
            return None
        try:
            if self.steps is None:
                self.steps = self.plan.steps() if self.plan.steps is not None else _nothing()
                return next(self.steps)
            return self.steps.send(None) if failure is None else self.steps.throw(failure)
        except StopIteration as end:
            self.value = end.value
            return None

    def stop(self) -> None:
        """End the work where it waits; what it holds goes back."""
        if self.steps is not None:
            self.steps.close()
        self.steps = self.wait = None


class Waiting:
    """A request that waits for events of sockets, as their connections see it."""

    __slots__ = ("_request", "_resume")

    def __init__(self, resume: Callable[[Request, BaseException | None], None], request: Request) -> None:
        self._resume = resume
        self._request = request

    def wake(self) -> None:
        """Let the call try again."""
        self._resume(self._request, None)

    def cancel(self) -> None:
        """Let the call fail."""
        self._resume(self._request, WinsockError(ErrorCode.WSAEINTR))


def _nothing() -> Steps[None]:
    yield from ()


@dataclass(frozen=True, slots=True)
class Abandoned:
    """The caller of `request` was interrupted; nobody waits for the answer, but for `seen` to be released."""

    request: Request
    seen: threading.Lock


@dataclass(frozen=True, slots=True)
class Done:
    """The herald `by` has run a job of people's code; `ended`, if somebody waits for it, goes on from there."""

    by: Herald
    ended: Callable[[BaseException | None], None] | None
    failure: BaseException | None


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Nobody can use the provider any more: undo every startup. `at_once` resets what is left."""

    at_once: bool
    why: str


@dataclass(frozen=True, slots=True)
class Remainder:
    """A caller has sent on `connection` on its own, and the kernel has taken only a part."""

    connection: Connection


Message: TypeAlias = Request | Abandoned | Done | GiveUp | Remainder
