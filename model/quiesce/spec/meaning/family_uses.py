"""The places where actions and promises look at whole families: every quantifier, sum, count and loop."""

from collections.abc import Iterator
from enum import Enum
from typing import assert_never

from quiesce.spec.model import (
    Action,
    Always,
    Assign,
    Binary,
    Claim,
    EnabledWhere,
    Expr,
    Field,
    ForEach,
    If,
    IfElse,
    Initially,
    LeadsTo,
    Literal,
    Not,
    Op,
    Parameter,
    ParameterDecl,
    Pristine,
    Quantified,
    Quantifier,
    Recoverable,
    RefusesOrAccepts,
    Retire,
    Same,
    Scale,
    Statement,
    Step,
    Total,
    Variable,
)
from quiesce.spec.record import record
from quiesce.spec.rewrite import children


class Direction(Enum):
    """The direction in which a claim about members has to carry over: to fewer members, to more, or both ways."""

    FEWER = "fewer"
    MORE = "more"
    BOTH = "both"

    @property
    def turned(self) -> "Direction":
        """The other way round, as behind a negation."""
        return {Direction.FEWER: Direction.MORE, Direction.MORE: Direction.FEWER}.get(self, self)


@record
class FamilyUse:
    """A place where an action or promise asks about a whole family, or an action changes one.

    `within` are the members bound around it, with their families.
    """

    part: Quantified | Total | ForEach
    within: tuple[tuple[str, str], ...] = ()


def family_uses(action: Action) -> Iterator[FamilyUse]:
    """Every quantifier, total and loop of an action."""
    for claim in action.guard:
        yield from uses_in_expr(claim, Direction.BOTH)
    for precondition in action.preconditions:
        yield from uses_in_expr(precondition.claim, Direction.BOTH)
    yield from _statement_uses(action.body, ())


def _statement_uses(body: tuple[Statement, ...], within: tuple[tuple[str, str], ...]) -> Iterator[FamilyUse]:
    for statement in body:
        match statement:
            case Assign(_, value):
                yield from uses_in_expr(value, Direction.BOTH, within)
            case If(condition, then, otherwise):
                yield from uses_in_expr(condition, Direction.BOTH, within)
                yield from _statement_uses((*then, *otherwise), within)
            case ForEach(bound, family, inner):
                yield FamilyUse(statement, within)
                yield from _statement_uses(inner, (*within, (bound, family)))
            case Retire():
                pass
            case _:
                assert_never(statement)


def parameters_of(claim: Claim) -> tuple[ParameterDecl, ...]:
    """The arguments that a promise speaks of."""
    match claim:
        case (
            Step(parameters=parameters) | RefusesOrAccepts(parameters=parameters) | EnabledWhere(parameters=parameters)
        ):
            return parameters
        case Always() | Pristine() | Recoverable() | LeadsTo() | Initially():
            return ()
        case _:
            assert_never(claim)


def uses_of_claim(claim: Claim) -> tuple[FamilyUse, ...]:
    """The quantifiers and totals of a promise to which a member that is left out might make a difference."""
    match claim:
        case Always(wanted) | Step(wanted) | Recoverable(wanted) | Initially(wanted):
            return tuple(uses_in_expr(wanted, Direction.FEWER))
        case Pristine(premise) | RefusesOrAccepts(premise) | EnabledWhere(premise):
            return tuple(uses_in_expr(premise, Direction.MORE))
        case LeadsTo(trigger, goal):
            return (*uses_in_expr(trigger, Direction.MORE), *uses_in_expr(goal, Direction.FEWER))
        case _:
            assert_never(claim)


def uses_in_expr(expr: Expr, direction: Direction, within: tuple[tuple[str, str], ...] = ()) -> Iterator[FamilyUse]:
    """The quantifiers and totals of an expression that does not carry over in this direction for its form alone."""
    match expr:
        case Quantified(quantifier, bound, family, body):
            stronger = Direction.FEWER if quantifier is Quantifier.ALL else Direction.MORE
            if direction is not stronger:
                yield FamilyUse(expr, within)
            yield from uses_in_expr(body, direction, (*within, (bound, family)))
        case Total(bound, family, term):
            yield FamilyUse(expr, within)
            yield from uses_in_expr(term, Direction.BOTH, (*within, (bound, family)))
        case Not(arg):
            yield from uses_in_expr(arg, direction.turned, within)
        case Binary(Op.AND | Op.OR, left, right):
            yield from uses_in_expr(left, direction, within)
            yield from uses_in_expr(right, direction, within)
        case Binary(Op.IMPLIES, left, right):
            yield from uses_in_expr(left, direction.turned, within)
            yield from uses_in_expr(right, direction, within)
        case IfElse(condition, then, otherwise):
            yield from uses_in_expr(condition, Direction.BOTH, within)
            yield from uses_in_expr(then, direction, within)
            yield from uses_in_expr(otherwise, direction, within)
        case Binary() | Scale() | Literal() | Variable() | Parameter() | Field() | Same():
            for child in children(expr):
                yield from uses_in_expr(child, Direction.BOTH, within)
        case _:
            assert_never(expr)
