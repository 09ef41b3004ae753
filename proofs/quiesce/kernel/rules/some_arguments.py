"""Claims that hold for some arguments of an action, in a form that a solver can use."""

from collections.abc import Iterator
from itertools import product
from typing import assert_never

from quiesce.spec.model import (
    INT,
    Action,
    Binary,
    BoolType,
    EnumType,
    Expr,
    IntType,
    Literal,
    Machine,
    MemberType,
    Op,
    Parameter,
    ParameterDecl,
    Quantified,
    Quantifier,
    Total,
)
from quiesce.spec.rewrite import children, disjunction, substitute, walk


def for_some_arguments(machine: Machine, action: Action, claim: Expr) -> Expr:
    """The claim that `claim` holds for some arguments: members are quantified, scalars tried from a few likely values.

    Trying only a few values makes the claim stronger, so a proof of it is enough.
    """
    scalars = [parameter for parameter in action.parameters if not isinstance(parameter.type, MemberType)]
    choices = [tuple(dict.fromkeys(_likely_values(claim, parameter))) for parameter in scalars]
    tried = disjunction(
        _with_arguments(claim, dict(zip([parameter.name for parameter in scalars], values, strict=True)))
        for values in product(*choices)
    )
    for parameter in action.parameters:
        if isinstance(parameter.type, MemberType):
            family = machine.family_of(parameter.type)
            tried = Quantified(Quantifier.ANY, parameter.name, family.name, tried)
    return tried


def _likely_values(claim: Expr, parameter: ParameterDecl) -> Iterator[Expr]:
    match parameter.type:
        case BoolType():
            yield from (Literal(value, parameter.type) for value in (True, False))
        case EnumType(_, values):
            yield from (Literal(value, parameter.type) for value in values)
        case IntType(low, high):
            this = Parameter(parameter.name, parameter.type)
            bounds = [bound for bound in (low, high) if bound is not None]
            yield from (Literal(value, INT) for value in dict.fromkeys([*bounds, 0, 1]))
            for part in _outside_quantifiers(claim):
                if isinstance(part, Binary) and part.op in _COMPARISONS and this in (part.left, part.right):
                    other = part.right if part.left == this else part.left
                    if not any(isinstance(inner, Parameter) for inner in walk(other)):
                        yield other
        case MemberType():
            raise TypeError("members are quantified")
        case _:
            assert_never(parameter.type)


def _outside_quantifiers(expr: Expr) -> Iterator[Expr]:
    pending, seen = [expr], set[int]()
    while pending:
        part = pending.pop()
        if not isinstance(part, Quantified | Total) and id(part) not in seen:
            seen.add(id(part))
            yield part
            pending += reversed(children(part))


_COMPARISONS = (Op.EQ, Op.LT, Op.LE, Op.GT, Op.GE)


def _with_arguments(expr: Expr, values: dict[str, Expr]) -> Expr:
    return substitute(expr, lambda part: values[part.name] if isinstance(part, Parameter) else None)
