"""The names of loops in one method of the core: Python has one local variable of a name there, with one type."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias, assert_never

from quiesce.spec.model import (
    Action,
    Assign,
    Field,
    ForEach,
    If,
    Machine,
    MemberType,
    Quantified,
    Retire,
    Statement,
    Total,
)
from quiesce.spec.parts_of_actions import expressions_of, statements
from quiesce.spec.rewrite import rename_member, walk

Loop: TypeAlias = tuple[str, str]
"""The name that runs through a family, and the family."""


def loops_apart(machine: Machine, actions: tuple[Action, ...]) -> tuple[Action, ...]:
    """The outcomes of one method, where a name that is a loop's has one type everywhere in the method."""
    owners: dict[str, str] = {}
    for parameter in (parameter for action in actions for parameter in action.parameters):
        type_ = parameter.type
        owners[parameter.name] = machine.family_of(type_).name if isinstance(type_, MemberType) else ""
    # A new name may hide no argument, and be hidden by no quantifier.
    taken = {*owners, *(name for action in actions for name in _quantified(action.body))}
    chosen: dict[Loop, str] = {}
    every = (statement for action in actions for statement in statements(action.body))
    for bound, family in ((loop.bound, loop.family) for loop in every if isinstance(loop, ForEach)):
        if (bound, family) not in chosen:
            name, number = bound, 2
            while owners.setdefault(name, family) != family or (name != bound and name in taken):
                name, number = f"{bound}_{number}", number + 1
            chosen[bound, family] = name
    return tuple(replace(action, body=tuple(_with_names(action.body, chosen))) for action in actions)


def _quantified(body: tuple[Statement, ...]) -> Iterator[str]:
    parts = (part for expr in expressions_of(body) for part in walk(expr))
    return (part.bound for part in parts if isinstance(part, Quantified | Total))


def _with_names(body: Iterable[Statement], chosen: dict[Loop, str]) -> Iterator[Statement]:
    for statement in body:
        match statement:
            case ForEach(bound, family, inner):
                name = chosen[bound, family]
                about = inner if name == bound else tuple(_renamed(inner, bound, name))
                yield replace(statement, bound=name, body=about)
            case If(_, then, otherwise):
                arms = tuple(_with_names(then, chosen)), tuple(_with_names(otherwise, chosen))
                yield replace(statement, then=arms[0], otherwise=arms[1])
            case Assign() | Retire():
                yield statement
            case _:
                assert_never(statement)


def _renamed(body: Iterable[Statement], before: str, now: str) -> Iterator[Statement]:
    """Statements inside a loop, about the member `now` instead of `before`. No loop stands inside another."""
    for statement in body:
        match statement:
            case Assign(target, value):
                place = replace(target, member=now) if isinstance(target, Field) else target
                yield replace(statement, target=place, value=rename_member(value, before, now))
            case Retire():
                yield replace(statement, member=now)
            case If(condition, then, otherwise):
                arms = tuple(_renamed(then, before, now)), tuple(_renamed(otherwise, before, now))
                about = rename_member(condition, before, now)
                yield replace(statement, condition=about, then=arms[0], otherwise=arms[1])
            case ForEach():
                yield statement
            case _:
                assert_never(statement)
