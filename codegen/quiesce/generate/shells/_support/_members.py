"""Members as people hold them, and the copies of their values on which a step is taken."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Generic, NoReturn, TypeVar

from . import _pending
from ._fitting import shown, value
from ._moments import History
from ._pending import WrongMember

K = TypeVar("K")
R = TypeVar("R")
T = TypeVar("T")
V = TypeVar("V")


class Member(_pending.Member, Generic[R]):
    """A member as people hold it: it shows its values, and only calls change them."""

    __slots__ = ("_history", "_home", "_last")

    _family: ClassVar[str]
    _record: ClassVar[type[Any]]
    _reusable: ClassVar[bool]
    """Whether one that was given back may be used again: so it is where no call makes members."""

    def __init__(self, owner: Any) -> None:
        """A member of `owner`, which nobody uses yet.

        Raises:
            TypeError: it is no lifecycle.
        """
        history = getattr(owner, "_life", None)
        if not isinstance(history, History):
            raise TypeError(f"a {type(self).__name__} belongs to a lifecycle, and {shown(owner)} is none")
        self._history: History[Any] = history
        self._home = self._history.newest._home
        self._last: R | None = None
        """Its values when it was given back."""

    def _record_now(self) -> R:
        """Its values now; as they were, if it was given back."""
        values: R | None = self._history.now()._members[self._family].get(self)
        return values or self._last or self._record()

    def __repr__(self) -> str:
        return f"<{self._record_now()!r}>"

    def __copy__(self) -> "Member[R]":
        """Itself, as there is one of it, however many people hold it."""
        return self

    def __deepcopy__(self, _memo: object) -> "Member[R]":
        """Itself."""
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} cannot be pickled: it belongs to a lifecycle of this process")

    def _may_join(self) -> bool:
        return self._reusable or self._last is None

    def _given_to(self, state: Any, /) -> Any:
        is_new = self._last is None and self not in state._members[self._family]
        return f"a new {type(self).__name__}" if is_new else self._shown(state._touched[self])


class Members(Mapping[K, V]):
    """The members of a family at one moment, each with its values then: equal where all of these are."""

    __slots__ = ("_values",)

    def __init__(self, members: Mapping[Any, Any]) -> None:
        """The members as a moment has them."""
        self._values: dict[K, V] = {member: member._shown(values) for member, values in members.items()}

    def __getitem__(self, member: K) -> V:
        return self._values[member]

    def __iter__(self) -> Iterator[K]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return hash(frozenset(self._values.items()))

    def __repr__(self) -> str:
        return repr(self._values)


def on_members(step: Callable[..., T], kinds: Sequence[type[Any]], families: Sequence[str] = ()) -> Callable[..., T]:
    """A step that is given members as people hold them, and is taken on copies of their values.

    `kinds` says of each argument which kind of member or value it is. Of `families` the step may change every member.

    Raises:
        TypeError: something else was given.
        WrongMember: a member cannot be given any more, or not here.
    """

    def taken(state: Any, *arguments: Any) -> T:
        given = [
            _own(state, each, kind) if issubclass(kind, Member) else value(each, kind)
            for each, kind in zip(arguments, kinds, strict=True)
        ]
        for family in families:
            for member in state._members[family]:
                _own(state, member, type(member))
        answer = step(state, *given)
        _settle(state)
        return answer

    return taken


def _own(state: Any, member: Any, kind: type[Member[Any]]) -> Any:
    """The values of this member as this state alone has them, in the place of those that it shares with others."""
    if not isinstance(member, kind):
        raise TypeError(f"a {kind.__name__} is needed, not {shown(member)}")
    if member._home is not state._home:
        raise WrongMember(f"{member!r} belongs to another lifecycle")
    if member in state._touched:
        return state._touched[member]
    members = dict(state._members[kind._family])
    known = members.get(member)
    own = replace(known or member._last or kind._record())
    if known is not None:
        members[member] = own
    state._members = {**state._members, kind._family: members}
    state._touched = {**state._touched, member: own}
    setattr(state, kind._family, dict.fromkeys(members.values()))
    return own


def _settle(state: Any) -> None:
    """Enter the members that are in use after the step, and take out those that were given back."""
    for member, own in state._touched.items():
        members = state._members[member._family]
        used = own in getattr(state, member._family)
        if member not in members and not member._may_join():
            raise WrongMember(f"{member!r} was given back")
        if used:
            members[member] = own
        elif member in members:
            del members[member]
            member._last = own
