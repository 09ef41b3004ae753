"""Expressions, values and states as text in the syntax of specs."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from keyword import kwlist
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
from quiesce.spec.reading.symbols import BUILTINS, WORDS
from quiesce.spec.record import record
from quiesce.spec.rewrite import children
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


@record
class Names:
    """How names of the model are written: which variables are policies, what a member is called, what is taken."""

    policies: frozenset[str] = frozenset()
    members: Mapping[str, str] = field(default_factory=dict)
    taken: frozenset[str] = frozenset()

    def member(self, name: str) -> str:
        """The name of a member; a member that no name of a spec denotes is called `it`."""
        return self.members.get(name) or _plain(name)

    def bind(self, name: str) -> "Names":
        """The names inside a claim about every member `name`, which gets a name that nothing else has."""
        shown, number = _plain(name), 2
        while shown in self.taken:
            shown, number = f"{_plain(name)}_{number}", number + 1
        return replace(self, members={**self.members, name: shown}, taken=self.taken | {shown})


def show(expr: Expr, names: Names | None = None) -> str:
    """`expr` as one would write it in a spec. Without `names`, policies are shown as variables of the machine."""
    known = Names() if names is None else names
    return _show(expr, replace(known, taken=known.taken | _named(expr, known)))[0]


def names_of(machine: Machine, members: Mapping[str, str] | None = None) -> Names:
    """The names with which an expression about `machine` can be read back; `members` are those that it may speak of.

    No bound member gets the name of something that the spec declares, or of a word of the language.
    """
    given = dict(members or {})
    declared = {machine.name, *(enum.type.name for enum in machine.enums)}
    declared |= {policy.name for policy in machine.policies} | {family.member.name for family in machine.families}
    reserved = frozenset({*declared, *WORDS, *BUILTINS, *kwlist, *given.values()})
    return Names(frozenset(policy.name for policy in machine.policies), given, reserved)


def _named(expr: Expr, names: Names) -> frozenset[str]:
    """The names of the members and parameters that `expr` does not bind itself."""
    free: set[str] = set()
    pending: list[tuple[Expr, frozenset[str]]] = [(expr, frozenset())]
    while pending:
        part, bound = pending.pop()
        match part:
            case Field(member):
                free |= {member} - bound
            case Same(left, right):
                free |= {left, right} - bound
            case Parameter(name):
                free.add(name)
            case Quantified(_, name, _, inner) | Total(name, _, inner):
                pending.append((inner, bound | {name}))
            case _:
                pending += [(child, bound) for child in children(part)]
    return frozenset(names.member(name) for name in free)


def _show(expr: Expr, names: Names) -> tuple[str, int]:
    """The text, and how tightly its outermost operator binds."""
    match expr:
        case Literal(value, type_):
            return show_value(value, type_), ATOM
        case Variable(name, _, old):
            here = "" if name in names.policies else "self."
            return (f"old.{name}" if old else f"{here}{name}"), ATOM
        case Parameter(name):
            return name, ATOM
        case Field(member, _, name, _, old):
            called = names.member(member)
            return (f"old[{called}].{name}" if old else f"{called}.{name}"), ATOM
        case Same(left, right):
            return f"{names.member(left)} == {names.member(right)}", PRECEDENCE[Op.EQ]
        case Not(arg):
            return f"not {_within(arg, NOT, names)}", NOT
        case Binary(Op.IMPLIES, left, right):
            return f"implies({_show(left, names)[0]}, {_show(right, names)[0]})", ATOM
        case Binary(op, left, right):
            level = PRECEDENCE[op]
            own = level if op in {Op.OR, Op.AND, Op.ADD, Op.SUB} else level + 1
            return f"{_within(left, own, names)} {op.value} {_within(right, level + 1, names)}", level
        case Scale(factor, arg):
            return f"{factor} * {_within(arg, PRODUCT + 1, names)}", PRODUCT
        case IfElse(condition, then, otherwise):
            chosen, when = (_within(part, TERNARY + 1, names) for part in (then, condition))
            return f"{chosen} if {when} else {_within(otherwise, TERNARY, names)}", TERNARY
        case Quantified(quantifier, bound, family, body):
            return _of_members(quantifier.value, bound, family, body, names), ATOM
        case Total(bound, family, IfElse(condition, Literal(1), Literal(0))):
            return _of_members("count", bound, family, condition, names), ATOM
        case Total(bound, family, term):
            return _of_members("sum", bound, family, term, names), ATOM
        case _:
            assert_never(expr)


def _of_members(word: str, bound: str, family: str, inner: Expr, names: Names) -> str:
    within = names.bind(bound)
    return f"{word}({_show(inner, within)[0]} for {within.member(bound)} in self.{family})"


def _within(expr: Expr, level: int, names: Names) -> str:
    text, binds = _show(expr, names)
    return text if binds >= level else f"({text})"


def _plain(member: str) -> str:
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


def listed(names: Sequence[str]) -> str:
    """Names as a sentence lists them: `a, b and c`."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
