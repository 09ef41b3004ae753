"""Operators over expressions that were read already: what they ask of their operands, and what they mean."""

import ast
from typing import Final

from quiesce.spec.codes import Code
from quiesce.spec.model import (
    INT,
    Binary,
    EnumType,
    Expr,
    IfElse,
    IntType,
    Literal,
    Not,
    Op,
    Same,
    ScalarType,
    Scale,
)
from quiesce.spec.reading.annotations import describe
from quiesce.spec.reading.context import Context
from quiesce.spec.reading.problems import Poison
from quiesce.spec.reading.scope import MemberRef, Typed

ORDER: Final[dict[type[ast.cmpop], Op]] = {ast.Lt: Op.LT, ast.LtE: Op.LE, ast.Gt: Op.GT, ast.GtE: Op.GE}
ARITHMETIC: Final[dict[type[ast.operator], Op]] = {ast.Add: Op.ADD, ast.Sub: Op.SUB}


def without_bounds(type_: ScalarType) -> ScalarType:
    """The type of an expression that yields a value of this type."""
    return INT if isinstance(type_, IntType) else type_


def wrong_type(context: Context, node: ast.expr, found: Typed, wanted: str) -> Poison:
    """Report an operand of the wrong type."""
    message = f"`{context.text(node)}` is of type {describe(found.type)}, where {wanted} is needed"
    is_count = wanted == "bool" and isinstance(found.type, IntType)
    hint = f"compare it, as in `{context.text(node)} > 0`" if is_count else None
    return context.report(Code.WRONG_TYPE, node, message, hint)


def comparison(
    context: Context, node: ast.Compare, op: ast.cmpop, left: Typed | MemberRef, right: Typed | MemberRef
) -> Expr | Poison:
    """One link of a chain of comparisons; `node` is the chain."""
    symbol = _SYMBOLS[type(op)]
    match left, right:
        case MemberRef(), MemberRef():
            return _member_comparison(context, node, op, left, right)
        case MemberRef(), Typed():
            return _different(context, node, f"`{symbol}` compares a {left.cls.name} with {describe(right.type)}")
        case Typed(), MemberRef():
            return _different(context, node, f"`{symbol}` compares {describe(left.type)} with a {right.cls.name}")
        case Typed(a, a_type), Typed(b, b_type):
            pass
    if a_type != b_type:
        return _different(context, node, f"`{symbol}` compares {describe(a_type)} with {describe(b_type)}")
    if (order := ORDER.get(type(op))) is not None:
        return Binary(order, a, b) if a_type == INT else _different(context, node, f"`{symbol}` compares integers only")
    if isinstance(op, ast.Is | ast.IsNot) and not isinstance(a_type, EnumType):
        hint = f"write `{'==' if isinstance(op, ast.Is) else '!='}`"
        return context.report(Code.BAD_EXPRESSION, node, f"`{symbol}` compares members of enums only", hint)
    return Binary(Op.EQ if isinstance(op, ast.Eq | ast.Is) else Op.NE, a, b)


def product(context: Context, node: ast.BinOp, left: Typed, right: Typed) -> Typed | Poison:
    """An integer times a constant; the constant may stand on either side."""
    match left.expr, right.expr:
        case Literal(int(factor)), arg:
            return Typed(Scale(factor, arg), INT)
        case arg, Literal(int(factor)):
            return Typed(Scale(factor, arg), INT)
        case _:
            message = "a product of two values that both change is outside what can be decided"
            return context.report(Code.NOT_LINEAR, node, message, "one factor has to be an integer constant")


def negative(arg: Typed) -> Typed:
    """The integer with its sign turned."""
    match arg.expr:
        case Literal(int(number)):
            return Typed(Literal(-number, INT), INT)
        case expr:
            return Typed(Scale(-1, expr), INT)


def choice(context: Context, node: ast.IfExp, condition: Expr, then: Typed, otherwise: Typed) -> Typed | Poison:
    """`then if condition else otherwise`; both sides are of one type."""
    if then.type == otherwise.type:
        return Typed(IfElse(condition, then.expr, otherwise.expr), then.type)
    return _different(context, node, f"one side is of type {describe(then.type)}, the other {describe(otherwise.type)}")


def _member_comparison(
    context: Context, node: ast.Compare, op: ast.cmpop, left: MemberRef, right: MemberRef
) -> Expr | Poison:
    if left.family != right.family:
        return _different(context, node, f"a {left.cls.name} is never a {right.cls.name}")
    same = Same(left.name, right.name, left.family)
    match op:
        case ast.Eq() | ast.Is():
            return same
        case ast.NotEq() | ast.IsNot():
            return Not(same)
        case _:
            return _different(context, node, f"`{_SYMBOLS[type(op)]}` compares integers only")


def _different(context: Context, node: ast.expr, message: str) -> Poison:
    return context.report(Code.WRONG_TYPE, node, message)


_SYMBOLS: Final[dict[type[ast.cmpop], str]] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}
