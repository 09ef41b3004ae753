"""Where a search begins: after so few calls as can be, so that each action of the model can happen soon."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from .model import Activity, Model, Move, Of

_STATES = 500
_LENGTH = 6


@dataclass
class _Walk:
    """A state of the model, and its members by their families."""

    core: Any
    members: dict[str, list[Any]] = field(default_factory=dict)


Situations = Mapping[tuple[Move, ...], Mapping[str, Move]]
"""Calls to make before a search, with the actions that can be seen after them, and the calls that lead to them."""


def situations(model: Model, moves: Sequence[Move], calls: int) -> Situations:
    """Where to begin: from the start, and after calls where two threads that make so many calls each do not get."""
    found: dict[tuple[Move, ...], dict[str, Move]] = {(): {}}
    for action, (before, move) in _firsts(model, moves).items():
        found.setdefault(before if len(before) >= 2 * calls else (), {})[action] = move
    return found


def _firsts(model: Model, moves: Sequence[Move]) -> dict[str, tuple[tuple[Move, ...], Move]]:
    """For each action the shortest row of calls after which one more, the second, can make it happen."""
    firsts: dict[str, tuple[tuple[Move, ...], Move]] = {}
    known: set[str] = set()
    pending: list[tuple[tuple[Move, ...], _Walk]] = [((), _start(model))]
    for before, walk in pending:
        for move in moves:
            after = deepcopy(walk)
            seen = list(_make(model, after, move))
            for action in filter(None, seen):
                firsts.setdefault(action, (before, move))
            state = repr((_values(after.core), {name: list(map(_values, own)) for name, own in after.members.items()}))
            if seen and seen[-1] and state not in known and len(before) < _LENGTH and len(known) < _STATES:
                known.add(state)
                pending.append(((*before, move), after))
    return firsts


def _start(model: Model) -> _Walk:
    walk = _Walk(getattr(model.core, f"{model.name}Core")())
    made = {family for places in model.made.values() for family in places.values()}
    for family, name in model.families.items():
        walk.members[family] = [] if family in made else [getattr(model.core, name)() for _ in range(2)]
    return walk


def _make(model: Model, walk: _Walk, move: Move) -> Iterator[str]:
    """Make a call, and have all work return its first answer: what happens, or could have. Ends with "" if it waits."""
    if any(isinstance(each, Of) and not walk.members[each.family] for each in move.arguments):
        return
    given = [walk.members[each.family][0] if isinstance(each, Of) else each for each in move.arguments]
    for place, family in model.made.get(move.call, {}).items():
        given.insert(place, getattr(model.core, model.families[family])())
        walk.members[family].append(given[place])
    try:
        action = getattr(walk.core, move.call)(*given) or move.call
    except Exception as refusal:
        if type(refusal).__name__ == "Blocked":
            yield from (f"{move.call} waits", "")
        return
    yield action
    happened = [action]
    while due := next(_due(model, walk), None):
        name, member = due
        activity = model.activities[name]
        yield from (*activity.succeeds, *activity.fails)
        happened.append(_succeed(walk, activity, member))
    if model.until.get(action) and not set(model.until[action]) & set(happened):
        yield from (each for each in model.timeouts.values() if getattr(walk.core, f"can_{each}")())
        yield ""


def _succeed(walk: _Walk, activity: Activity, member: tuple[Any, ...]) -> str:
    """Take the first succeeding outcome that some answer leads to; its name."""
    for answer in activity.answers:
        answers = answer if isinstance(answer, tuple) else (answer,)
        for outcome, places in activity.succeeds.items():
            with suppress(Exception):
                getattr(walk.core, outcome)(*member, *(answers[place] for place in places))
                return outcome
    raise AssertionError("work is due, and none of its answers leads anywhere")


def _due(model: Model, walk: _Walk) -> Iterator[tuple[str, tuple[Any, ...]]]:
    for name, activity in model.activities.items():
        due = getattr(walk.core, f"due_{name}")
        if not activity.of and due():
            yield name, ()
        for member in getattr(walk.core, activity.of) if activity.of else ():
            if due(member):
                yield name, (member,)


def _values(record: Any) -> list[object]:
    names = (name for name in record.__slots__ if not isinstance(getattr(record, name), dict))
    return [getattr(record, name) for name in names]
