"""The premises of a claim, each of which some run has to meet, or the claim is vacuous; claims negated for that."""

from collections.abc import Iterator
from typing import assert_never

from quiesce.spec.effects import ANY_MEMBER, FieldName
from quiesce.spec.model import (
    TRUE,
    Binary,
    BoolType,
    Expr,
    Field,
    IfElse,
    Literal,
    Machine,
    Not,
    Op,
    Parameter,
    Quantified,
    Quantifier,
    Same,
    Scale,
    Total,
    Variable,
)
from quiesce.spec.rewrite import both, disjunction, equal, map_children, walk


def changed(machine: Machine, places: frozenset[str | FieldName]) -> Expr:
    """The claim that a step changes one of these variables and fields."""
    scalars = (
        Not(equal(Variable(v.name, v.type), Variable(v.name, v.type, old=True)))
        for v in machine.variables
        if v.name in places
    )
    fields = (
        Quantified(
            Quantifier.ANY,
            ANY_MEMBER,
            family.name,
            Not(
                equal(
                    Field(ANY_MEMBER, family.name, f.name, f.type),
                    Field(ANY_MEMBER, family.name, f.name, f.type, old=True),
                )
            ),
        )
        for family in machine.families
        for f in family.fields
        if (family.name, f.name) in places
    )
    return disjunction([*scalars, *fields])


def before(claim: Expr) -> Expr:
    """A claim about one state, of the state before a step."""
    match claim:
        case Variable(name, type_):
            return Variable(name, type_, old=True)
        case Field(member, family, name, type_):
            return Field(member, family, name, type_, old=True)
        case _:
            return map_children(claim, before)


def premises(claim: Expr) -> tuple[Expr, ...]:
    """The premises of a claim, each of which some run has to meet; the constant true if the claim has no premise."""
    return tuple(dict.fromkeys(_premises(claim)))


def _premises(claim: Expr) -> Iterator[Expr]:
    match claim:
        case Binary(Op.OR):
            yield from (negated(part) for part in _disjuncts(claim))
        case Binary(Op.EQ | Op.NE, left, right) if _is_choice(left) and _is_choice(right) and not _reads_old(claim):
            yield from (left, negated(left))
        case Binary(Op.AND, left, right):
            yield from _premises(left)
            yield from _premises(right)
        case Quantified(Quantifier.ALL, bound, family, body):
            yield from (_some_member_meets(bound, family, premise) for premise in _premises(body))
        case Not(arg) if negated(arg) != claim:
            yield from _premises(negated(arg))
        case _:
            yield from _premises_of_conclusion(claim)


def _premises_of_conclusion(claim: Expr) -> Iterator[Expr]:
    """The premises of a conclusion. A conclusion that is weaker than needed is not held against a promise."""
    match claim:
        case Binary(Op.IMPLIES, left, right):
            yield from (both(left, premise) for premise in _premises_of_conclusion(right))
        case Binary(Op.AND, left, right):
            yield from _premises_of_conclusion(left)
            yield from _premises_of_conclusion(right)
        case Quantified(Quantifier.ALL, bound, family, body):
            yield from (_some_member_meets(bound, family, premise) for premise in _premises_of_conclusion(body))
        case IfElse(condition, then, otherwise):
            yield from (both(condition, premise) for premise in _premises_of_conclusion(then))
            yield from (both(negated(condition), premise) for premise in _premises_of_conclusion(otherwise))
        case _:
            yield TRUE


def _some_member_meets(bound: str, family: str, premise: Expr) -> Expr:
    return premise if premise == TRUE else Quantified(Quantifier.ANY, bound, family, premise)


def _disjuncts(claim: Expr) -> tuple[Expr, ...]:
    if isinstance(claim, Binary) and claim.op is Op.OR:
        return (*_disjuncts(claim.left), *_disjuncts(claim.right))
    return (claim,)


def negated(claim: Expr) -> Expr:
    """The negation of `claim`, moved inwards."""
    match claim:
        case Not(arg):
            return arg
        case Binary(Op.AND, left, right):
            return Binary(Op.OR, negated(left), negated(right))
        case Binary(Op.OR, left, right):
            return Binary(Op.AND, negated(left), negated(right))
        case Binary(Op.IMPLIES, left, right):
            return Binary(Op.AND, left, negated(right))
        case Quantified(Quantifier.ALL, bound, family, body):
            return Quantified(Quantifier.ANY, bound, family, negated(body))
        case Quantified(Quantifier.ANY, bound, family, body):
            return Quantified(Quantifier.ALL, bound, family, negated(body))
        case _:
            return Not(claim)


def _is_choice(claim: Expr) -> bool:
    """Whether an expression is a truth value other than a literal."""
    match claim:
        case Literal():
            return False
        case Variable(type=type_) | Field(type=type_) | Parameter(type=type_):
            return isinstance(type_, BoolType)
        case Same() | Not() | Quantified():
            return True
        case Binary(op):
            return op not in (Op.ADD, Op.SUB)
        case IfElse(_, then, otherwise):
            return _is_choice(then) or _is_choice(otherwise)
        case Scale() | Total():
            return False
        case _:
            assert_never(claim)


def _reads_old(claim: Expr) -> bool:
    return any(isinstance(part, Variable | Field) and part.old for part in walk(claim))
