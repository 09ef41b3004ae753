"""Linear sums of integer terms, exactly."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import gcd

from quiesce.recheck.terms import Term


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of coefficient times term, none of them zero, plus a constant."""

    coefficients: frozenset[tuple[Term, int]]
    constant: int

    def plus(self, number: int) -> "Sum":
        """The sum of this and a number."""
        return Sum(self.coefficients, self.constant + number)

    def tightened(self) -> "Sum":
        """A sum that is at most zero exactly if this one is, with coprime coefficients.

        For integers, `g * rest + constant <= 0` says `rest <= floor(-constant / g)`.
        """
        divisor = gcd(*(factor for _, factor in self.coefficients)) or 1
        if divisor == 1:
            return self
        return Sum(
            frozenset((term, factor // divisor) for term, factor in self.coefficients), -(-self.constant // divisor)
        )


def add(parts: Iterable[tuple[int, Sum]]) -> Sum:
    """The sum of each factor times its part."""
    coefficients: dict[Term, int] = {}
    number = 0
    for factor, part in parts:
        number += factor * part.constant
        for term, coefficient in part.coefficients:
            coefficients[term] = coefficients.get(term, 0) + factor * coefficient
    return Sum(frozenset((term, factor) for term, factor in coefficients.items() if factor), number)


def negated(part: Sum) -> Sum:
    """A sum that is at most zero exactly if `part` is not."""
    return add([(-1, part)]).plus(1)
