"""The tables of a spec that a search is given: its calls, its work, and the calls that callers make."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType


@dataclass(frozen=True)
class Of:
    """Stands for an argument: a member of this family."""

    family: str


@dataclass(frozen=True)
class Activity:
    """Work: the names of its outcomes, and what it may return; `of` is the family for whose members it is."""

    succeeds: Mapping[str, Sequence[int]]
    """Which of the answers each outcome is given, by their places."""
    fails: Sequence[str] = ()
    answers: Sequence[object] = (None,)
    of: str = ""

    def ways(self) -> Mapping[str, object]:
        """How it may return, in words, with the answer."""
        return {f"returns {each}": each for each in self.answers}


@dataclass(frozen=True)
class Model:
    """A spec, as far as the rules need it."""

    name: str
    core: ModuleType
    """The module with the proved steps."""
    families: Mapping[str, str]
    """The name of the member class of each family."""
    made: Mapping[str, Mapping[int, str]]
    """The families of the members that calls make: of which argument of the core's method each is."""
    calls: Mapping[str, Sequence[str]]
    """The actions that accept each call, by the name of its method; a step from outside is one of itself."""
    activities: Mapping[str, Activity]
    until: Mapping[str, Sequence[str]]
    """The actions of which one has to happen before a call that this action accepts is answered."""
    timeouts: Mapping[str, str]
    """The action of each timeout."""
    refusals: Mapping[str, str]
    """The error of the model that each class of exception tells."""


@dataclass(frozen=True)
class Move:
    """A call that a caller may make."""

    call: str
    arguments: Sequence[object] = ()
    timeout: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "arguments", tuple(self.arguments))

    def __str__(self) -> str:
        given = [each.family if isinstance(each, Of) else str(each) for each in self.arguments]
        return f"{self.call}({', '.join([*given, *([f'timeout={self.timeout}'] if self.timeout else [])])})"


@dataclass(frozen=True)
class Session(Move):
    """A block between two calls that a caller may make."""

    begin: str = ""
    end: str = ""
    given_back: Sequence[int] = ()
    """Of each argument of the second call: which argument of the first it is, or ~n for the n-th member it gave."""


@dataclass(frozen=True)
class Made:
    """A call that was made and answered before a search begins."""

    move: Move
    ends: Sequence[tuple[str, str]] = ()
    """How its work ended, in this order: its name, and the way. Other work has returned its first answer."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "ends", tuple(self.ends))

    def __str__(self) -> str:
        return f"{self.move} ({', '.join(map(' '.join, self.ends))})" if self.ends else str(self.move)


RAISES = "raises Failed"
"""How work ends that does not return."""

LATE = Made(Move("all the time that timeouts take"))
"""Stands for a while in which nobody calls, so that each timeout that can happen is due."""


@dataclass(frozen=True)
class Plan:
    """Callers, and the calls that each makes, one after the other: any that is among the moves."""

    callers: int
    calls: int
    moves: Sequence[Move]
    before: Sequence[Made] = ()
    """The calls that were made and answered before they start, and where time has passed."""
    inward: bool = False
    """Whether work makes one of these calls before it ends."""

    def __str__(self) -> str:
        made = f"{self.callers} callers, {self.calls} calls each of {', '.join(map(str, self.moves))}"
        made += ", and as many by work" if self.inward else ""
        return f"{made}, after {', '.join(map(str, self.before))}" if self.before else made
