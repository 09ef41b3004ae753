"""The words of a spec as something that runs. A spec is Python, so the reference executes it as the Python that it is.

Nothing here knows how the tool reads a spec. What `when`, `retire` or `count` mean is said once more, in plain Python.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any

NUMBER, OFFERED = "#", "offers#"
"""Where a member keeps its place in its family, and a machine the contract that it offers. No name is spelled so."""

ACTIONS = ("call", "internal", "environment", "activity", "timeout")
PROMISES = (
    "always", "step", "unchanged", "pristine", "recoverable", "leads_to", "accepts", "refuses", "enabled", "initially",
)  # fmt: skip


class NotNow(Exception):
    """A guard does not hold: the action cannot happen here."""


@dataclass(frozen=True, slots=True)
class Range:
    """Bounds of an integer."""

    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Marked:
    """A type with a mark, such as `New[Part]`."""

    mark: str
    inner: Any


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark, which takes a type in brackets."""

    name: str

    def __getitem__(self, inner: Any) -> Marked:
        return Marked(self.name, inner)


@dataclass(frozen=True, slots=True)
class Requirement:
    """A sentence of a source document."""

    id: str
    text: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What a decorator says of the function below it."""

    word: str
    names: tuple[Any, ...]
    options: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A call to the layer below: which outcome was taken, and with what. Answers of the layer are among `given`."""

    layer: str
    outcome: str
    given: tuple[tuple[str, Any], ...]


@dataclass(slots=True)
class Stage:
    """What is noted while one step runs."""

    distrusted: bool = False  # an assumption of the machine does not hold
    below: bool = False  # an outcome of the layer below runs
    illegal: bool = False  # an assumption of the layer below does not hold
    asked: list[Asked] = field(default_factory=list)
    branches: set[tuple[int, bool]] = field(default_factory=set)


class Machine:
    """Base of the classes that describe lifecycles."""

    def __init_subclass__(cls, *, provides: Any = None) -> None:
        setattr(cls, OFFERED, provides)

    def __getitem__(self, member: Any) -> Any:
        """The same member as this state has it."""
        families = (kept for kept in self.__dict__.values() if isinstance(kept, Members))
        return next(found for family in families for found in family if found == member)


class Member:
    """Base of the classes that describe members. Two looks at one member in two states are the same member."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__[NUMBER] == other.__dict__[NUMBER]

    def __hash__(self) -> int:
        return hash(self.__dict__[NUMBER])


class Members(list[Any]):
    """The members of a family in one state."""


def retire(member: Any) -> None:
    """Give a member back: what does not persist is as at the start."""
    cls = type(member)
    for name, annotation in cls.__annotations__.items():
        if not (isinstance(annotation, Marked) and annotation.mark == "Persistent"):
            member.__dict__[name] = getattr(cls, name)


def saying(word: str) -> Callable[..., Any]:
    """A decorator that notes what it was given; it may stand without brackets."""

    def decorator(*names: Any, **options: Any) -> Any:
        if len(names) == 1 and not options and callable(names[0]) and word != "enabled":
            names[0].said = Said(word, (), {})
            return names[0]

        def note(function: Any) -> Any:
            function.said = Said(word, names, options)
            return function

        return note

    return decorator


def flat(names: Iterable[Any]) -> tuple[str, ...]:
    """Names of calls, and of those in groups."""
    return tuple(name for each in names for name in (each if isinstance(each, tuple) else (each,)))


def words(stage: Callable[[], Stage], choices: Iterator[int], due: Callable[..., bool]) -> dict[str, Any]:
    """Everything that a spec may import. Each policy takes the alternative that `choices` says next.

    `due` says of an activity, and perhaps of a member, whether it is due in the state that is spoken of.
    """

    def when(condition: bool) -> None:
        if not condition:
            raise NotNow

    def assume(condition: bool, _because: str) -> None:
        if not condition and stage().below:
            stage().illegal = True
        elif not condition:
            stage().distrusted = True

    def count(conditions: Iterable[bool]) -> int:
        return sum(1 for condition in conditions if condition)

    def implies(premise: bool, conclusion: bool) -> bool:
        return conclusion if premise else True

    def calls(*names: Any) -> tuple[str, ...]:
        return flat(names)

    def policy(*alternatives: Any) -> Any:
        return alternatives[next(choices)]

    def session(*_: str) -> None:
        """What a session does is seen in the shells alone."""

    marks = {name: Mark(name) for name in ("Family", "New", "Persistent", "Answer", "Uses")}
    plain = {"Machine": Machine, "Member": Member, "Range": Range, "Requirement": Requirement, "Int": int}
    spoken = {word: saying(word) for word in (*ACTIONS, *PROMISES)}
    used = {"when": when, "assume": assume, "count": count, "implies": implies, "policy": policy, "retire": retire}
    used |= {"calls": calls, "due": due, "session": session}
    return {**marks, **plain, **spoken, **used, "Nat": Annotated[int, Range(0)]}
