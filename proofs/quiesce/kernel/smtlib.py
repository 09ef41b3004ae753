"""Models as SMT-LIB text: the one form in which conditions reach a solver, a file or another process.

Two vocabularies share one encoding. In the unbounded one a family is an uninterpreted sort, its fields are functions,
and a claim about all members is a quantifier. In the bounded one a family has a few members, numbered from 0, and every
claim about all of them is written out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, assert_never

from quiesce.kernel.totals import require_closed
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
from quiesce.spec.state import State

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
    """How the symbols of one state are spelled."""

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


@dataclass(frozen=True, slots=True)
class Frame:
    """What the names of an expression stand for, as text. `old` is there in step promises only."""

    now: Vocabulary
    old: Vocabulary | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    members: Mapping[str, str] = field(default_factory=dict)

    def state(self, *, old: bool) -> Vocabulary:
        """The vocabulary of the state that a variable or field is read in."""
        if not old:
            return self.now
        if self.old is None:
            raise ValueError("only a step promise can read the old state")
        return self.old


def encode(expr: Expr, frame: Frame) -> str:
    """`expr` as an SMT-LIB term."""
    match expr:
        case Binary():  # by far the most, so it is asked first
            return f"({SMT_OPERATORS[expr.op]} {encode(expr.left, frame)} {encode(expr.right, frame)})"
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
            return f"(not {encode(expr.arg, frame)})"
        case Scale():
            return f"(* {integer(expr.factor)} {encode(expr.arg, frame)})"
        case IfElse():
            parts = (encode(part, frame) for part in (expr.condition, expr.then, expr.otherwise))
            return f"(ite {' '.join(parts)})"
        case Quantified():
            body = _body(expr.body, expr.bound, frame)
            return frame.now.quantified(expr.quantifier, expr.bound, expr.family, body)
        case Total():
            return frame.now.total(expr, _body(expr.term, expr.bound, frame))
        case _:
            assert_never(expr)


def _body(body: Expr, bound: str, frame: Frame) -> Body:
    return lambda member: encode(body, Frame(frame.now, frame.old, frame.parameters, {**frame.members, bound: member}))


def literal(value: bool | int | str, type_: ScalarType) -> str:
    """A constant."""
    match type_:
        case BoolType():
            return "true" if value else "false"
        case IntType():
            return integer(int(value))
        case EnumType():
            return f"{type_.name}.{value}"
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
            return f"enum.{name}"
        case _:
            assert_never(type_)


def scalars(machine: Machine) -> tuple[VariableDecl | PolicyDecl, ...]:
    """Variables and policies."""
    return (*machine.variables, *machine.policies)


def enum_declarations(machine: Machine) -> list[str]:
    """The machine's enums as data types."""
    return [
        f"(declare-datatypes ((enum.{enum.type.name} 0)) "
        f"(({' '.join(f'({enum.type.name}.{value})' for value in enum.type.values)})))"
        for enum in machine.enums
    ]


# --- any number of members ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unbounded:
    """Families as uninterpreted sorts. Totals are named in `totals` as they are met."""

    totals: dict[Total, str] = field(default_factory=dict)

    def variable(self, name: str) -> str:
        """A constant."""
        return f"self.{name}"

    def field(self, family: str, name: str, member: str) -> str:
        """A function of the member."""
        return f"({family}.{name} {member})"

    def quantified(self, quantifier: Quantifier, bound: str, family: str, body: Body) -> str:
        """A quantifier of the logic."""
        word = "forall" if quantifier is Quantifier.ALL else "exists"
        member = f"at.{bound}"
        return f"({word} (({member} member.{family})) {body(member)})"

    def total(self, total: Total, body: Body) -> str:  # noqa: ARG002
        """A constant; what is known of it stands among the premises."""
        require_closed(total)
        return self.totals.setdefault(total, f"total.{len(self.totals)}")


