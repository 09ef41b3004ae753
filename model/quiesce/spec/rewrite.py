"""Expressions built, walked through and rewritten: `both`, `either`, `conjunction`, `substitute`, `walk` and more.

An expression may hold one part in several places: what an action does to a variable that it reads twice, for instance.
So everything here looks at each part once, however often it is shared, and keeps parts shared that were shared before.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
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

LONGEST_ROW = 64
"""Operands that are joined one after the other; more of them are joined in halves, so that no row nests too deeply."""


def _is(claim: Expr, literal: Literal) -> bool:
    """Whether a claim is this literal; most are no literal at all, which is seen at once."""
    return claim.__class__ is Literal and claim == literal


def conjunction(claims: Iterable[Expr]) -> Expr:
    """All of `claims`; true if there are none."""
    parts = [claim for claim in claims if not _is(claim, TRUE)]
    return joined(Op.AND, parts) if parts else TRUE


def disjunction(claims: Iterable[Expr]) -> Expr:
    """Some of `claims`; false if there are none."""
    parts = [claim for claim in claims if not _is(claim, FALSE)]
    return joined(Op.OR, parts) if parts else FALSE


def joined(op: Op, parts: Sequence[Expr]) -> Expr:
    """One or more operands under an operator for which it makes no difference how they are grouped."""
    if len(parts) > LONGEST_ROW:
        half = len(parts) // 2
        return Binary(op, joined(op, parts[:half]), joined(op, parts[half:]))
    result = parts[0]
    for part in parts[1:]:
        result = Binary(op, result, part)
    return result


def both(left: Expr, right: Expr) -> Expr:
    """`left and right`, without the constant true."""
    if _is(left, TRUE):
        return right
    return left if _is(right, TRUE) else Binary(Op.AND, left, right)


def either(left: Expr, right: Expr) -> Expr:
    """`left or right`, without the constant false."""
    if _is(left, FALSE):
        return right
    return left if _is(right, FALSE) else Binary(Op.OR, left, right)


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
    if _is(condition, TRUE) or alike(then, otherwise):
        return then
    return otherwise if _is(condition, FALSE) else IfElse(condition, then, otherwise)


def alike(left: Expr, right: Expr) -> bool:
    """Whether two expressions are equal; unlike `==` it compares parts that are shared only once."""
    if left is right or type(left) is not type(right):
        return left is right
    pending = [(left, right)]
    compared: set[tuple[int, int]] = set()
    for one, other in pending:  # which grows; near differences are found before what lies deep is looked at
        if one is other or (id(one), id(other)) in compared:
            continue
        parts, others = children(one), children(other)
        if type(one) is not type(other) or (one != other if not parts else _own(one) != _own(other)):
            return False
        compared.add((id(one), id(other)))
        pending.extend(zip(parts, others, strict=True))
    return True


def _own(expr: Expr) -> tuple[object, ...]:
    """The contents of an expression besides its parts."""
    match expr:
        case Binary(op):
            return (op,)
        case Scale(factor):
            return (factor,)
        case Quantified(quantifier, bound, family):
            return (quantifier, bound, family)
        case Total(bound, family):
            return (bound, family)
        case _:
            return ()


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
            arg = change(expr.arg)
            return expr if arg is expr.arg else Scale(expr.factor, arg)
        case IfElse():
            condition, then, otherwise = change(expr.condition), change(expr.then), change(expr.otherwise)
            same_parts = condition is expr.condition and then is expr.then and otherwise is expr.otherwise
            return expr if same_parts else if_else(condition, then, otherwise)
        case Quantified():
            body = change(expr.body)
            return expr if body is expr.body else Quantified(expr.quantifier, expr.bound, expr.family, body)
        case Total():
            term = change(expr.term)
            return expr if term is expr.term else Total(expr.bound, expr.family, term)
        case _:
            assert_never(expr)


_DEEP = 100
"""Levels of an expression that are rewritten by recursion, which is quicker."""


class Rewriting:
    """One way of rewriting expressions. What it was given before, alone or as a part, is not rewritten again.

    `instead` is asked about everything that has a name, quantifiers and totals among it, and says what stands in its
    place; where it says nothing, the parts inside are looked at in turn. Operators and constants stay what they are.
    """

    def __init__(self, instead: Callable[[Expr], Expr | None]) -> None:
        self._instead = instead
        self._done: dict[int, Expr] = {}
        self._given: list[Expr] = []  # so that no part of them is lost, and its number given to another

    def __call__(self, expr: Expr) -> Expr:
        """`expr` rewritten; `expr` itself where nothing changes."""
        self._given.append(expr)
        return self._rewritten(expr, 0)

    def _rewritten(self, part: Expr, depth: int) -> Expr:
        kind = type(part)
        if kind in _WITHOUT_PARTS:
            return self._instead(part) or part
        if kind is Literal:
            return part
        new = self._done.get(id(part))
        if new is not None:
            return new
        if depth > _DEEP:
            return self._deep(part)
        if isinstance(part, Binary):  # by far the most
            left, right = self._rewritten(part.left, depth + 1), self._rewritten(part.right, depth + 1)
            new = part if left is part.left and right is part.right else Binary(part.op, left, right)
        else:
            new = self._instead(part) if kind in _BINDING else None
            if new is None:
                new = map_children(part, lambda child: self._rewritten(child, depth + 1))
        self._done[id(part)] = new
        return new

    def _deep(self, expr: Expr) -> Expr:
        """The same without recursion: a chain of assignments makes deep expressions."""
        done = self._done
        pending: list[Expr | None] = [expr]
        opened: list[Expr] = []
        while pending:
            part = pending.pop()
            if part is None:
                part = opened.pop()
                done[id(part)] = map_children(part, lambda child: done[id(child)])
            elif id(part) not in done:
                asked = type(part) in _WITHOUT_PARTS or type(part) in _BINDING
                if asked and (new := self._instead(part)) is not None:
                    done[id(part)] = new
                elif inner := children(part):
                    opened.append(part)
                    pending.append(None)
                    pending += inner
                else:
                    done[id(part)] = part
        return done[id(expr)]


_WITHOUT_PARTS = frozenset({Variable, Field, Parameter, Same})
"""Expressions with a name and without parts."""

_BINDING = frozenset({Quantified, Total})
"""Expressions with parts that give a name to a member."""


def substitute(expr: Expr, instead: Callable[[Expr], Expr | None]) -> Expr:
    """`expr` with other parts in the place of some; see `Rewriting`."""
    return Rewriting(instead)(expr)


def walk(expr: Expr) -> Iterator[Expr]:
    """`expr` and every expression inside it; one that is shared comes once."""
    pending = [expr]
    seen: set[int] = set()
    while pending:
        part = pending.pop()
        if id(part) not in seen:
            seen.add(id(part))
            yield part
            if isinstance(part, Binary):  # by far the most
                pending += (part.left, part.right)
            else:
                pending += children(part)


class Numbering:
    """Numbers for expressions: two have the same number if they are equal. Parts that are shared are compared once."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[object, ...], int] = {}
        self._known: dict[int, int] = {}
        self._given: list[Expr] = []  # so that no part of them is lost, and its identity given to another

    def __call__(self, expr: Expr) -> int:
        """The number of `expr`."""
        known = self._known
        self._given.append(expr)
        pending = [expr]
        while pending:
            part = pending[-1]
            inner = children(part)
            missing = [child for child in inner if id(child) not in known]
            if missing and id(part) not in known:
                pending += missing
                continue
            pending.pop()
            own = (type(part), *_own(part), *(known[id(child)] for child in inner)) if inner else (part,)
            known[id(part)] = self._numbers.setdefault(own, len(self._numbers))
        return known[id(expr)]


