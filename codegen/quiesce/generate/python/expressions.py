"""Expressions of the model in idiomatic Python."""

from itertools import groupby, pairwise
from typing import assert_never

from quiesce.generate.python import names
from quiesce.generate.python.line_breaking import Bracketed, Joined, Level, Prefixed, Shape, Word, flat, guarded, joined
from quiesce.spec.model import (
    TRUE,
    Binary,
    BoolType,
    EnumType,
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
    ScalarType,
    Scale,
    Total,
    Value,
    Variable,
)

_ORDERING = {Op.LT: "<", Op.LE: "<=", Op.GT: ">", Op.GE: ">="}
_RISING = (Op.LT, Op.LE)
_FALLING = (Op.GT, Op.GE)


def literal(value: Value, type_: ScalarType) -> str:
    """A constant as Python text."""
    return f"{type_.name}.{value}" if isinstance(type_, EnumType) else str(value)


def type_name(type_: ScalarType) -> str:
    """A type as Python text; bounds are not part of it."""
    match type_:
        case BoolType():
            return "bool"
        case EnumType(name):
            return name
        case _:
            return "int"


def text(machine: Machine, expr: Expr) -> str:
    """The expression on one line."""
    return flat(phrase(machine, expr))


def conjunction(machine: Machine, conjuncts: tuple[Expr, ...]) -> Shape:
    """The conjunction of conditions; `True` if there are none, but for those that are just that."""
    needed = tuple(conjunct for conjunct in conjuncts if conjunct != TRUE)
    if not needed:
        return Word("True")
    return joined("and", tuple(_chained(machine, needed)), Level.AND)


def flattened(op: Op, expr: Expr) -> tuple[Expr, ...]:
    """The operands of nested `op`s, left to right."""
    if isinstance(expr, Binary) and expr.op is op:
        return flattened(op, expr.left) + flattened(op, expr.right)
    return (expr,)


def phrase(machine: Machine, expr: Expr) -> Shape:
    """The shape of an expression of one state, seen from a method of the core."""
    match expr:
        case Literal(value, type_):
            return Word(literal(value, type_), Level.SIGN if str(value).startswith("-") else Level.ATOM)
        case Variable(name):
            policies = {policy.name for policy in machine.policies}
            return Word(f"self.{names.policy_attribute(name) if name in policies else name}")
        case Parameter(name):
            return Word(name)
        case Field(member, _, name):
            return Word(f"{member}.{name}")
        case Same(left, right):
            return Word(f"{left} is {right}", Level.COMPARISON)
        case Not(arg):
            return _negation(machine, arg)
        case Binary():
            return _binary(machine, expr)
        case Scale(-1, arg):
            return Prefixed("-", guarded(phrase(machine, arg), Level.SIGN), Level.SIGN)
        case Scale(factor, arg):
            times = guarded(phrase(machine, arg), Level.SIGN)  # a product of two constants and a value is not read back
            return joined("*", (Word(str(factor), Level.SIGN), times), Level.PRODUCT)
        case IfElse():
            return _choice(machine, expr)
        case Quantified(Quantifier.ALL, bound, family, Binary(Op.IMPLIES, premise, conclusion)):
            return _generator(machine, "all(", conclusion, bound, family, premise)
        case Quantified(quantifier, bound, family, body):
            return _generator(machine, f"{quantifier.value}(", body, bound, family)
        case Total(bound, family, IfElse(condition, term, Literal(0))):
            return _generator(machine, "sum(", term, bound, family, condition)
        case Total(bound, family, term):
            return _generator(machine, "sum(", term, bound, family)
        case _:
            assert_never(expr)


def _binary(machine: Machine, expr: Binary) -> Shape:
    left, right = expr.left, expr.right
    match expr.op:
        case Op.AND:
            return conjunction(machine, flattened(Op.AND, expr))
        case Op.OR:
            return joined("or", _alternatives(machine, flattened(Op.OR, expr)), Level.OR)
        case Op.IMPLIES:
            return joined("or", (_negation(machine, left), phrase(machine, right)), Level.OR)
        case Op.EQ | Op.NE:
            return _equality(machine, expr)
        case Op.LT | Op.LE | Op.GT | Op.GE:
            return _comparison(machine, ((_ORDERING[expr.op], left, right),))
        case Op.ADD | Op.SUB:
            return _sum(machine, expr)
        case _:
            assert_never(expr.op)


def _equality(machine: Machine, expr: Binary) -> Shape:
    for constant, other in ((expr.left, expr.right), (expr.right, expr.left)):
        if isinstance(constant, Literal) and isinstance(constant.type, BoolType):
            wanted = constant.value is (expr.op is Op.EQ)
            return phrase(machine, other) if wanted else _negation(machine, other)
    same, differs = ("is", "is not") if _is_enum(expr.left) or _is_enum(expr.right) else ("==", "!=")
    return _comparison(machine, ((same if expr.op is Op.EQ else differs, expr.left, expr.right),))


def _is_enum(expr: Expr) -> bool:
    match expr:
        case Literal() | Variable() | Parameter() | Field():
            return isinstance(expr.type, EnumType)
        case IfElse(_, then):
            return _is_enum(then)
        case _:
            return False


