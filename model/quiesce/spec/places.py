"""The places where a machine can be while a caller waits for an answer: values of variables, from the call on."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, product
from typing import TypeAlias

from quiesce.spec.effects import effect_of
from quiesce.spec.interpreter import Scope, evaluate
from quiesce.spec.model import (
    TRUE,
    Accepts,
    Action,
    Binary,
    BoolType,
    EnumType,
    Expr,
    IfElse,
    Literal,
    Machine,
    Not,
    Value,
    Variable,
)
from quiesce.spec.rewrite import conjunction, conjuncts, disjunction, equal, walk
from quiesce.spec.state import State

MOST = 1000
"""Where there are so many places, they are not told apart: then nothing shows that the caller is answered."""

_Type: TypeAlias = EnumType | BoolType

Place: TypeAlias = Mapping[str, Value]
"""The values of some enum variables, or of some truth values."""


def places_of_waiting(machine: Machine, action: Action) -> Expr:
    """The claim that the machine is in a place to which the call, or then another step, may have brought it.

    A place is made of the values of the enum variables that the call writes; if it writes none, of the truth values.
    """
    written = effect_of(machine, action).scalars
    enums = {v.name: v.type for v in machine.variables if v.name in written and isinstance(v.type, EnumType)}
    truths = {v.name: v.type for v in machine.variables if v.name in written and isinstance(v.type, BoolType)}
    control: Mapping[str, _Type] = enums or truths
    others = [
        other for other in machine.actions if isinstance(other.outcome, Accepts) and other.name not in action.until
    ]
    steps = [(other, effect_of(machine, other).scalars) for other in others]
    anywhere: Place = {}
    found = dict.fromkeys(islice(_reached(action, written, control, anywhere), MOST))
    pending = deque(found)
    while pending and len(found) < MOST:
        place = dict(zip(control, pending.popleft(), strict=True))
        for step, new in steps:
            reached = dict.fromkeys(islice(_reached(step, new, control, place), MOST))
            pending.extend(values for values in reached if values not in found)
            found.update(reached)
    if len(found) >= MOST:
        return TRUE
    return disjunction(
        conjunction(
            equal(Variable(name, type_), Literal(value, type_))
            for (name, type_), value in zip(control.items(), values, strict=True)
        )
        for values in found
    )


def _reached(
    step: Action, new: Mapping[str, Expr], control: Mapping[str, _Type], place: Place
) -> Iterator[tuple[Value, ...]]:
    """The values where a step from `place` may end: none if its guard alone tells that it cannot begin there."""
    if any(_known(part, place) is False for claim in step.when for part in conjuncts(claim)):
        return
    chosen = (_values(new.get(name, Variable(name, type_)), type_, place) for name, type_ in control.items())
    yield from product(*chosen)


def _values(new: Expr, type_: _Type, place: Place) -> Iterable[Value]:
    """The values that an expression may have in a place."""
    match new:
        case IfElse(condition, then, otherwise):
            known = _known(condition, place)
            ways = [way for way, if_ in ((then, True), (otherwise, False)) if known in (if_, None)]
            return tuple(dict.fromkeys(value for way in ways for value in _values(way, type_, place)))
        case _:
            value = _known(new, place)
            every = type_.values if isinstance(type_, EnumType) else (False, True)
            return every if value is None else (value,)


def _known(expr: Expr, place: Place) -> Value | None:
    """The value of an expression in a place, if it depends on nothing else."""
    for part in walk(expr):
        match part:
            case Variable(name) if name in place:
                pass
            case Literal() | Not() | Binary():
                pass
            case _:
                return None
    return evaluate(expr, Scope(State(dict(place), {})))
