"""Faults that do too much: an action also writes something that it leaves alone in the spec."""

from collections.abc import Iterator
from typing import assert_never

from quiesce.spec.effects import effect_of
from quiesce.spec.model import (
    INT,
    Accepts,
    Action,
    Assign,
    Binary,
    BoolType,
    EnumType,
    Expr,
    Field,
    IntType,
    Literal,
    Machine,
    MemberType,
    Not,
    Op,
    Variable,
)


def extra_updates(machine: Machine, action: Action) -> Iterator[Assign]:
    """One assignment for each variable, and for each field of what it is given, that a step of the action keeps."""
    if not isinstance(action.outcome, Accepts):
        return
    writes = effect_of(machine, action).writes
    for variable in machine.variables:
        if variable.name not in writes:
            place = Variable(variable.name, variable.type)
            yield Assign(place, _other_value(place), action.span)
    for parameter in action.parameters:
        if isinstance(parameter.type, MemberType):
            family = machine.family_of(parameter.type)
            for declared in family.fields:
                if (family.name, declared.name) not in writes:
                    field = Field(parameter.name, family.name, declared.name, declared.type)
                    yield Assign(field, _other_value(field), action.span)


def _other_value(place: Variable | Field) -> Expr:
    """Another value than the present one: the opposite, one more, or the last value of the type."""
    match place.type:
        case BoolType():
            return Not(place)
        case IntType():
            return Binary(Op.ADD, place, Literal(1, INT))
        case EnumType(_, values):
            return Literal(values[-1], place.type)
        case _:
            assert_never(place.type)
