"""The parts of an action: its statements, the arms of its `if`s, and what it asks of whole families."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from quiesce.spec.model import (
    Action,
    Assign,
    Expr,
    ForEach,
    If,
    Quantified,
    Retire,
    Statement,
    Total,
)
from quiesce.spec.rewrite import children


def branches(action: Action) -> Iterator[tuple[If, bool]]:
    """Each arm of each `if` statement, absent `else` arms included."""
    for statement in statements(action.body):
        if isinstance(statement, If):
            yield statement, True
            yield statement, False


def statements(body: tuple[Statement, ...]) -> Iterator[Statement]:
    """Every statement of a body, nested ones included."""
    for statement in body:
        yield statement
        match statement:
            case If(_, then, otherwise):
                yield from statements((*then, *otherwise))
            case ForEach(_, _, inner):
                yield from statements(inner)
            case _:
                pass


@dataclass(frozen=True, slots=True)
class FamilyUse:
    """What an action asks of, or does to, a whole family; `within` are the members bound around it, with families."""

    part: Quantified | Total | ForEach
    within: tuple[tuple[str, str], ...] = ()


def family_uses(action: Action) -> Iterator[FamilyUse]:
    """Every quantifier, total and loop of an action."""
    for claim in action.when:
        yield from _expression_uses(claim, ())
    yield from _statement_uses(action.body, ())


def _statement_uses(body: tuple[Statement, ...], within: tuple[tuple[str, str], ...]) -> Iterator[FamilyUse]:
    for statement in body:
        match statement:
            case Assign(_, value):
                yield from _expression_uses(value, within)
            case If(condition, then, otherwise):
                yield from _expression_uses(condition, within)
                yield from _statement_uses((*then, *otherwise), within)
            case ForEach(bound, family, inner):
                yield FamilyUse(statement, within)
                yield from _statement_uses(inner, (*within, (bound, family)))
            case Retire():
                pass
            case _:
                assert_never(statement)


def _expression_uses(expr: Expr, within: tuple[tuple[str, str], ...]) -> Iterator[FamilyUse]:
    inside = within
    if isinstance(expr, Quantified | Total):
        yield FamilyUse(expr, within)
        inside = (*within, (expr.bound, expr.family))
    for child in children(expr):
        yield from _expression_uses(child, inside)
