"""Building, walking and rewriting expressions."""

from collections.abc import Callable, Iterable, Iterator
from typing import assert_never

from quiesce.spec.model import (
    FALSE,
    TRUE,
    Binary,
    Expr,
    Field,
    IfElse,
    Literal,
    MemberType,
    Not,
    Op,
    Parameter,
    ParameterDecl,
    Quantified,
    Same,
    Scale,
    Total,
    Variable,
)


def conjunction(claims: Iterable[Expr]) -> Expr:
    """All of `claims`; true if there are none."""
    result: Expr = TRUE
    for claim in claims:
        result = both(result, claim)
    return result


def disjunction(claims: Iterable[Expr]) -> Expr:
    """Some of `claims`; false if there are none."""
    result: Expr = FALSE
    for claim in claims:
        result = either(result, claim)
    return result


def both(left: Expr, right: Expr) -> Expr:
    """`left and right`, without the constant true."""
    if left == TRUE:
        return right
    return left if right == TRUE else Binary(Op.AND, left, right)


def either(left: Expr, right: Expr) -> Expr:
    """`left or right`, without the constant false."""
    if left == FALSE:
        return right
    return left if right == FALSE else Binary(Op.OR, left, right)


def conjuncts(expr: Expr) -> tuple[Expr, ...]:
    """The parts of a conjunction, left to right."""
    if isinstance(expr, Binary) and expr.op is Op.AND:
        return (*conjuncts(expr.left), *conjuncts(expr.right))
    return (expr,)


def equal(left: Expr, right: Expr) -> Expr:
    """`left == right`."""
    return Binary(Op.EQ, left, right)


def same(left: str, right: str, family: str) -> Expr:
    """Whether two names denote one member; known where the names are equal."""
    return TRUE if left == right else Same(left, right, family)


def if_else(condition: Expr, then: Expr, otherwise: Expr) -> Expr:
    """`then if condition else otherwise`, decided where it can be."""
    if condition == TRUE or then == otherwise:
        return then
    return otherwise if condition == FALSE else IfElse(condition, then, otherwise)


def children(expr: Expr) -> tuple[Expr, ...]:
    """The expressions directly inside `expr`."""
    match expr:
        case Binary():  # by far the most, so it is asked first, here and below
            return (expr.left, expr.right)
        case Literal() | Variable() | Parameter() | Field() | Same():
            return ()
        case Not() | Scale():
            return (expr.arg,)
        case IfElse():
            return (expr.condition, expr.then, expr.otherwise)
        case Quantified():
            return (expr.body,)
        case Total():
            return (expr.term,)
        case _:
            assert_never(expr)


def map_children(expr: Expr, change: Callable[[Expr], Expr]) -> Expr:
    """`expr` with `change` applied to each expression directly inside it; `expr` itself where that changes none."""
    match expr:
        case Binary():
            left, right = change(expr.left), change(expr.right)
            return expr if left is expr.left and right is expr.right else Binary(expr.op, left, right)
        case Literal() | Variable() | Parameter() | Field() | Same():
            return expr
        case Not():
            arg = change(expr.arg)
            return expr if arg is expr.arg else Not(arg)
        case Scale():
            return Scale(expr.factor, change(expr.arg))
        case IfElse():
            return if_else(change(expr.condition), change(expr.then), change(expr.otherwise))
        case Quantified():
            body = change(expr.body)
            return expr if body is expr.body else Quantified(expr.quantifier, expr.bound, expr.family, body)
        case Total():
            return Total(expr.bound, expr.family, change(expr.term))
        case _:
            assert_never(expr)


def walk(expr: Expr) -> Iterator[Expr]:
    """`expr` and every expression inside it."""
    pending = [expr]
    while pending:
        part = pending.pop()
        yield part
        pending += children(part)


def rename_member(expr: Expr, before: str, now: str) -> Expr:
    """`expr` about the member `now` instead of `before`. What binds `now` inside it is named apart first."""

    def renamed(part: Expr) -> Expr:
        match part:
            case Field():
                return Field(now, part.family, part.name, part.type, part.old) if part.member == before else part
            case Same(left, right, family):
                return same(now if left == before else left, now if right == before else right, family)
            case Quantified(_, bound, _, _) | Total(bound, _, _) if bound == before:
                return part
            case Quantified(quantifier, bound, family, body) if bound == now:
                apart = _fresh(bound, body)
                return renamed(Quantified(quantifier, apart, family, rename_member(body, bound, apart)))
            case Total(bound, family, term) if bound == now:
                apart = _fresh(bound, term)
                return renamed(Total(apart, family, rename_member(term, bound, apart)))
            case _:
                return map_children(part, renamed)

    return renamed(expr)


def _fresh(bound: str, body: Expr) -> str:
    """A name like `bound` that no member in `body` has."""
    taken: set[str] = set()
    for part in walk(body):
        match part:
            case Field(member):
                taken.add(member)
            case Same(left, right):
                taken |= {left, right}
            case Quantified(_, inner, _, _) | Total(inner, _, _):
                taken.add(inner)
            case _:
                pass
    name = f"{bound}~"
    while name in taken:
        name += "~"
    return name


def rename_arguments(expr: Expr, parameters: Iterable[ParameterDecl], prefix: str) -> Expr:
    """`expr` with the arguments of an action under other names: with a prefix that no name of a spec has."""
    for parameter in parameters:
        if isinstance(parameter.type, MemberType):
            expr = rename_member(expr, parameter.name, f"{prefix}{parameter.name}")
    return map_parameters(expr, lambda parameter: Parameter(f"{prefix}{parameter.name}", parameter.type))


def map_parameters(expr: Expr, change: Callable[[Parameter], Expr]) -> Expr:
    """`expr` with something else in the place of each scalar parameter."""
    if isinstance(expr, Parameter):
        return change(expr)
    return map_children(expr, lambda child: map_parameters(child, change))


def reads_now(expr: Expr) -> frozenset[str | tuple[str, str]]:
    """The variables (by name) and fields (by family and name) whose values in the new state `expr` depends on."""
    found: set[str | tuple[str, str]] = set()
    for part in walk(expr):
        match part:
            case Variable(name, _, False):
                found.add(name)
            case Field(_, family, name, _, False):
                found.add((family, name))
            case _:
                pass
    return frozenset(found)


def needs_arguments(expr: Expr) -> bool:
    """Whether `expr` reads a parameter, or a field of a member that it does not bind itself."""
    return _needs_arguments(expr, frozenset())


def _needs_arguments(expr: Expr, bound: frozenset[str]) -> bool:
    match expr:
        case Parameter():
            return True
        case Field(member):
            return member not in bound
        case Same(left, right):
            return left not in bound or right not in bound
        case Quantified(_, name, _, body) | Total(name, _, body):
            return _needs_arguments(body, bound | {name})
        case _:
            return any(_needs_arguments(child, bound) for child in children(expr))
