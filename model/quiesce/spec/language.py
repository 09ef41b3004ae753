"""The words a spec is written in.

A spec imports these names so that editors, formatters and type checkers understand it. quiesce reads the file
as syntax and never runs it; every function here is therefore a typed marker that does nothing of interest.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Annotated, Any, Generic, Literal, TypeAlias, TypeVar, overload

from quiesce.spec.record import record

_M = TypeVar("_M", bound="Member")
_T = TypeVar("_T")
_E = TypeVar("_E", bound=Enum)
_F = TypeVar("_F", bound=Callable[..., object])


@record
class Range:
    """Bounds of an integer, both included: `Annotated[int, Range(0, 255)]`. None means unbounded."""

    low: int | None = None
    high: int | None = None


@record
class Requirement:
    """A sentence of a source document: its id, what it asks in our own words, and where it stands."""

    id: str
    text: str
    source: str = ""


class _Persists:
    """Marks a value that survives the release of the machine."""


class _Unused:
    """Marks a parameter that stands for a member which was never used before."""


class _Answered:
    """Marks a parameter that the callee chooses."""


class _LayerBelow:
    """Marks the layer below a machine and names its contract."""


Nat: TypeAlias = Annotated[int, Range(0)]
"""A natural number: 0, 1, 2 … That it never drops below 0 is proved, not assumed."""

Int: TypeAlias = int
"""Any integer."""

Persistent = Annotated[_T, _Persists]
"""`Persistent[Nat]`: a variable or field that `@pristine` lets survive, such as an epoch number."""

New = Annotated[_T, _Unused]
"""`New[Socket]`: a parameter that the machine chooses: a member with every field at its default. One always exists."""

Answer = Annotated[_T, _Answered]
"""`Answer[bool]`: a parameter that the caller does not choose: the answer of the layer below, or of the system."""

Uses = Annotated[_T, _LayerBelow]
"""`lower: Uses[Contract]`: the layer below, known by its contract: a machine in a spec file beside this one.

