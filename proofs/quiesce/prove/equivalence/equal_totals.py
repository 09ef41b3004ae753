"""Totals that are equal because their terms are, so that the model's total and that of the code are one.

Code adds up what it knows, in terms of what it did before, so no two such totals are spelled alike. If their terms are
equal at every member of the family, then the totals are equal, and one may stand for the other. What is left of a total
of which a solver can be told nothing more is a number of which nothing is known: a claim holds that holds for any.
"""

from collections.abc import Callable, Iterable

from quiesce.spec.effects import ANY_MEMBER
from quiesce.spec.meaning.formulas import for_all
from quiesce.spec.meaning.totals import is_closed, split
from quiesce.spec.model import (
    INT,
    Expr,
    Field,
    Machine,
    Parameter,
    ParameterDecl,
    Quantified,
    Same,
    Total,
)
from quiesce.spec.record import record
from quiesce.spec.rewrite import children, equal, map_children, rename_member, walk

Proves = Callable[[Expr, tuple[ParameterDecl, ...]], bool]
"""Whether a claim is proved, under premises that are understood, whatever the numbers in it are."""


@record
class Settled:
    """Claims in which equal totals are one, and the numbers that stand for totals of which nothing is known."""

    claims: tuple[Expr, ...]
    numbers: tuple[ParameterDecl, ...]


def settled(machine: Machine, claims: Iterable[Expr], members: frozenset[str], proves: Proves) -> Settled:
    """The claims with as few totals as can be; `members` are the names that are known all over them.

    If what comes back holds, whatever the numbers are, then the claims hold.
    """
    listed = tuple(claims)
    found = dict.fromkeys(total for claim in listed for total in _free_totals(claim, members))
    chosen: dict[Expr, Expr] = {}
    apart: dict[Total, Expr] = {}
    numbers: list[ParameterDecl] = []
    for total in found:
        now = Total(total.bound, total.family, _with_totals_replaced(total.term, chosen))
        others = (other for other in apart if other.family == now.family)
        equals = (other for other in others if proves(_terms_alike(machine, other, now), tuple(numbers)))
        if (one := next(equals, None)) is not None:
            chosen[total] = apart[one]
            continue
        apart[now] = chosen[total] = now
        if not all(is_closed(part) for part in walk(split(now)) if isinstance(part, Total)):
            number = ParameterDecl(f"total.{len(numbers)}", INT, new=False, span=machine.span)
            numbers.append(number)
            apart[now] = chosen[total] = Parameter(number.name, INT)
    return Settled(tuple(_with_totals_replaced(claim, chosen) for claim in listed), tuple(numbers))


def _terms_alike(machine: Machine, left: Total, right: Total) -> Expr:
    """The claim that two totals over one family have equal terms at every member."""
    family = machine.families_by_name[left.family]
    terms = (rename_member(total.term, total.bound, ANY_MEMBER) for total in (left, right))
    return for_all(family, equal(*terms))


def _free_totals(expr: Expr, members: frozenset[str]) -> Iterable[Total]:
    """The totals that do not depend on a member that is bound around them; those inside another come before it."""
    for child in children(expr):
        yield from _free_totals(child, members)
    if isinstance(expr, Total) and _members_spoken_of(expr) <= members:
        yield expr


def _members_spoken_of(expr: Expr) -> frozenset[str]:
    """The members that an expression speaks of, but for those that it binds itself."""
    match expr:
        case Field(member):
            return frozenset({member})
        case Same(left, right):
            return frozenset({left, right})
        case Quantified(_, bound, _, body) | Total(bound, _, body):
            return _members_spoken_of(body) - {bound}
        case _:
            return frozenset(name for child in children(expr) for name in _members_spoken_of(child))


def _with_totals_replaced(expr: Expr, chosen: dict[Expr, Expr]) -> Expr:
    if isinstance(expr, Total) and expr in chosen:
        return chosen[expr]
    return map_children(expr, lambda child: _with_totals_replaced(child, chosen))