def unbounded_declarations(machine: Machine) -> list[str]:
    """Sorts, variables and fields."""
    lines = enum_declarations(machine)
    lines += [f"(declare-sort member.{family.name} 0)" for family in machine.families]
    lines += [f"(declare-const self.{scalar.name} {sort(scalar.type)})" for scalar in scalars(machine)]
    lines += [
        f"(declare-fun {family.name}.{declared.name} (member.{family.name}) {sort(declared.type)})"
        for family in machine.families
        for declared in family.fields
    ]
    return lines


def unbounded_parameters(machine: Machine, parameters: tuple[ParameterDecl, ...]) -> list[str]:
    """One constant for each parameter."""
    return [f"(declare-const arg.{parameter.name} {_parameter_sort(machine, parameter)})" for parameter in parameters]


def _parameter_sort(machine: Machine, parameter: ParameterDecl) -> str:
    if isinstance(parameter.type, MemberType):
        return f"member.{machine.family_of(parameter.type).name}"
    return sort(parameter.type)


def unbounded_frame(parameters: tuple[ParameterDecl, ...], totals: dict[Total, str]) -> Frame:
    """The frame of a query about one state and the arguments of one action."""
    members = {p.name: f"arg.{p.name}" for p in parameters if isinstance(p.type, MemberType)}
    scalars = {p.name: f"arg.{p.name}" for p in parameters if not isinstance(p.type, MemberType)}
    return Frame(Unbounded(totals), None, scalars, members)


# --- a few members -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bounded:
    """State number `time` of a run over `members` members per family. A member is denoted by an integer."""

    time: int
    members: int
    rigid: frozenset[str]

    def variable(self, name: str) -> str:
        """A constant per state; policies are one for the whole run."""
        return f"self.{name}" if name in self.rigid else f"self.{name}@{self.time}"

    def field(self, family: str, name: str, member: str) -> str:
        """A constant per state and member; for a member that is not fixed, a choice among them."""
        if member.isdigit():
            return f"{family}.{name}.{member}@{self.time}"
        *others, last = [f"{family}.{name}.{index}@{self.time}" for index in range(self.members)]
        chosen = last
        for index, place in reversed(list(enumerate(others))):
            chosen = f"(ite (= {member} {index}) {place} {chosen})"
        return chosen

    def quantified(self, quantifier: Quantifier, bound: str, family: str, body: Body) -> str:  # noqa: ARG002
        """Written out."""
        return _each(quantifier, body, self.members)

    def total(self, total: Total, body: Body) -> str:  # noqa: ARG002
        """Written out."""
        return _sum(body, self.members)


# --- one state that is known -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Known:
    """A state whose every value is known. A member is denoted by an integer."""

    machine: Machine
    state: State

    def variable(self, name: str) -> str:
        """Its value."""
        declared = next(scalar for scalar in scalars(self.machine) if scalar.name == name)
        return literal(self.state.scalars[name], declared.type)

    def field(self, family: str, name: str, member: str) -> str:
        """Its value; the member must be fixed."""
        declared = next(f for f in self.machine.families_by_name[family].fields if f.name == name)
        return literal(self.state.families[family][int(member)][name], declared.type)

    def quantified(self, quantifier: Quantifier, bound: str, family: str, body: Body) -> str:  # noqa: ARG002
        """Written out."""
        return _each(quantifier, body, len(self.state.families[family]))

    def total(self, total: Total, body: Body) -> str:
        """Written out."""
        return _sum(body, len(self.state.families[total.family]))


def _each(quantifier: Quantifier, body: Body, members: int) -> str:
    word, neutral = ("and", "true") if quantifier is Quantifier.ALL else ("or", "false")
    return f"({word} {neutral} {' '.join(body(str(index)) for index in range(members))})"


def _sum(body: Body, members: int) -> str:
    return f"(+ 0 0 {' '.join(body(str(index)) for index in range(members))})"
