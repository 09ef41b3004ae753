"""Random updates: bodies of actions that the reader of specs would accept."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st
from quiesce.spec.model import (
    INT,
    Assign,
    Binary,
    Expr,
    FamilyDecl,
    Field,
    ForEach,
    If,
    IfElse,
    IntType,
    Literal,
    Machine,
    MemberType,
    Op,
    ParameterDecl,
    Retire,
    Span,
    Statement,
    Variable,
    VariableDecl,
)

from tests.differential.expressions import Draw, Names, boolean, chance, constant, integer, pick, value

NOWHERE = Span(1, 1, 1, 1)
"""The place of everything until the machine has a text."""

MOST = 3
"""The bound that keeps many integers small, so that a search can meet every state."""

ONE = Literal(1, INT)


def names_of(machine: Machine, parameters: Sequence[ParameterDecl] = (), *, old: bool = False) -> Names:
    """What an action or a promise with these parameters may read."""
    members = {p.name: machine.family_of(p.type).name for p in parameters if isinstance(p.type, MemberType)}
    scalars = tuple(p for p in parameters if not isinstance(p.type, MemberType))
    return Names((*machine.variables, *machine.policies), machine.families, scalars, members, old)


def body(draw: Draw, machine: Machine, names: Names, depth: int = 1) -> tuple[Statement, ...]:
    """A few updates."""
    length = draw(st.integers(1, 3)) if depth else 1 + chance(draw, 25)
    return tuple(_statement(draw, machine, names, depth) for _ in range(length))


def _statement(draw: Draw, machine: Machine, names: Names, depth: int) -> Statement:
    if names.loop is not None:
        return _on_member(draw, machine, names, names.loop, depth)
    shapes = ["variable", "variable"]
    if names.members:
        shapes += ["member", "member", "member"]
    if depth > 0:
        shapes += ["if"]
    if depth > 0 and _loopable(names):
        shapes += ["loop"]
    match pick(draw, shapes):
        case "variable":
            declared = pick(draw, machine.variables)
            return _assign(draw, names, Variable(declared.name, declared.type), declared)
        case "member":
            return _on_member(draw, machine, names, pick(draw, list(names.members)), 0)
        case "if":
            return _if(draw, machine, names, depth)
        case _:
            return _loop(draw, machine, names, depth)


def _on_member(draw: Draw, machine: Machine, names: Names, member: str, depth: int) -> Statement:
    """An update of one member. A loop updates what it hides from its other members, and nothing else."""
    family = machine.families_by_name[names.members[member]]
    fields = [f for f in family.fields if names.loop is None or f.name in names.hidden]
    shapes = ["field", "field", "field"]
    if all(f in fields or f.persistent for f in family.fields):
        shapes += ["retire"]
    if depth > 0:
        shapes += ["if", "if"]
    match pick(draw, shapes):
        case "field":
            declared = pick(draw, fields)
            return _assign(draw, names, Field(member, family.name, declared.name, declared.type), declared)
        case "retire":
            return Retire(member, family.name, NOWHERE)
        case _:
            return _if(draw, machine, names, depth)


def _if(draw: Draw, machine: Machine, names: Names, depth: int) -> Statement:
    then = body(draw, machine, names, depth - 1)
    otherwise = body(draw, machine, names, depth - 1) if chance(draw, 40) else ()
    return If(boolean(draw, names, 1), then, otherwise, NOWHERE)


def _loopable(names: Names) -> list[FamilyDecl]:
    return [family for family in names.families if names.binding(family) is not None]


def _loop(draw: Draw, machine: Machine, names: Names, depth: int) -> Statement:
    """A loop over a family. What it writes is hidden of other members, which it may not read."""
    family = pick(draw, _loopable(names))
    bound = names.binding(family)
    assert bound is not None
    name, inner = bound
    all_fields = [declared.name for declared in family.fields]
    hidden = frozenset([pick(draw, all_fields), *(field for field in all_fields if chance(draw, 50))])
    inside = body(draw, machine, replace(inner, loop=name, hidden=hidden), depth)
    return ForEach(name, family.name, inside, NOWHERE)


def _assign(draw: Draw, names: Names, target: Variable | Field, declared: VariableDecl) -> Assign:
    """A new value; that of an integer is mostly a little more or less than the old one, and often kept in range."""
    if not isinstance(declared.type, IntType):
        return Assign(target, value(draw, names, declared.type), NOWHERE)
    match pick(draw, ("up", "down", "constant", "more", "other")):
        case "up":
            new: Expr = Binary(Op.ADD, target, ONE)
        case "down":
            new = Binary(Op.SUB, target, ONE)
        case "constant":
            new = constant(draw)
        case "more":
            new = Binary(Op.ADD, target, integer(draw, names, 0))
        case _:
            new = integer(draw, names)
    if isinstance(target, Field) and chance(draw, 75):
        new = clamped(new, declared.type)
    return Assign(target, new, NOWHERE)


def clamped(new: Expr, type_: IntType) -> Expr:
    """A value kept within its type, and small."""
    high = Literal(MOST if type_.high is None else type_.high, INT)
    kept = IfElse(Binary(Op.LE, new, high), new, high)
    if type_.low is None:
        return kept
    low = Literal(type_.low, INT)
    return IfElse(Binary(Op.LT, new, low), low, kept)
