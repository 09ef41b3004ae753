"""Guesses which totals are the sum of two others, by trying a few members; the solver is told what follows if so."""

from collections.abc import Iterable, Iterator
from itertools import combinations, islice, product

from quiesce.spec.effects import ANY_MEMBER
from quiesce.spec.interpreter import Scope, evaluate
from quiesce.spec.model import BoolType, EnumType, Expr, Field, IntType, ScalarType, Total, Value, Variable
from quiesce.spec.rewrite import walk
from quiesce.spec.state import State

SAMPLES = 200
"""How many members are tried, at most."""


def additions(totals: Iterable[Total]) -> Iterator[tuple[Total, Total, Total]]:
    """Totals of one family with two others that seem to make up each, member by member."""
    by_family: dict[str, list[Total]] = {}
    for total in totals:
        by_family.setdefault(total.family, []).append(total)
    for group in by_family.values():
        for whole in group if len(group) > 2 else ():
            others = [total for total in group if total != whole]
            yield from (
                (whole, left, right) for left, right in combinations(others, 2) if _terms_add_up(whole, left, right)
            )


def _terms_add_up(whole: Total, left: Total, right: Total) -> bool:
    terms = (whole.term, left.term, right.term)
    return all(
        _value_of_term(whole.term, scope) == _value_of_term(left.term, scope) + _value_of_term(right.term, scope)
        for scope in islice(_members_to_try(whole.family, terms), SAMPLES)
    )


def _value_of_term(term: Expr, scope: Scope) -> int:
    return int(evaluate(term, scope))


def _members_to_try(family: str, terms: Iterable[Expr]) -> Iterator[Scope]:
    """A member with each combination of a few values, in what the terms read of it and of the machine."""
    parts = {part for term in terms for part in walk(term) if isinstance(part, Variable | Field)}
    places = sorted(parts, key=lambda part: (isinstance(part, Field), part.name))
    for values in product(*(_few_values(place.type) for place in places)):
        chosen = list(zip(places, values, strict=True))
        scalars = {place.name: value for place, value in chosen if isinstance(place, Variable)}
        fields = {place.name: value for place, value in chosen if isinstance(place, Field)}
        yield Scope(State(scalars, {family: (fields,)}), members={ANY_MEMBER: 0})


def _few_values(type_: ScalarType) -> tuple[Value, ...]:
    match type_:
        case BoolType():
            return (False, True)
        case EnumType(_, values):
            return values
        case IntType():
            return (0, 1, 5)
