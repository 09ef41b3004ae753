"""Models as SMT-LIB text: the one form in which conditions reach a solver, a file or another process.

Two vocabularies share one encoding. In the unbounded one a family is an uninterpreted sort, its fields are functions,
and a claim about all members is a quantifier. In the bounded one (`few_members`) a family has a few members, numbered
from 0, and every claim about all of them is written out.

A sort of SMT-LIB is never empty, and a family may be. So there is a constant for each family which says whether it has
any member: a claim about all of them holds where it has none, and one about some of them fails there. What the sort and
the functions of a family are then says nothing of the machine. Whoever names a member, as an argument for instance, has
to say that its family has some: `inhabited`.

A term is written out as a tree as long as it is small. A larger one gives a name to each part that stands in several
places, by `let`, so that the text grows with the number of different parts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from itertools import count
from typing import Protocol, assert_never

from quiesce.spec.meaning import symbols
from quiesce.spec.meaning.lets import Parts, parts_of
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
    Not,
    Op,
    Parameter,
    PolicyDecl,
    Quantified,
    Quantifier,
    Same,
    ScalarType,
    Scale,
    Total,
    Variable,
    VariableDecl,
)
from quiesce.spec.record import record

SMT_OPERATORS: Mapping[Op, str] = {
    Op.OR: "or",
    Op.AND: "and",
    Op.IMPLIES: "=>",
    Op.EQ: "=",
    Op.NE: "distinct",
    Op.LT: "<",
    Op.LE: "<=",
    Op.GT: ">",
    Op.GE: ">=",
    Op.ADD: "+",
    Op.SUB: "-",
}


class Vocabulary(Protocol):
    """The spelling of the symbols of one state."""

    def variable(self, name: str) -> str:
        """A scalar or policy."""

    def field(self, family: str, name: str, member: str) -> str:
        """A field of the member that the text `member` denotes."""

    def quantified(self, quantifier: Quantifier, bound: str, family: str, body: "Body") -> str:
        """A claim about all members, or about some member."""

    def total(self, total: Total, body: "Body") -> str:
        """A sum over all members."""


class Body(Protocol):
    """The text of a quantifier's body for the member that a text denotes."""

    def __call__(self, member: str) -> str:
        """The body about that member."""


@record
class Named:
    """The parts of a large term that have a name, by their identity, where the members in `known` are known."""

    parts: Parts
    names: Mapping[int, str]
    known: frozenset[str]
    numbers: Iterator[int]


@record
class Frame:
    """The meanings of the names in an expression, as text. `old` is given in step promises only.

    Where a term is too large to be written out, `named` has its parts that have a name.
    """

    now: Vocabulary
    old: Vocabulary | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    members: Mapping[str, str] = field(default_factory=dict)
    named: Named | None = None

    def state(self, *, old: bool) -> Vocabulary:
        """The vocabulary of the state that a variable or field is read in."""
        if not old:
            return self.now
        if self.old is None:
            raise ValueError("only a step promise can read the old state")
        return self.old


LARGEST = 20_000
"""Characters of the largest term that is written out with all that stands in several places."""

DEEPEST = 100
"""Levels of the deepest term that is written out as it is."""


class _Large(Exception):
    """A term is too large, or too deep, to be written out as it is."""


def encode(expr: Expr, frame: Frame) -> str:
    """`expr` as an SMT-LIB term."""
    try:
        return _term(expr, frame, 0)
    except _Large:
        return _with_names(expr, replace(frame, named=Named(parts_of(expr), {}, frozenset(frame.members), count())))


def _with_names(expr: Expr, frame: Frame) -> str:
    """`expr` behind the definitions of all names that it, and what stands inside it, can use from here on."""
    if frame.named is None:
        raise ValueError("only a large term names its parts")
    names, opening = dict(frame.named.names), list[str]()
    inner = replace(frame, named=replace(frame.named, names=names))
    for part in frame.named.parts.to_name(expr, frame.named.known, frame.named.names):
        name, text = symbols.shared(next(frame.named.numbers)), _term(part, inner, 0)
        opening.append(f"(let (({name} {text})) ")
        names[id(part)] = name
    return f"{''.join(opening)}{_term(expr, inner, 0)}{')' * len(opening)}"


