"""One spelling for machines that differ only in how they are written, so that such mutants are no mutants."""

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import TypeAlias, assert_never

from quiesce.spec.model import INT, Action, Assign, Binary, Expr, ForEach, If, Literal, Machine, Op, Retire, Statement
from quiesce.spec.rewrite import conjunction, conjuncts, map_children

Change: TypeAlias = Callable[[Expr], Expr]

_MIRRORED = {Op.LT: Op.GT, Op.LE: Op.GE}


def difference(original: Machine, mutant: Machine) -> Hashable:
    """The difference between `mutant` and `original`; equal for mutants that are the same up to spelling.

    Promises are not looked at: mutants have those of the original.
    """
    before = {action.name: action for action in original.actions}
    changed = (action for action in mutant.actions if action is not before[action.name])
    return (
        tuple(
            form for action in changed if (form := _canonical_action(action)) != _canonical_action(before[action.name])
        ),
        tuple(action.name for action in mutant.actions),
        mutant.variables,
        mutant.families,
    )


def _canonical_action(action: Action) -> Action:
    when = tuple(part for condition in action.when for part in conjuncts(_canonical_expr(condition)))
    assumed = conjunction(_canonical_expr(assumption.claim) for assumption in action.assumes)
    return replace(action, when=(*when, assumed), assumes=(), body=_canonical_body(action.body, _canonical_expr))


def _canonical_expr(expr: Expr) -> Expr:
    """`expr` with comparisons of integers written with `>`, where a constant allows it, and `>=` elsewhere."""
    plain = map_children(expr, _canonical_expr)
    match plain:
        case Binary(Op.LT | Op.LE as op, left, right):
            return _canonical_expr(Binary(_MIRRORED[op], right, left))
        case Binary(Op.GE, left, Literal(value)):
            return Binary(Op.GT, left, Literal(int(value) - 1, INT))
        case Binary(Op.GE, Literal(value), right):
            return Binary(Op.GT, Literal(int(value) + 1, INT), right)
        case _:
            return plain


def _canonical_body(body: tuple[Statement, ...], change: Change) -> tuple[Statement, ...]:
    changed = (_canonical_statement(statement, change) for statement in body)
    return tuple(statement for statement in changed if not _does_nothing(statement))


def _does_nothing(statement: Statement) -> bool:
    match statement:
        case ForEach(_, _, ()) | If(_, (), ()):
            return True
        case _:
            return False


def _canonical_statement(statement: Statement, change: Change) -> Statement:
    match statement:
        case Assign(target, value, span):
            return Assign(target, change(value), span)
        case Retire():
            return statement
        case If(condition, then, otherwise, span):
            return If(change(condition), _canonical_body(then, change), _canonical_body(otherwise, change), span)
        case ForEach(bound, family, body, span):
            return ForEach(bound, family, _canonical_body(body, change), span)
        case _:
            assert_never(statement)