def rename_member(expr: Expr, before: str, now: str) -> Expr:
    """`expr` about the member `now` instead of `before`. What binds `now` inside it is named apart first."""
    return expr if before == now else renaming(before, now)(expr)


def renaming(before: str, now: str) -> Rewriting:
    """A function that renames as `rename_member` does, for several expressions that may share parts."""

    def renamed(part: Expr) -> Expr | None:
        match part:
            case Field():
                return Field(now, part.family, part.name, part.type, part.old) if part.member == before else part
            case Same(left, right, family):
                if before not in (left, right):
                    return part
                return same(now if left == before else left, now if right == before else right, family)
            case Quantified(_, bound, _, _) | Total(bound, _, _) if bound == before:
                return part
            case Quantified(quantifier, bound, family, body) if bound == now:
                apart = _fresh(bound, body)
                return rewriting(Quantified(quantifier, apart, family, rename_member(body, bound, apart)))
            case Total(bound, family, term) if bound == now:
                apart = _fresh(bound, term)
                return rewriting(Total(apart, family, rename_member(term, bound, apart)))
            case _:
                return None

    rewriting = Rewriting(renamed)
    return rewriting


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


def rename_arguments(expr: Expr, parameters: Collection[ParameterDecl], prefix: str) -> Expr:
    """`expr` with the arguments of an action under other names: with a prefix that no name of a spec has."""
    for parameter in parameters:
        if isinstance(parameter.type, MemberType):
            expr = rename_member(expr, parameter.name, f"{prefix}{parameter.name}")
    if all(isinstance(parameter.type, MemberType) for parameter in parameters):
        return expr
    return map_parameters(expr, lambda parameter: Parameter(f"{prefix}{parameter.name}", parameter.type))


def map_parameters(expr: Expr, change: Callable[[Parameter], Expr]) -> Expr:
    """`expr` with something else in the place of each scalar parameter."""
    return substitute(expr, lambda part: change(part) if isinstance(part, Parameter) else None)


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
