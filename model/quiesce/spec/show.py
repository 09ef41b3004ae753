"""Expressions, values and states as text in the syntax of specs."""

from collections.abc import Mapping
from typing import assert_never

from quiesce.spec.model import (
    Binary,
    BoolType,
    EnumType,
    Expr,
    Field,
    IfElse,
    IntType,
    Literal,
    Machine,
    MemberType,
    Not,
    Op,
    Parameter,
    ParameterDecl,
    Quantified,
    Same,
    ScalarType,
    Scale,
    Total,
    Type,
    Value,
    Variable,
)
from quiesce.spec.state import Arguments

PRECEDENCE: Mapping[Op, int] = {
    Op.OR: 1,
    Op.AND: 2,
    Op.EQ: 4,
    Op.NE: 4,
    Op.LT: 4,
    Op.LE: 4,
    Op.GT: 4,
    Op.GE: 4,
    Op.ADD: 5,
    Op.SUB: 5,
}
"""How tightly an operator binds, as in Python; `implies` is a call."""

TERNARY, NOT, PRODUCT, ATOM = 0, 3, 6, 7


def show(expr: Expr) -> str:
    """`expr` as one would write it in a spec. Members that no name of a spec denotes are shown as `it`."""
    return _show(expr)[0]


def _show(expr: Expr) -> tuple[str, int]:
    """The text, and how tightly its outermost operator binds."""
    match expr:
        case Literal(value, type_):
            return show_value(value, type_), ATOM
        case Variable(name, _, old):
            return (f"old.{name}" if old else f"self.{name}"), ATOM
        case Parameter(name):
            return name, ATOM
        case Field(member, family, name, _, old):
            return (f"old.{family}[{_name(member)}].{name}" if old else f"{_name(member)}.{name}"), ATOM
        case Same(left, right):
            return f"{_name(left)} == {_name(right)}", PRECEDENCE[Op.EQ]
        case Not(arg):
            return f"not {_within(arg, NOT)}", NOT
        case Binary(Op.IMPLIES, left, right):
            return f"implies({show(left)}, {show(right)})", ATOM
        case Binary(op, left, right):
            level = PRECEDENCE[op]
            chains = op in {Op.OR, Op.AND, Op.ADD, Op.SUB}
            return f"{_within(left, level if chains else level + 1)} {op.value} {_within(right, level + 1)}", level
        case Scale(factor, arg):
            return f"{factor} * {_within(arg, PRODUCT)}", PRODUCT
        case IfElse(condition, then, otherwise):
            texts = (_within(part, TERNARY + 1) for part in (then, condition, otherwise))
            return "{} if {} else {}".format(*texts), TERNARY
        case Quantified(quantifier, bound, family, body):
            return f"{quantifier.value}({show(body)} for {_name(bound)} in self.{family})", ATOM
        case Total(bound, family, IfElse(condition, Literal(1), Literal(0))):
            return f"count({show(condition)} for {_name(bound)} in self.{family})", ATOM
        case Total(bound, family, term):
            return f"sum({show(term)} for {_name(bound)} in self.{family})", ATOM
        case _:
            assert_never(expr)


def _within(expr: Expr, level: int) -> str:
    text, binds = _show(expr)
    return text if binds >= level else f"({text})"


def _name(member: str) -> str:
    plain = member.rstrip("~")
    return plain if plain.isidentifier() else "it"


def show_value(value: Value, type_: ScalarType) -> str:
    """A constant as one would write it in a spec."""
    match type_:
        case EnumType(name):
            return f"{name}.{value}"
        case BoolType() | IntType():
            return str(value)
        case _:
            assert_never(type_)


def show_argument(machine: Machine, value: Value, type_: Type) -> str:
    """An argument; a member is shown by its family and number."""
    if isinstance(type_, MemberType):
        return f"{machine.family_of(type_).name}[{value}]"
    return str(value)


def show_arguments(machine: Machine, parameters: tuple[ParameterDecl, ...], arguments: Arguments) -> str:
    """Arguments as in a call with keywords."""
    return ", ".join(f"{p.name}={show_argument(machine, arguments[p.name], p.type)}" for p in parameters)
