"""Multipliers with which linear inequalities add up to a contradiction, by Fourier-Motzkin elimination."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import gcd

from quiesce.recheck.sums import Sum, add
from quiesce.recheck.terms import Term
from quiesce.spec.record import record

MOST = 2_000
"""How many inequalities may be derived before the search is given up."""


@record
class Row:
    """An inequality, and how often each given one went into it, by index."""

    sum: Sum
    times: Mapping[int, int]

    def factor(self, read: Term) -> int:
        """How often a read occurs."""
        return next((factor for term, factor in self.sum.coefficients if term == read), 0)


def contradiction(sums: Sequence[Sum]) -> Mapping[int, int] | None:
    """Positive multipliers, by index, with which some of `sums` add up to a positive number.

    If each of `sums` is at most zero, that is a contradiction. None if there is none over the rational numbers, or if
    the search becomes too long.
    """
    rows = [Row(part, {index: 1}) for index, part in enumerate(sums)]
    derived = 0
    while True:
        for row in rows:
            if not row.sum.coefficients and row.sum.constant > 0:
                return row.times
        rows = _strongest_rows(row for row in rows if row.sum.coefficients)
        if not rows:
            return None
        read = min(_reads_of_rows(rows), key=lambda read: _pairs_of_rows(rows, read))
        derived += _pairs_of_rows(rows, read)
        if derived > MOST:
            return None
        rows = list(_rows_without(read, rows))


def _reads_of_rows(rows: Iterable[Row]) -> Iterable[Term]:
    return dict.fromkeys(sorted((term for row in rows for term, _ in row.sum.coefficients), key=str))


def _pairs_of_rows(rows: Iterable[Row], read: Term) -> int:
    factors = [row.factor(read) for row in rows]
    return sum(factor > 0 for factor in factors) * sum(factor < 0 for factor in factors)


def _strongest_rows(rows: Iterable[Row]) -> list[Row]:
    """Of inequalities between the same reads, the one that implies the others."""
    best: dict[frozenset[tuple[Term, int]], Row] = {}
    for row in rows:
        known = best.get(row.sum.coefficients)
        if known is None or known.sum.constant < row.sum.constant:
            best[row.sum.coefficients] = row
    return list(best.values())


def _rows_without(read: Term, rows: Sequence[Row]) -> Iterator[Row]:
    """The inequalities that follow from `rows` and do not mention `read`."""
    for one in rows:
        up = one.factor(read)
        if up == 0:
            yield one
        if up <= 0:
            continue
        for other in rows:
            down = -other.factor(read)
            if down > 0:
                shared = gcd(up, down)
                yield _combined_rows(down // shared, one, up // shared, other)


def _combined_rows(times: int, one: Row, other_times: int, other: Row) -> Row:
    indices = sorted({*one.times, *other.times})
    return Row(
        add([(times, one.sum), (other_times, other.sum)]),
        {index: times * one.times.get(index, 0) + other_times * other.times.get(index, 0) for index in indices},
    )
