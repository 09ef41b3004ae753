"""Faults of expressions: each changes one operator, constant or operand, and keeps the type."""

from collections.abc import Iterator
from enum import Enum
from typing import TypeAlias, assert_never

from quiesce.spec.model import (
    INT,
    Binary,
    BoolType,
    EnumType,
    Expr,
    Field,
    IfElse,
    IntType,
    Literal,
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
from quiesce.spec.record import record
from quiesce.spec.rewrite import children, conjunction, conjuncts, map_children


class Operator(Enum):
    """A kind of fault; the value is its name in reports."""

    DROP_CONDITION = "drop a condition"
    NEGATE = "negate a condition"
    COMPARISON = "flip a comparison"
    CONNECTIVE = "swap and/or"
    DROP_ALTERNATIVE = "drop an alternative"
    INTEGER = "change by one"
    ARITHMETIC = "swap +/-"
    ENUM = "swap an enum value"
    BOOLEAN = "negate a boolean"
    QUANTIFIER = "swap all/any"
    CHOICE = "swap or fix a choice"
    DROP_UPDATE = "drop an update"
    DROP_RETIRE = "drop a retire"
    ADD_UPDATE = "add an update"
    TARGET = "swap a target"
    DROP_ASSUMPTION = "drop an assumption"
    DROP_OUTCOME = "drop a refusal or a wait"
    DROP_CALL = "drop a call name"
    ERROR = "swap an error"
    FAIR = "drop a fair action"
    SILENT_FAILURE = "fail in silence"
    LOST_SUCCESS = "lose a success"
    SWAP_OUTCOMES = "swap the outcomes of an activity"
    INITIAL = "change an initial value"


Fault: TypeAlias = tuple[Operator, Expr]
"""A changed expression, and what was done to it."""


@record
class ConditionFault:
    """A changed condition; None where nothing is left of it. `before` and `after` are the part that was changed."""

    operator: Operator
    before: Expr
    after: Expr | None
    condition: Expr | None


_FLIPPED = {Op.LT: Op.LE, Op.LE: Op.LT, Op.GT: Op.GE, Op.GE: Op.GT, Op.EQ: Op.NE, Op.NE: Op.EQ}
_NEGATED = {Op.LT: Op.GE, Op.GE: Op.LT, Op.GT: Op.LE, Op.LE: Op.GT, Op.EQ: Op.NE, Op.NE: Op.EQ}
_SWAPPED = {Op.AND: Op.OR, Op.OR: Op.AND}
_OTHER_SIGN = {Op.ADD: Op.SUB, Op.SUB: Op.ADD}
_SHIFTS = {Op.LT: (-1,), Op.LE: (1,), Op.GT: (1,), Op.GE: (-1,), Op.EQ: (1, -1), Op.NE: (1, -1)}
"""By how much the right side moves for a boundary that flipping does not give."""


def condition_faults(condition: Expr) -> Iterator[ConditionFault]:
    """Faults of one condition of a guard, of an assumption, or of an `if`."""
    parts = conjuncts(condition)
    for index, part in enumerate(parts):
        before, rest = parts[:index], parts[index + 1 :]
        left = conjunction((*before, *rest)) if len(parts) > 1 else None
        yield ConditionFault(Operator.DROP_CONDITION, part, None, left)
        for operator, fault in ((Operator.NEGATE, negation(part)), *_faults_inside(part)):
            yield ConditionFault(operator, part, fault, conjunction((*before, fault, *rest)))
    if len(parts) > 1:
        either = Binary(Op.OR, parts[0], conjunction(parts[1:]))
        yield ConditionFault(Operator.CONNECTIVE, condition, either, either)


def value_faults(value: Expr) -> Iterator[Fault]:
    """Faults of an assigned value."""
    yield from _faults_inside(value)
    if is_integer(value) and not _has_constant(value):
        yield Operator.INTEGER, Binary(Op.ADD, value, Literal(1, INT))
        yield Operator.INTEGER, Binary(Op.SUB, value, Literal(1, INT))


def negation(condition: Expr) -> Expr:
    """The opposite of a condition, as one would write it."""
    match condition:
        case Not(arg):
            return arg
        case Binary(op, left, right) if op in _NEGATED:
            return Binary(_NEGATED[op], left, right)
        case _:
            return Not(condition)


def is_integer(expr: Expr) -> bool:
    """Whether `expr` has an integer value."""
    match expr:
        case Literal(_, type_) | Variable(_, type_) | Parameter(_, type_) | Field(_, _, _, type_):
            return isinstance(type_, IntType)
        case Binary(op):
            return op in _OTHER_SIGN
        case IfElse(_, then):
            return is_integer(then)
        case Scale() | Total():
            return True
        case Same() | Not() | Quantified():
            return False
        case _:
            assert_never(expr)


def _has_constant(value: Expr) -> bool:
    """Whether the value is, or adds, a constant: changing that one by one is the same fault."""
    match value:
        case Literal():
            return True
        case Binary(op, left, right) if op in _OTHER_SIGN:
            return _has_constant(left) or _has_constant(right)
        case _:
            return False


def _faults_inside(expr: Expr) -> Iterator[Fault]:
    """Faults at the top of `expr`, then those of its parts."""
    yield from _faults_here(expr)
    for index, child in enumerate(children(expr)):
        for operator, fault in _faults_inside(child):
            if not (isinstance(expr, Not) and isinstance(fault, Not)):  # `not not x` is `x`, which was made before
                yield operator, _with_part_exchanged(expr, index, fault)


def _with_part_exchanged(expr: Expr, index: int, new: Expr) -> Expr:
    parts = iter([new if number == index else child for number, child in enumerate(children(expr))])
    return map_children(expr, lambda _: next(parts))


def _faults_here(expr: Expr) -> Iterator[Fault]:
    match expr:
        case Literal():
            yield from _literal_faults(expr)
        case Variable(_, BoolType()) | Parameter(_, BoolType()) | Field(_, _, _, BoolType()) | Same():
            yield Operator.BOOLEAN, Not(expr)
        case Variable() | Parameter() | Field() | Total():
            pass
        case Not(arg):
            yield Operator.BOOLEAN, arg
        case Binary():
            yield from _binary_faults(expr)
        case Scale(factor, arg):
            yield Operator.INTEGER, Scale(factor + 1, arg)
            yield Operator.INTEGER, Scale(factor - 1, arg)
        case IfElse(condition, then, otherwise):
            yield Operator.CHOICE, IfElse(condition, otherwise, then)
            yield Operator.CHOICE, then
            yield Operator.CHOICE, otherwise
        case Quantified(quantifier, bound, family, body):
            other = Quantifier.ANY if quantifier is Quantifier.ALL else Quantifier.ALL
            yield Operator.QUANTIFIER, Quantified(other, bound, family, body)
        case _:
            assert_never(expr)


def _literal_faults(literal: Literal) -> Iterator[Fault]:
    match literal.type:
        case BoolType():
            yield Operator.BOOLEAN, Literal(not literal.value, literal.type)
        case IntType():
            yield Operator.INTEGER, Literal(int(literal.value) + 1, literal.type)
            yield Operator.INTEGER, Literal(int(literal.value) - 1, literal.type)
        case EnumType(_, values):
            for value in values:
                if value != literal.value:
                    yield Operator.ENUM, Literal(value, literal.type)
        case _:
            assert_never(literal.type)


def _binary_faults(expr: Binary) -> Iterator[Fault]:
    op, left, right = expr.op, expr.left, expr.right
    if op in _FLIPPED:
        yield Operator.COMPARISON, Binary(_FLIPPED[op], left, right)
        if is_integer(left) and not isinstance(left, Literal) and not isinstance(right, Literal):
            for shift in _SHIFTS[op]:
                moved = Binary(Op.ADD if shift > 0 else Op.SUB, right, Literal(1, INT))
                yield Operator.INTEGER, Binary(op, left, moved)
    elif op in _SWAPPED:
        yield Operator.CONNECTIVE, Binary(_SWAPPED[op], left, right)
        kind = Operator.DROP_ALTERNATIVE if op is Op.OR else Operator.DROP_CONDITION
        yield kind, left
        yield kind, right
    elif op in _OTHER_SIGN:
        yield Operator.ARITHMETIC, Binary(_OTHER_SIGN[op], left, right)
    else:
        yield Operator.CONNECTIVE, Binary(Op.IMPLIES, right, left)
        yield Operator.DROP_CONDITION, right