def _term(expr: Expr, frame: Frame, depth: int) -> str:
    if frame.named is None:
        if depth > DEEPEST:
            raise _Large
    elif (name := frame.named.names.get(id(expr))) is not None:
        return name
    match expr:
        case Binary():  # by far the most, so it is asked first
            text = (
                f"({SMT_OPERATORS[expr.op]} {_term(expr.left, frame, depth + 1)} {_term(expr.right, frame, depth + 1)})"
            )
            if len(text) > LARGEST and frame.named is None:
                raise _Large
            return text
        case Variable():
            return frame.state(old=expr.old).variable(expr.name)
        case Literal():
            return literal(expr.value, expr.type)
        case Field():
            return frame.state(old=expr.old).field(expr.family, expr.name, frame.members[expr.member])
        case Parameter():
            return frame.parameters[expr.name]
        case Same():
            return f"(= {frame.members[expr.left]} {frame.members[expr.right]})"
        case Not():
            return f"(not {_term(expr.arg, frame, depth + 1)})"
        case Scale():
            return f"(* {integer(expr.factor)} {_term(expr.arg, frame, depth + 1)})"
        case IfElse():
            condition = _term(expr.condition, frame, depth + 1)
            then, otherwise = _term(expr.then, frame, depth + 1), _term(expr.otherwise, frame, depth + 1)
            text = f"(ite {condition} {then} {otherwise})"
            if len(text) > LARGEST and frame.named is None:
                raise _Large
            return text
        case Quantified():
            body = _body(expr.body, expr.bound, frame, depth + 1)
            return frame.now.quantified(expr.quantifier, expr.bound, expr.family, body)
        case Total():
            return frame.now.total(expr, _body(expr.term, expr.bound, frame, depth + 1))
        case _:
            assert_never(expr)


def _body(body: Expr, bound: str, frame: Frame, depth: int) -> Body:
    def about(member: str) -> str:
        members = {**frame.members, bound: member}
        if frame.named is None:
            return _term(body, Frame(frame.now, frame.old, frame.parameters, members), depth)
        spoken_of = frame.named.parts.members
        names = {part: name for part, name in frame.named.names.items() if bound not in spoken_of[part]}
        named = replace(frame.named, names=names, known=frame.named.known | {bound})
        return _with_names(body, replace(frame, members=members, named=named))

    return about


def literal(value: bool | int | str, type_: ScalarType) -> str:
    """A constant."""
    match type_:
        case BoolType():
            return "true" if value else "false"
        case IntType():
            return integer(int(value))
        case EnumType():
            return symbols.value(type_.name, str(value))
        case _:
            assert_never(type_)


def integer(value: int) -> str:
    """An integer; SMT-LIB has no negative numerals."""
    return str(value) if value >= 0 else f"(- {-value})"


def sort(type_: ScalarType) -> str:
    """The sort of a scalar."""
    match type_:
        case BoolType():
            return "Bool"
        case IntType():
            return "Int"
        case EnumType(name):
            return symbols.enum_sort(name)
        case _:
            assert_never(type_)


def scalars(machine: Machine) -> tuple[VariableDecl | PolicyDecl, ...]:
    """Variables and policies."""
    return (*machine.variables, *machine.policies)


def enum_declarations(machine: Machine) -> list[str]:
    """The machine's enums as data types."""
    return [
        f"(declare-datatypes (({symbols.enum_sort(enum.type.name)} 0)) "
        f"(({' '.join(f'({symbols.value(enum.type.name, value)})' for value in enum.type.values)})))"
        for enum in machine.enums
    ]
