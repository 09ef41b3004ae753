"""Sums and counts over any number of members, handled exactly.

The members of a family are finitely many, however many. A total over them is a constant of the query, and four facts,
each valid for every finite set of members, say what a solver may use of it:

*Splitting.* If the term asks whether the member is `p`, then `p` contributes what the term says of `p`, and the others
what it says of others: total(t) = total(t where it is not p) + t(p, it is p) - t(p, it is not p), as p is counted once.

*Sign.* If the term is nowhere negative, the total is at least the term of each member, and at least those of two
different members together; it is positive only if the term of some member is. Any total of nothing but zeros is zero.

*Addition.* If one term is the sum of two others at every member, so is its total the sum of theirs.

*Comparison.* If one term is at most another at every member, so are the totals; strictly, if it is less at some member.
"""

from collections.abc import Iterable, Iterator

from quiesce.kernel.additions import additions
from quiesce.spec.effects import ANY_MEMBER
from quiesce.spec.model import (
    FALSE,
    INT,
    TRUE,
    Binary,
    Expr,
    Field,
    IfElse,
    IntType,
    Literal,
    Op,
    Parameter,
    Quantified,
    Quantifier,
    Same,
    Scale,
    Total,
    Variable,
)
from quiesce.spec.rewrite import both, children, either, map_children, rename_member, same, walk

ZERO = Literal(0, INT)


class UnsupportedTotal(Exception):
    """A total whose term depends on another bound member, a parameter, or both states at once."""


def split(expr: Expr) -> Expr:
    """`expr` with no total whose term asks which member it is about (*splitting*), and all totals in one spelling."""
    if not speaks_of_totals(expr):
        return expr
    if not isinstance(expr, Total):
        return map_children(expr, split)
    term = rename_member(expr.term, expr.bound, ANY_MEMBER)
    asked = next((part for part in walk(term) if _asks_which_member(part)), None)
    if not isinstance(asked, Same):
        return Total(ANY_MEMBER, expr.family, term)
    point = asked.right if asked.left == ANY_MEMBER else asked.left
    is_point, is_other = _decide(term, asked, TRUE), _decide(term, asked, FALSE)
    gained = rename_member(is_point, ANY_MEMBER, point)
    lost = rename_member(is_other, ANY_MEMBER, point)
    return Binary(Op.ADD, split(Total(ANY_MEMBER, expr.family, is_other)), Binary(Op.SUB, gained, lost))


def _asks_which_member(part: Expr) -> bool:
    """Whether `part` compares the member of the total with another; that two others are one is not asked of it."""
    return isinstance(part, Same) and (part.left == ANY_MEMBER) != (part.right == ANY_MEMBER)


def speaks_of_totals(expr: Expr) -> bool:
    """Whether a total is part of `expr`."""
    pending = [expr]
    while pending:  # not by `walk`: it is asked of every claim
        part = pending.pop()
        if isinstance(part, Total):
            return True
        pending += children(part)
    return False


def _decide(expr: Expr, asked: Same, answer: Expr) -> Expr:
    if expr == asked:
        return answer
    return map_children(expr, lambda child: _decide(child, asked, answer))


def totals_of(exprs: Iterable[Expr]) -> tuple[Total, ...]:
    """The distinct totals in `exprs`, which must have been split.

    Raises:
        UnsupportedTotal: a term depends on more than the state and its own member.
    """
    found = dict.fromkeys(part for expr in exprs for part in walk(expr) if isinstance(part, Total))
    for total in found:
        require_closed(total)
    return tuple(found)


def require_closed(total: Total) -> None:
    """Make sure that a total depends on the state and its own member alone.

    Raises:
        UnsupportedTotal: it does not.
    """
    if not is_closed(total):
        raise UnsupportedTotal("the term of a sum or count may read only its own member and plain variables")


def is_closed(total: Total) -> bool:
    """Whether the term of a total, in the spelling of `split`, depends on the state and its own member alone."""
    return all(_is_closed_part(part) for part in walk(total.term))


def _is_closed_part(part: Expr) -> bool:
    match part:
        case Field(member, _, _, _, old):
            return member == ANY_MEMBER and not old
        case Variable(_, _, old):
            return not old
        case Parameter() | Quantified() | Total() | Same():
            return False
        case _:
            return True


def facts(
    totals: Iterable[Total],
    compare: Iterable[tuple[Total, Total]] = (),
    named: Iterable[tuple[str, str]] = (),
    *,
    in_range: bool = True,
) -> Iterator[Expr]:
    """What may be assumed of `totals` (*sign*, *addition*), and of the pairs in `compare` (*comparison*).

    Of two members together it is said where one of them is in `named`, as family and name. Where it is not known that
    everything is `in_range`, a declared range says nothing of the sign of a term.
    """
    members, listed = tuple(named), tuple(totals)
    for total in listed:
        if not never_negative(total.term):
            nothing = _all(total.family, Binary(Op.EQ, total.term, ZERO))
            yield Binary(Op.IMPLIES, nothing, Binary(Op.EQ, total, ZERO))
            continue
        signs = _signs(total, [name for family, name in members if family == total.family])
        if in_range:
            yield from signs
        else:
            positive = _all(total.family, Binary(Op.GE, total.term, ZERO))
            yield from (Binary(Op.IMPLIES, positive, fact) for fact in signs)
    for whole, left, right in additions(listed):
        adds_up = _all(whole.family, Binary(Op.EQ, whole.term, Binary(Op.ADD, left.term, right.term)))
        yield Binary(Op.IMPLIES, adds_up, Binary(Op.EQ, whole, Binary(Op.ADD, left, right)))
    for left, right in compare:
        for low, high in ((left, right), (right, left)):
            below = _all(low.family, Binary(Op.LE, low.term, high.term))
            yield Binary(Op.IMPLIES, below, Binary(Op.LE, low, high))
            somewhere = _any(low.family, Binary(Op.LT, low.term, high.term))
            yield Binary(Op.IMPLIES, both(below, somewhere), Binary(Op.LT, low, high))


def _signs(total: Total, named: Iterable[str]) -> Iterator[Expr]:
    """What holds of a total whose term is nowhere negative."""
    yield Binary(Op.GE, total, ZERO)
    yield _all(total.family, Binary(Op.LE, total.term, total))
    for name in named:
        together = Binary(Op.ADD, total.term, rename_member(total.term, ANY_MEMBER, name))
        is_other = Binary(Op.LE, together, total)
        yield _all(total.family, either(same(ANY_MEMBER, name, total.family), is_other))
    yield Binary(Op.IMPLIES, Binary(Op.GT, total, ZERO), _any(total.family, Binary(Op.GT, total.term, ZERO)))


def never_negative(term: Expr) -> bool:
    """Whether the term's declared ranges alone keep it from being negative."""
    match term:
        case Literal(value):
            return int(value) >= 0
        case Field(type=IntType(low)) | Variable(type=IntType(low)):
            return low is not None and low >= 0
        case IfElse(_, then, otherwise):
            return never_negative(then) and never_negative(otherwise)
        case Binary(Op.ADD, left, right):
            return never_negative(left) and never_negative(right)
        case Scale(factor, arg):
            return factor >= 0 and never_negative(arg)
        case _:
            return False


def _all(family: str, claim: Expr) -> Expr:
    return Quantified(Quantifier.ALL, ANY_MEMBER, family, claim)


def _any(family: str, claim: Expr) -> Expr:
    return Quantified(Quantifier.ANY, ANY_MEMBER, family, claim)
