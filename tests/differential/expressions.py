"""Random well-typed expressions over the names that a place of a spec can read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias, TypeVar

from hypothesis import strategies as st
from quiesce.spec.model import (
    BOOL,
    INT,
    Binary,
    BoolType,
    EnumType,
    Expr,
    FamilyDecl,
    Field,
    IfElse,
    IntType,
    Literal,
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

Draw: TypeAlias = st.DrawFn
_T = TypeVar("_T")

BOUND = ("s", "m", "t")
"""Names of bound members. Parameters have some of them, too: a promise may use the name of an action's parameter."""

ORDERS = (Op.EQ, Op.LT, Op.LE, Op.GE, Op.GT, Op.NE)
CONSTANTS = (0, 1, 2, -1, 3)


@dataclass(frozen=True)
class Names:
    """What an expression may read.

    With `old`, also the state before the step. Fields in `hidden` are read of the member `loop` alone. No
    member is bound to a name that is `taken`.
    """

    variables: tuple[VariableDecl | PolicyDecl, ...]
    families: tuple[FamilyDecl, ...]
    parameters: tuple[ParameterDecl, ...] = ()
    members: Mapping[str, str] = field(default_factory=dict)
    old: bool = False
    loop: str | None = None
    hidden: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()

    def places(self) -> Iterator[tuple[Expr, ScalarType]]:
        """Every place that holds a value, with its type."""
        times = (False, True) if self.old else (False,)
        for declared in self.variables:
            for old in times:
                yield Variable(declared.name, declared.type, old and isinstance(declared, VariableDecl)), declared.type
        for parameter in self.parameters:
            if isinstance(parameter.type, BoolType | IntType | EnumType):
                yield Parameter(parameter.name, parameter.type), parameter.type
        for member, family in self.members.items():
            for declared in next(f.fields for f in self.families if f.name == family):
                if declared.name not in self.hidden or member == self.loop:
                    for old in times:
                        yield Field(member, family, declared.name, declared.type, old), declared.type

    def of_kind(self, kind: type[BoolType] | type[IntType]) -> list[Expr]:
        """The places of booleans, or of integers."""
        return [place for place, type_ in self.places() if isinstance(type_, kind)]

    def of_enum(self, type_: EnumType) -> list[Expr]:
        """The places of one enum."""
        return [place for place, found in self.places() if found == type_]

    @property
    def enums(self) -> list[EnumType]:
        """The enums that some place has."""
        return list(dict.fromkeys(type_ for _, type_ in self.places() if isinstance(type_, EnumType)))

    def binding(self, family: FamilyDecl) -> "tuple[str, Names] | None":
        """A fresh name for a member, and the names with it; None where there have been enough."""
        taken = {*self.taken, *self.members, *(parameter.name for parameter in self.parameters)}
        fresh = next((name for name in BOUND if name not in taken), None)
        return None if fresh is None else (fresh, replace(self, members={**self.members, fresh: family.name}))

    def in_term(self, bound: str) -> "Names":
        """The names without parameters and members but one."""
        taken = self.taken | {*self.members, *(parameter.name for parameter in self.parameters)}
        return replace(self, parameters=(), members={bound: self.members[bound]}, taken=taken)


def pick(draw: Draw, options: list[_T] | tuple[_T, ...]) -> _T:
    """One of some options; the first is the simplest."""
    return draw(st.sampled_from(options))


def chance(draw: Draw, percent: int) -> bool:
    """True in about that many cases of a hundred."""
    return draw(st.integers(0, 99)) >= 100 - percent


# --- truth values ------------------------------------------------------------------------------------------------


def boolean(draw: Draw, names: Names, depth: int = 2) -> Expr:
    """A truth value."""
    if depth <= 0 or chance(draw, 40):
        return atom(draw, names)
    shapes = ["not", "and", "or", "implies", "same truth", "choice"]
    if names.families:
        shapes += ["all", "any", "all", "any"]
    match pick(draw, shapes):
        case "not":
            return Not(boolean(draw, names, depth - 1))
        case "and" | "or" | "implies" | "same truth" as word:
            op = {"and": Op.AND, "or": Op.OR, "implies": Op.IMPLIES, "same truth": Op.EQ}[word]
            return Binary(op, boolean(draw, names, depth - 1), boolean(draw, names, depth - 1))
        case "choice":
            return IfElse(atom(draw, names), boolean(draw, names, depth - 1), boolean(draw, names, depth - 1))
        case "all":
            return quantified(draw, names, Quantifier.ALL, depth - 1)
        case _:
            return quantified(draw, names, Quantifier.ANY, depth - 1)


