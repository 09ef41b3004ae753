"""Expressions that somebody hands over as objects: whether they are such as the reader of specs could have read.

An expression that says of itself what a name means, or of what type it is, could say anything. So each name has to be
one that the machine declares, of exactly the type that is declared, or one that is bound around it.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from string import ascii_letters, digits

from quiesce.spec.effects import FieldName
from quiesce.spec.model import (
    BOOL,
    INT,
    Binary,
    BoolType,
    EnumType,
    Field,
    IfElse,
    IntType,
    Literal,
    Machine,
    MemberType,
    Not,
    Op,
    ParameterDecl,
    Quantified,
    Quantifier,
    Same,
    ScalarType,
    Scale,
    Total,
    Variable,
)
from quiesce.spec.record import record

_NAME = frozenset(ascii_letters + digits + "_.~*")
"""The letters of names of members: those of specs, and the marks by which this program tells names apart."""


class IllFormed(Exception):
    """An expression is handed over that the reader of specs would not have read."""


def is_name(name: object) -> bool:
    """Whether this can be the name of a member."""
    return type(name) is str and name != "" and _NAME.issuperset(name)


@record
class WellFormed:
    """The declared meaning of each name of a machine; names that are `taken` cannot be bound."""

    machine: Machine
    taken: frozenset[str] = frozenset()

    @cached_property
    def _declared(self) -> Mapping[str | FieldName, ScalarType]:
        """The types of variables and policies, by name, and of fields, by family and name."""
        found: dict[str | FieldName, ScalarType] = {v.name: v.type for v in self.machine.variables}
        found.update((policy.name, policy.type) for policy in self.machine.policies)
        found.update(((family.name, f.name), f.type) for family in self.machine.families for f in family.fields)
        return found

    def check(self, expr: object, wanted: ScalarType, members: Mapping[str, str]) -> None:
        """Check that `expr` is about one state and the given members, and of the type `wanted`.

        Raises:
            IllFormed: it is not.
        """
        try:
            found = self._type(expr, members)
        except RecursionError:
            raise IllFormed("an expression is nested too deeply") from None
        if found != wanted:
            raise IllFormed("an expression has another type than its place")

    def _type(self, expr: object, members: Mapping[str, str]) -> ScalarType:
        """The type of an expression; of an integer without bounds."""
        match expr:
            case Literal(value, type_):
                return self._literal(value, type_)
            case Variable(str(name), type_, False) if self._declared.get(name) == type_:
                return _unbounded(type_)
            case Field(str(member), str(family), str(name), type_, False):
                if members.get(member) == family and self._declared.get((family, name)) == type_:
                    return _unbounded(type_)
            case Same(str(left), str(right), str(family)):
                if members.get(left) == family == members.get(right):
                    return BOOL
            case Not(arg):
                self.check(arg, BOOL, members)
                return BOOL
            case Binary(op, left, right):
                return self._binary(op, left, right, members)
            case Scale(factor, arg) if type(factor) is int:
                self.check(arg, INT, members)
                return INT
            case IfElse(condition, then, otherwise):
                self.check(condition, BOOL, members)
                type_ = self._type(then, members)
                self.check(otherwise, type_, members)
                return type_
            case Quantified(Quantifier(), bound, family, body):
                self.check(body, BOOL, self._with(members, bound, family))
                return BOOL
            case Total(bound, family, term):
                self.check(term, INT, self._with(members, bound, family))
                return INT
            case _:
                pass
        raise IllFormed("an expression speaks of what the machine does not declare")

    def _literal(self, value: object, type_: object) -> ScalarType:
        match type_:
            case BoolType() if type(value) is bool:
                return BOOL
            case IntType() if type(value) is int:
                return INT
            case EnumType(_, values) if type_ in self._declared.values() and type(value) is str and value in values:
                return type_
            case _:
                raise IllFormed("a literal is no value of its type")

    def _binary(self, op: object, left: object, right: object, members: Mapping[str, str]) -> ScalarType:
        match op:
            case Op.AND | Op.OR | Op.IMPLIES:
                of: ScalarType = BOOL
            case Op.EQ | Op.NE:
                of = self._type(left, members)
            case Op.LT | Op.LE | Op.GT | Op.GE | Op.ADD | Op.SUB:
                of = INT
            case _:
                raise IllFormed("an operator is none of the language")
        self.check(left, of, members)
        self.check(right, of, members)
        return INT if op in (Op.ADD, Op.SUB) else BOOL

    def _with(self, members: Mapping[str, str], bound: object, family: object) -> Mapping[str, str]:
        """The members that an expression sees inside of what binds another one."""
        if not isinstance(bound, str) or not is_name(bound) or bound in members or bound in self.taken:
            raise IllFormed("an expression binds a member by what is no name of its own")
        if not isinstance(family, str) or family not in self.machine.families_by_name:
            raise IllFormed("an expression binds a member of no family")
        return {**members, bound: family}


def _unbounded(type_: ScalarType) -> ScalarType:
    return INT if isinstance(type_, IntType) else type_


def members_of(machine: Machine, parameters: Iterable[ParameterDecl]) -> Mapping[str, str]:
    """The members that a trap is about, with their families.

    Raises:
        IllFormed: it is about something else, or one of them has no name of its own.
    """
    families = {family.member: family.name for family in machine.families}
    found: dict[str, str] = {}
    for parameter in parameters:
        type_ = parameter.type
        if not isinstance(type_, MemberType) or type_ not in families or parameter.new or parameter.answer:
            raise IllFormed("a trap is about something else than members")
        if not is_name(parameter.name) or parameter.name in found:
            raise IllFormed("a trap is about a member without a name of its own")
        found[parameter.name] = families[type_]
    return found
