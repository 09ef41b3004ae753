"""Work that is due, timeouts that will come, and calls that wait for their answer."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import partial
from itertools import compress, repeat
from operator import getitem, length_hint, methodcaller
from types import CoroutineType
from typing import Any, Generic, TypeAlias, TypeVar

from ._fitting import shown
from .core import NotEnabled

T = TypeVar("T")

Key: TypeAlias = tuple[str, object]
"""The name of what is pending: of an activity, with the member that it is for or None; of a timeout, with the class of
all; or of a call, with what it waits for."""


# --- what a spec says --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """One end of an activity: the name of the action, its step, and which of the answers it is given."""

    action: str
    step: Callable[..., object]
    given: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Activity:
    """Real work: where it is due, how it ends, and what it answers.

    Work for members is due of those of `family`. A step may make it due of the members that it touches; one that is in
    `everywhere`, of any.
    """

    name: str
    due: Callable[..., bool]
    succeeds: Sequence[Outcome]
    fails: Sequence[Outcome] = ()
    answers: Sequence[type] = ()
    family: str = ""
    everywhere: Set[str] = frozenset()
    ends: Set[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ends", frozenset(outcome.action for outcome in (*self.succeeds, *self.fails)))


@dataclass(frozen=True, slots=True)
class Timeout:
    """A step of the clock: where it may happen, and the step."""

    name: str
    holds: Callable[[Any], bool]
    outcome: Outcome

    @property
    def key(self) -> Key:
        """By this it is pending; an activity may have the same name."""
        return self.name, Timeout


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """A call, or a step from outside: how the model answers it, and which steps end its waiting.

    Until one of the steps has happened that `until` has for the action that accepted it, it is not answered. What the
    spec says of each reason for which it is refused is in `why`.
    """

    name: str
    step: Callable[..., T]
    waits_for: Set[str] = frozenset()
    until: Mapping[str, Set[str]] = field(default_factory=dict)
    why: Mapping[str, str] = field(default_factory=dict)


# --- what is pending ---------------------------------------------------------------------------------------------


class Ticket:
    """The right and the duty to run an activity once. Only its holder writes to it."""

    __slots__ = ("_once", "abandoned", "activity", "answers", "failed", "given", "key", "runner", "waits_for")

    def __init__(self, activity: Activity, key: Key, runner: object) -> None:
        self.activity = activity
        self.key = key
        self.runner = runner
        self.given: tuple[Any, ...] = () if key[1] is None else (key[1],)
        """The arguments of the work: the member that it is for, or none."""
        self.answers: defaultdict[None, Any] = defaultdict()
        """The answer of the work, once it has returned."""
        self.failed = False
        """Whether its outcome was one that fails."""
        self.abandoned = False
        """Whether its holder was interrupted, and somebody else has to see to it."""
        self.waits_for: Set[str] = frozenset()
        """The steps for which its holder waits at this moment."""
        self._once = iter((True,))

    def begin(self, owner: object) -> Iterator[Any]:
        """The answer of the method that does the work, once; nothing if it was called before. To look it up is work."""
        return map(methodcaller(self.activity.name, *self.given), compress(repeat(owner), self._once))

    def run(self, owner: object) -> None:
        """Do the work.

        Python may run a signal handler, or raise an interrupt, between any two of its own instructions. So the steps
        from here to the work and back are not made of such: it has begun exactly if `_once` is used up, and it has
        returned exactly if there is an answer. (A list that is extended would take StopIteration, which code may raise
        that looks for a first of something, for the end of a work that went well.)
        """
        self.answers.default_factory = partial(next, self.begin(owner))
        try:
            getitem(self.answers, None)
        finally:
            self.answers.default_factory = None

    def has_not_begun(self) -> None:
        """Let the work be called once more, as nothing of it has run."""
        self._once = iter((True,))

    @property
    def begun(self) -> bool:
        """Whether the work has begun."""
        return not length_hint(self._once)

    @property
    def over(self) -> bool:
        """Whether the work is over, for whoever knows that it does not run; work that can fail need not begin."""
        return self.begun or bool(self.activity.fails)


class Deadline:
    """The moment of the clock at which a timeout comes, if nothing ends it before."""

    __slots__ = ("_patience", "at", "timeout")

    def __init__(self, timeout: Timeout, patience: float) -> None:
        self.timeout = timeout
        self.at = math.inf
        self._patience = patience

    def begin(self, now: float) -> None:
        """Count the seconds, unless they are: only from the step on, before which a thread may have slept for long."""
        if self.at == math.inf:
            self.at = now + self._patience

    def has_come(self, by: float) -> bool:
        """Whether it has come by this time; one of no seconds, that may follow itself at once, before it."""
        return self.at <= by if self._patience else self.at < by


class Awaited:
    """The steps that answer a call which was accepted; it is pending until one of them happens."""

    __slots__ = ("members", "steps")

    def __init__(self, steps: Set[str], arguments: tuple[Any, ...]) -> None:
        self.steps = steps
        self.members = _members_of(arguments)

    def is_answered(self, action: str, arguments: tuple[Any, ...]) -> bool:
        """Whether a step is one of them, and for the same member if both are for one."""
        if action not in self.steps:
            return False
        members = _members_of(arguments)
        return not members or not self.members or bool(members & self.members)


Pending: TypeAlias = Ticket | Deadline | Awaited


class WrongMember(Exception):
    """A member of another lifecycle, or one that was given back."""


class Member:
    """A member as people hold it; see `_members`."""

    __slots__ = ("__weakref__",)

    def _shown(self, values: Any, /) -> Any:
        """These values of it, as people see those of one moment."""
        raise NotImplementedError

    def _given_to(self, state: Any, /) -> Any:
        """Its values for an error: it was given to a call that was refused in this state."""
        raise NotImplementedError


def _members_of(arguments: tuple[Any, ...]) -> frozenset[Member]:
    return frozenset(each for each in arguments if isinstance(each, Member))


class Accepted:
    """The fate of a call: whether its step was taken, and the activities that fell to it."""

    __slots__ = ("_happened", "_step", "tickets")

    def __init__(self) -> None:
        self._step: tuple[Any, Any] | None = None
        self._happened = False
        self.tickets: list[Ticket] = []

    def happens_if(self, old: Any, new: Any) -> None:
        """The step is taken if `new` follows `old`."""
        self._step = old, new

    @property
    def step(self) -> tuple[Any, Any]:
        """The moments that make the step."""
        if self._step is None:
            raise RuntimeError("there is no step to be taken")
        return self._step

    @property
    def happened(self) -> bool:
        """Whether the step was taken."""
        if self._step is not None:
            old, new = self._step
            self._happened = bool(old._after) and old._after[0] is new
        return self._happened

    def forget(self) -> bool:
        """Let go of the moments, as each of them holds all that follow it; whether the step was taken."""
        happened = self.happened
        self._step = None
        return happened

    @property
    def failed(self) -> bool:
        """Whether one of the activities has failed, so that the call is as if it had not been made."""
        return any(ticket.failed for ticket in self.tickets)


# --- the end of an activity --------------------------------------------------------------------------------------


def take_outcome(new: Any, ticket: Ticket) -> Exception | None:
    """Take the outcome of work that is over, on a moment that nobody else sees yet; what was wrong with its answer."""
    work, wrong = ticket.activity, None
    new._pending = {key: each for key, each in new._pending.items() if each is not ticket}
    ticket.failed = False
    for answer in ticket.answers.values():
        wrong = _wrong_answer(work, answer)
        if wrong is None and _taken(new, work.succeeds, ticket.given, _answers(work, answer)):
            return None
        wrong = wrong or ValueError(f"{work.name} returned {shown(answer)}, which no outcome provides for")
    ticket.failed = bool(work.fails)
    if not _taken(new, work.fails or work.succeeds, ticket.given, ()):
        raise NotEnabled(work.name)
    return wrong


def _answers(work: Activity, answer: object) -> tuple[Any, ...]:
    if not work.answers:
        return ()
    return answer if isinstance(answer, tuple) and len(work.answers) > 1 else (answer,)


def _wrong_answer(work: Activity, answer: object) -> Exception | None:
    if (not work.answers and answer is not None) or [*map(type, _answers(work, answer))] != [*work.answers]:
        if isinstance(answer, CoroutineType):
            answer.close()  # otherwise Python complains once more, of one that was never awaited
        got = type(answer).__name__
        if isinstance(answer, tuple) and len(work.answers) > 1:
            got = _types([*map(type, answer)])
        return TypeError(f"{work.name} returned {got}, not {_types(work.answers)}")
    return None


def _types(kinds: Sequence[type]) -> str:
    """A value of one type is of that; of several, a tuple; of none, None."""
    names = ", ".join(each.__name__ for each in kinds)
    return f"({names})" if len(kinds) > 1 else names or "None"


def _taken(new: Any, outcomes: Sequence[Outcome], given: tuple[Any, ...], answers: tuple[Any, ...]) -> bool:
    for outcome in outcomes:
        arguments = (*given, *(answers[place] for place in outcome.given))
        try:
            outcome.step(new, *arguments)
        except (NotEnabled, ValueError):
            continue
        new._action = outcome.action
        new._arguments = arguments
        return True
    return False


# --- how long ----------------------------------------------------------------------------------------------------


_EVER = 1e9
"""Seconds, some thirty years."""


def seconds(timeout: float | None, name: str = "timeout") -> float:
    """How long somebody wants to wait; for ever if he does not say.

    Raises:
        TypeError: it is no number.
        ValueError: it is negative, or not a number.
    """
    if timeout is None:
        return math.inf
    if isinstance(timeout, bool) or not isinstance(timeout, int | float):
        raise TypeError(f"{name} must be a number of seconds or None, not {shown(timeout)}")
    if not timeout >= 0:
        raise ValueError(f"{name} must be a number of seconds from 0, not {shown(timeout)}")
    return float(timeout) if timeout < _EVER else math.inf