def quantified(draw: Draw, names: Names, quantifier: Quantifier, depth: int) -> Expr:
    """A claim about the members of a family; an atom where no more can be bound."""
    family = pick(draw, names.families)
    bound = names.binding(family)
    if bound is None:
        return atom(draw, names)
    name, inner = bound
    about = own_atom(draw, inner, name)
    if depth > 0:
        op = Op.IMPLIES if quantifier is Quantifier.ALL else Op.AND
        about = Binary(op, about, boolean(draw, inner, depth - 1))
    return Quantified(quantifier, name, family.name, about)


def own_atom(draw: Draw, names: Names, member: str) -> Expr:
    """An atom about one member; any other one where it has no field that can be read."""
    own = [(place, type_) for place, type_ in names.places() if isinstance(place, Field) and place.member == member]
    return atom(draw, names) if not own else _about(draw, names, *pick(draw, own))


def atom(draw: Draw, names: Names) -> Expr:
    """A comparison, or a place that holds a truth value."""
    shapes = ["place", "place", "place", "place", "place"]
    pairs = [(a, b) for a in names.members for b in names.members if a < b and names.members[a] == names.members[b]]
    if pairs:
        shapes += ["same"]
    if names.families:
        shapes += ["total"]
    match pick(draw, shapes):
        case "same":
            left, right = pick(draw, pairs)
            return Same(left, right, names.members[left])
        case "total":
            return Binary(pick(draw, ORDERS), total(draw, names), integer(draw, names, 0))
        case _:
            places = list(names.places())
            return _about(draw, names, *pick(draw, places)) if places else Literal(draw(st.booleans()), BOOL)


def _about(draw: Draw, names: Names, place: Expr, type_: ScalarType) -> Expr:
    """Something simple that is said of a place."""
    match type_:
        case BoolType():
            return Not(place) if draw(st.booleans()) else place
        case EnumType():
            other = enum(draw, names, type_, 0)
            return Binary(
                pick(draw, (Op.EQ, Op.NE)), place, Literal(type_.values[0], type_) if other == place else other
            )
        case IntType():
            number = integer(draw, names, 0)
            return Binary(pick(draw, ORDERS), place, constant(draw) if number == place else number)


# --- integers and names ------------------------------------------------------------------------------------------


def integer(draw: Draw, names: Names, depth: int = 1) -> Expr:
    """An integer."""
    places = names.of_kind(IntType)
    if depth <= 0 or chance(draw, 40):
        return pick(draw, places) if places and chance(draw, 35) else constant(draw)
    shapes = ["sum", "difference", "product", "choice"]
    if names.families:
        shapes += ["total"]
    match pick(draw, shapes):
        case "sum":
            return Binary(Op.ADD, integer(draw, names, depth - 1), integer(draw, names, depth - 1))
        case "difference":
            return Binary(Op.SUB, integer(draw, names, depth - 1), integer(draw, names, depth - 1))
        case "product":
            arg = integer(draw, names, depth - 1)
            return arg if isinstance(arg, Literal) else Scale(pick(draw, (2, -1, 0, 3)), arg)
        case "choice":
            return IfElse(atom(draw, names), integer(draw, names, depth - 1), integer(draw, names, depth - 1))
        case _:
            return total(draw, names)


def constant(draw: Draw) -> Literal:
    """A small integer, written down."""
    return Literal(pick(draw, CONSTANTS), INT)


def total(draw: Draw, names: Names) -> Expr:
    """A sum or a count over a family; seldom one that looks beyond its own member."""
    family = pick(draw, names.families)
    bound = names.binding(family)
    if bound is None:
        return constant(draw)
    name, open_names = bound
    inner = open_names if chance(draw, 10) else open_names.in_term(name)
    own = own_atom(draw, inner, name)
    fields = [place for place in inner.of_kind(IntType) if isinstance(place, Field) and place.member == name]
    if not fields or chance(draw, 50):
        return Total(name, family.name, IfElse(own, Literal(1, INT), Literal(0, INT)))
    term: Expr = draw(st.sampled_from(fields))
    return Total(name, family.name, IfElse(own, term, Literal(0, INT)) if chance(draw, 30) else term)


def enum(draw: Draw, names: Names, type_: EnumType, depth: int = 1) -> Expr:
    """A value of an enum."""
    if depth > 0 and chance(draw, 15):
        return IfElse(atom(draw, names), enum(draw, names, type_, depth - 1), enum(draw, names, type_, depth - 1))
    places = names.of_enum(type_)
    return pick(draw, places) if places and chance(draw, 15) else Literal(pick(draw, type_.values), type_)


def value(draw: Draw, names: Names, type_: ScalarType, depth: int = 1) -> Expr:
    """An expression of some type."""
    match type_:
        case BoolType():
            return boolean(draw, names, depth)
        case IntType():
            return integer(draw, names, depth)
        case EnumType():
            return enum(draw, names, type_, depth)