An action calls the layer with `self.lower.outcome(…)`, one outcome of the contract. What the contract assumes of its
caller becomes a precondition, proved wherever the action can happen, and every other answer has to be dealt with by
some action.
"""


class Machine:
    """Base class of a machine, which describes a lifecycle: variables, families, actions and promises.

    `class M(Machine, provides=Contract)` keeps the contract towards those above it.
    """

    def __init_subclass__(cls, *, provides: "type[Machine] | None" = None) -> None:
        super().__init_subclass__()

    def __getitem__(self, member: _M) -> _M:
        """The same member in this state: `old[s].unsent` is what `s` had before the step."""
        return member


class Member:
    """Base of a class whose instances are the members of a family. Fields have a type and a default."""


class Family(Generic[_M]):
    """Any number of like members: `sockets: Family[Socket]`."""

    def __iter__(self) -> Iterator[_M]:
        return iter(())


def policy(default: _E, *alternatives: _E) -> _E:
    """A named choice that the source documents leave open. Every alternative is verified; the first is the default."""
    return default


@record
class Calls:
    """A group of calls, by their names."""

    names: tuple[str, ...]


def calls(*names: str | Calls) -> Calls:
    """Several calls that a spec speaks of together.

    `ON_A_SOCKET = calls("WSPSend", "WSPRecv")` names a group. It stands wherever the name of a call does, and is made
    of names and of other groups.
    """
    return Calls(tuple(name for each in names for name in ((each,) if isinstance(each, str) else each.names)))


def when(condition: bool) -> None:
    """Guard of an action: it can happen only in states where all its conditions hold."""


def assume(condition: bool, because: str, /) -> None:
    """A condition that callers, or the world outside, are trusted to keep whenever this action happens, and the reason.

    Promises are proved of runs that keep the condition. It does not decide which outcome a call has, and no code checks
    it.
    """


def implies(premise: bool, conclusion: bool) -> bool:
    """`conclusion` wherever `premise` holds."""
    return not premise or conclusion


def count(conditions: Iterable[bool]) -> int:
    """How many members satisfy a condition: `count(s.unsent > 0 for s in self.sockets)`."""
    return sum(conditions)


def retire(member: Member) -> None:
    """Give a member back: every field that is not persistent takes its default again."""


Fair: TypeAlias = Sequence[Callable[..., None]]
Only: TypeAlias = Callable[..., None] | Fair
Satisfies: TypeAlias = Requirement | Sequence[Requirement]
Verdict: TypeAlias = Literal["proved", "refuted", "refuted without assumptions"]
Expect: TypeAlias = Verdict | Mapping[Enum, Verdict]


def call(
    *names: str | Calls,
    fails: str | None = None,
    blocks: bool = False,
    fair: Fair = (),
    until: Fair = (),
    satisfies: Satisfies = (),
) -> Callable[[_F], _F]:
    """An action that is one outcome of the client's calls `names`.

    With `fails` the outcome is a refusal with that error; a refusal changes nothing. With `blocks` the caller waits in
    the states that the guard describes, and the wait is proved to end as long as one of the `fair` actions eventually
    happens. With `until` the call is accepted, and answered when one of the listed actions has happened; it is proved
    that one of them does as long as activities end, timeouts come, and one of the `fair` actions eventually happens.
    That somebody waits is told by enum variables and truth values: those that the call writes, and those that its guard
    or one of the listed actions asks for.
    """
    return lambda action: action


def activity(name: str, *, fails: bool = False, satisfies: Satisfies = ()) -> Callable[[_F], _F]:
    """An action that is one outcome of the activity `name`: real work, done by code of the user's.

    The activity is due wherever the guard of one of its outcomes holds. It succeeds with an outcome without `fails`,
    and with `fails` the work has raised an exception. `Answer[…]` parameters are what the user's code returns.
    """
    return lambda action: action


def due(activity: str, member: Member | None = None, /) -> bool:
    """Whether the activity is due in this state, of this member if it belongs to members: part of a promise."""
    return bool(activity or member)


def timeout(name: str, /, *, satisfies: Satisfies = ()) -> Callable[[_F], _F]:
    """A step of the clock: it comes when its guard has held without a break for as long as the argument `name` says."""
    return lambda action: action


class Session:
    """Two calls that belong together."""


def session(begin: str, end: str, /) -> Session:
    """Two calls that belong together, by their names.

    Where the body of a machine says `using = session("start", "stop")`, the generated class has a context manager
    `using`, which calls the first and, whatever happens inside, the second.
    """
    _ = begin, end
    return Session()


@overload
def internal(action: _F, /) -> _F: ...
@overload
def internal(*, satisfies: Satisfies = ()) -> Callable[[_F], _F]: ...
def internal(action: Any = None, /, *, satisfies: Satisfies = ()) -> Any:
    """A step the provider itself takes."""
    return _bare_or_called(action)


@overload
def environment(action: _F, /) -> _F: ...
@overload
def environment(*, satisfies: Satisfies = ()) -> Callable[[_F], _F]: ...
def environment(action: Any = None, /, *, satisfies: Satisfies = ()) -> Any:
    """A step of the world outside: the network, a peer, the clock, the operating system."""
    return _bare_or_called(action)


@overload
def always(promise: _F, /) -> _F: ...
@overload
def always(*, expect: Expect = "proved", satisfies: Satisfies = ()) -> Callable[[_F], _F]: ...
def always(promise: Any = None, /, *, expect: Expect = "proved", satisfies: Satisfies = ()) -> Any:
    """A promise about every reachable state.

    `expect="refuted"`, which any promise may have, declares the promise false: a counterexample has to be found. With
    `"refuted without assumptions"` the counterexample is a run of the machine without any `assume`. `expect={Choice.B:
    "refuted"}` declares the promise false under the alternative `Choice.B` of a policy; under every other alternative
    it is proved.
    """
    return _bare_or_called(promise)


@overload
def step(promise: _F, /) -> _F: ...
@overload
def step(
    *, unless: Only = (), only: Only = (), expect: Expect = "proved", satisfies: Satisfies = ()
) -> Callable[[_F], _F]: ...
def step(
    promise: Any = None,
    /,
    *,
    unless: Only = (),
    only: Only = (),
    expect: Expect = "proved",
    satisfies: Satisfies = (),
) -> Any:
    """A promise about every step from a state `old` to the next, but for the steps of the actions in `unless`.

    With `only` the promise is about the steps of the listed actions alone, and its method may take, after `old`,
    parameters that all these actions have: the arguments of the step.
    """
    return _bare_or_called(promise)


@overload
def unchanged(values: _F, /) -> _F: ...
@overload
def unchanged(
    *, among: Callable[..., bool] | None = None, unless: Only = (), expect: Expect = "proved", satisfies: Satisfies = ()
) -> Callable[[_F], _F]: ...
def unchanged(
    values: Any = None,
    /,
    *,
    among: Callable[..., bool] | None = None,
    unless: Only = (),
    expect: Expect = "proved",
    satisfies: Satisfies = (),
) -> Any:
    """A promise that what the method returns keeps its value in every step, but for the steps of `unless`.

    The method returns a value, or a tuple of values, of the machine or of the one member that it is given; then this is
    promised of every member. An action in `unless` that is itself given such a member may change the values of that
    member alone. With `among=Socket.in_use`, a predicate of members, nothing is said of a member for which the
    predicate does not hold after the step. With `expect="refuted"`, some step of an action that is not in `unless` has
    to change a value; that those in `unless` change it of their own member alone is to hold all the same.
    """
    return _bare_or_called(values)


@overload
def pristine(promise: _F, /) -> _F: ...
@overload
def pristine(*, expect: Expect = "proved", satisfies: Satisfies = ()) -> Callable[[_F], _F]: ...
def pristine(promise: Any = None, /, *, expect: Expect = "proved", satisfies: Satisfies = ()) -> Any:
    """Wherever this predicate holds, everything that is not declared `Persistent` equals its initial value."""
    return _bare_or_called(promise)


@overload
def recoverable(promise: _F, /) -> _F: ...
@overload
def recoverable(*, expect: Expect = "proved", satisfies: Satisfies = ()) -> Callable[[_F], _F]: ...
def recoverable(promise: Any = None, /, *, expect: Expect = "proved", satisfies: Satisfies = ()) -> Any:
    """From every reachable state some run leads to a state where this predicate holds (AG EF)."""
    return _bare_or_called(promise)


def leads_to(*, fair: Fair, expect: Expect = "proved", satisfies: Satisfies = ()) -> Callable[[_F], _F]:
    """The method returns `(trigger, goal)`: every run that reaches the first reaches the second.

    The runs are those in which some action of `fair` eventually happens as long as any of them stays possible.
    """
    return lambda promise: promise


def accepts(*names: str | Calls, expect: Expect = "proved", satisfies: Satisfies = ()) -> Callable[[_F], _F]:
    """Wherever this predicate holds, the calls `names` are accepted: they neither fail nor wait.

    The method may take parameters that all outcomes which accept so have: the arguments of the call.
    """
    return lambda promise: promise


def refuses(
    names: str | Calls, error: str, /, *, expect: Expect = "proved", satisfies: Satisfies = ()
) -> Callable[[_F], _F]:
    """Wherever this predicate holds, a call, or each call of a group, is refused with `error`.

    The method may take parameters that all outcomes which refuse so have: the arguments of the call.
    """
    return lambda promise: promise


def enabled(*actions: Callable[..., None], expect: Expect = "proved", satisfies: Satisfies = ()) -> Callable[[_F], _F]:
    """Wherever this predicate holds, each of the actions can happen, whatever they `assume`.

    The method may take parameters that all of them have: the arguments of the step.
    """
    return lambda promise: promise


@overload
def initially(promise: _F, /) -> _F: ...
@overload
def initially(*, expect: Expect = "proved", satisfies: Satisfies = ()) -> Callable[[_F], _F]: ...
def initially(promise: Any = None, /, *, expect: Expect = "proved", satisfies: Satisfies = ()) -> Any:
    """A promise about the state before anything has happened."""
    return _bare_or_called(promise)


def _bare_or_called(decorated: Any) -> Any:
    return decorated if decorated is not None else lambda function: function
