"""Where a search begins: after so few calls as can be, so that each action of the model can happen soon."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from .model import LATE, RAISES, Activity, Made, Model, Move, Of

_STATES = 500
_LENGTH = 6

_TWICE = 2
"""So often the same work ends in one call that is looked at, if its outcomes make it due again."""


@dataclass
class _Walk:
    """A state of the model, and its members by their families; and what has happened in the last call."""

    core: Any
    members: dict[str, list[Any]] = field(default_factory=dict)
    happened: tuple[str, ...] = ()
    ends: tuple[tuple[str, str], ...] = ()
    """How work has ended."""
    rests: bool = True
    """Whether the call was answered."""


Situations = Mapping[tuple[Made, ...], Mapping[str, Sequence[Move]]]
"""Rows of calls before a search, with the actions that can be seen after each, and the calls that lead to them."""


def situations(model: Model, moves: Sequence[Move], calls: int) -> Situations:
    """Where to begin: from the start, and after calls where two threads that make so many calls each do not get."""
    found: dict[tuple[Made, ...], dict[str, Sequence[Move]]] = {(): {}}
    for action, (before, move) in _firsts(model, moves).items():
        is_near = len(before) + (move is not LATE.move) <= 2 * calls
        wanted = found.setdefault(() if is_near else _open_ended(before), {})
        if move is not LATE.move:  # those who call may leave no time for it, whatever they call
            wanted[action] = (*(made.move for made in before if is_near), move)
    return found


def _firsts(model: Model, moves: Sequence[Move]) -> dict[str, tuple[tuple[Made, ...], Move]]:
    """For each action the shortest row of calls after which one more, the second, can make it happen."""
    firsts: dict[str, tuple[tuple[Made, ...], Move]] = {}
    alone: dict[str, tuple[tuple[Made, ...], Move]] = {}
    known: set[str] = set()
    pending: list[tuple[tuple[Made, ...], _Walk]] = [((), _start(model))]
    for before, walk in pending:
        for move in (*moves, LATE.move):
            for after in _made(model, walk, move):
                for action in after.happened:
                    (alone if move is LATE.move else firsts).setdefault(action, (before, move))
                state = _drawn(after)
                if after.rests and state not in known and len(before) < _LENGTH and len(known) < _STATES:
                    known.add(state)
                    pending.append(((*before, _told(model, move, after.ends)), after))
    return firsts | {action: first for action, first in alone.items() if action not in firsts}


def _open_ended(before: tuple[Made, ...]) -> tuple[Made, ...]:
    """If time passes last, its work has not begun when the search does, and ends there in every way."""
    return (*before[:-1], LATE) if before and before[-1].move is LATE.move else before


def _told(model: Model, move: Move, ends: Sequence[tuple[str, str]]) -> Made:
    """A call whose work ended like this, in few words if it was as usual."""
    as_usual = all(way == next(iter(model.activities[name].ways())) for name, way in ends)
    return Made(move, () if as_usual else ends)


def _start(model: Model) -> _Walk:
    walk = _Walk(getattr(model.core, f"{model.name}Core")())
    made = {family for places in model.made.values() for family in places.values()}
    for family, name in model.families.items():
        walk.members[family] = [] if family in made else [getattr(model.core, name)() for _ in range(2)]
    return walk


def _made(model: Model, walk: _Walk, move: Move) -> Iterator[_Walk]:
    """Make a call, or let time pass: each state that comes of it, as its work ends in one way or another."""
    after = replace(deepcopy(walk), happened=(), ends=(), rests=True)
    if move is LATE.move:
        timed = _timed(model, after)
        yield from _all_late(model, after, timed) if timed else ()
        return
    if any(isinstance(each, Of) and not after.members[each.family] for each in move.arguments):
        return
    given = [after.members[each.family][0] if isinstance(each, Of) else each for each in move.arguments]
    for place, family in model.made.get(move.call, {}).items():
        given.insert(place, getattr(model.core, model.families[family])())
        after.members[family].append(given[place])
    try:
        action = getattr(after.core, move.call)(*given) or move.call
    except Exception as refusal:
        if type(refusal).__name__ == "Blocked":
            yield replace(after, happened=(f"{move.call} waits",), rests=False)
        return
    until = {*model.until.get(action, ())}
    for each in _settled(model, replace(after, happened=(action,)), until):
        if until and until.isdisjoint(each.happened):
            timed = _timed(model, each)
            yield replace(each, happened=(*each.happened, *timed), rests=False)
        else:
            yield each


def _timed(model: Model, walk: _Walk) -> list[str]:
    """The steps of the clock that can happen."""
    return [each for each in model.timeouts.values() if getattr(walk.core, f"can_{each}")()]


def _all_late(model: Model, walk: _Walk, timed: Sequence[str]) -> Iterator[_Walk]:
    """Take these steps of the clock one after the other, as far as they can happen still."""
    for place, step in enumerate(timed):
        if step in _timed(model, walk):
            getattr(walk.core, step)()
            for after in _settled(model, replace(walk, happened=(*walk.happened, step)), set()):
                yield from _all_late(model, after, timed[place + 1 :])
            return
    yield walk


def _settled(model: Model, walk: _Walk, until: set[str]) -> Iterator[_Walk]:
    """Have all work that is due end, in each way; of states that are alike, one."""
    met: set[tuple[str, bool]] = set()
    pending = [walk]
    for each in pending:
        alike = _drawn(each), until.isdisjoint(each.happened)
        if alike in met:
            continue
        met.add(alike)
        due = next(_due(model, each), None)
        if due is None:
            yield each
        elif sum(name == due[0] for name, _ in each.ends) < _TWICE * max(1, len(each.members)):
            pending += _ended(model.activities[due[0]], each, *due)


def _ended(activity: Activity, walk: _Walk, name: str, place: int) -> Iterator[_Walk]:
    """Have this work end in each way, with the first outcome that it leads to; the place is that of its member."""
    for way, answer in {**activity.ways(), RAISES: None}.items():
        answers = answer if isinstance(answer, tuple) else (answer,)
        outcomes = activity.succeeds if way != RAISES else dict.fromkeys(activity.fails or activity.succeeds, ())
        for outcome, places in outcomes.items():
            after = deepcopy(walk)
            member = [*getattr(after.core, activity.of)][place : place + 1] if activity.of else []
            try:
                getattr(after.core, outcome)(*member, *(answers[each] for each in places))
            except Exception:  # noqa: S112 -- this outcome cannot happen, and another can
                continue
            yield replace(after, happened=(*walk.happened, outcome, f"{name} {way}"), ends=(*walk.ends, (name, way)))
            break


def _due(model: Model, walk: _Walk) -> Iterator[tuple[str, int]]:
    """Work that is due, and the place of the member for which it is."""
    for name, activity in model.activities.items():
        due = getattr(walk.core, f"due_{name}")
        if not activity.of and due():
            yield name, 0
        for place, member in enumerate(getattr(walk.core, activity.of) if activity.of else ()):
            if due(member):
                yield name, place


def _drawn(walk: _Walk) -> str:
    return repr((_values(walk.core), {name: list(map(_values, own)) for name, own in walk.members.items()}))


def _values(record: Any) -> list[object]:
    names = (name for name in record.__slots__ if not isinstance(getattr(record, name), dict))
    return [getattr(record, name) for name in names]