def _comparison(machine: Machine, links: tuple[tuple[str, Expr, Expr], ...]) -> Shape:
    """`a < b <= c`: the right side of each link is the left side of the next."""
    first, *rest = (guarded(phrase(machine, side), Level.SUM) for side in (links[0][1], *(link[2] for link in links)))
    return Joined(first, tuple((link[0], side) for link, side in zip(links, rest, strict=True)), Level.COMPARISON)


def _chained(machine: Machine, conjuncts: tuple[Expr, ...]) -> list[Shape]:
    """The shapes of the conjuncts; neighbours such as `0 < n` and `n <= m` become one chain."""
    chains: list[list[Expr]] = [[conjuncts[0]]]
    for before, after in pairwise(conjuncts):
        if _continues(before, after):
            chains[-1].append(after)
        else:
            chains.append([after])
    return [phrase(machine, chain[0]) if len(chain) == 1 else _chain(machine, chain) for chain in chains]


def _chain(machine: Machine, comparisons: list[Expr]) -> Shape:
    links = tuple((_ORDERING[link.op], link.left, link.right) for link in comparisons if isinstance(link, Binary))
    return _comparison(machine, links)


def _continues(before: Expr, after: Expr) -> bool:
    match before, after:
        case Binary(op, _, middle), Binary(next_op, start, _):
            return middle == start and any(op in way and next_op in way for way in (_RISING, _FALLING))
        case _:
            return False


def _alternatives(machine: Machine, disjuncts: tuple[Expr, ...]) -> tuple[Shape, ...]:
    """The shapes of the disjuncts; neighbours that compare one thing with constants become `x in (A, B)`."""
    shapes: list[Shape] = []
    for subject, group in groupby(disjuncts, _compared_with_constant):
        members = tuple(group)
        if subject is None or len(members) == 1:
            shapes += [phrase(machine, member) for member in members]
        else:
            shapes.append(_membership(machine, subject, "in", members))
    return tuple(shapes)


def _compared_with_constant(expr: Expr) -> Expr | None:
    match expr:
        case Binary(Op.EQ, subject, Literal(_, type_)) if not isinstance(type_, BoolType):
            return subject
        case _:
            return None


def _membership(machine: Machine, subject: Expr, operator: str, equalities: tuple[Expr, ...]) -> Shape:
    constants = tuple(phrase(machine, each.right) for each in equalities if isinstance(each, Binary))
    left = guarded(phrase(machine, subject), Level.SUM)
    return Joined(left, ((operator, Bracketed("(", constants, commas=True)),), Level.COMPARISON)


_OPPOSITE = {Op.EQ: Op.NE, Op.NE: Op.EQ}


def _negation(machine: Machine, expr: Expr) -> Shape:
    match expr:
        case Not(arg):
            return phrase(machine, arg)
        case Same(left, right):
            return Word(f"{left} is not {right}", Level.COMPARISON)
        case Binary(op, left, right) if op in _OPPOSITE:
            return phrase(machine, Binary(_OPPOSITE[op], left, right))
        case Binary(Op.OR):
            members = flattened(Op.OR, expr)
            subjects = {_compared_with_constant(member) for member in members}
            if len(subjects) == 1 and (subject := subjects.pop()) is not None:
                return _membership(machine, subject, "not in", members)
        case _:
            pass
    return Prefixed("not ", guarded(phrase(machine, expr), Level.NOT), Level.NOT)


def _sum(machine: Machine, expr: Binary) -> Shape:
    terms: list[tuple[str, Expr]] = []
    rest: Expr = expr
    while isinstance(rest, Binary) and rest.op in (Op.ADD, Op.SUB):
        terms.insert(0, (rest.op.value, rest.right))
        rest = rest.left
    first = guarded(phrase(machine, rest), Level.SUM)
    # The right operand of a minus must bind tighter than the minus; a plus is treated alike.
    return Joined(first, tuple((op, guarded(phrase(machine, term), Level.PRODUCT)) for op, term in terms), Level.SUM)


def _choice(machine: Machine, expr: IfElse) -> Shape:
    match expr:
        case IfElse(Binary(op, left, right), then, otherwise) if op in _ORDERING and {left, right} == {then, otherwise}:
            smallest = (op in _RISING) == (then == left)
            arguments = (phrase(machine, then), phrase(machine, otherwise))
            return Bracketed("min(" if smallest else "max(", arguments, commas=True)
        case _:
            condition, then_, otherwise_ = (
                guarded(phrase(machine, part), Level.OR) for part in (expr.condition, expr.then, expr.otherwise)
            )
            return Joined(then_, (("if", condition), ("else", otherwise_)), Level.CHOICE)


def _generator(
    machine: Machine, opening: str, element: Expr, bound: str, family: str, condition: Expr | None = None
) -> Shape:
    parts = [phrase(machine, element), Word(f"for {bound} in self.{family}")]
    if condition is not None:
        parts.append(Prefixed("if ", guarded(phrase(machine, condition), Level.OR), Level.CHOICE))
    return Bracketed(opening, tuple(parts))
