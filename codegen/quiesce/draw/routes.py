"""The routes of arrows from one layer to the next: down, along a track of their own, and down again."""

from collections.abc import Sequence

from quiesce.spec.record import record

TRACK = 12
_COLLINEAR = 1000  # as bad as this many crossings: two arrows on one another cannot be told apart
NEAR = 6
"""Lines less than this many pixels apart count as one on the other."""


@record
class Crosser:
    """A stretch of an arrow between two layers, by its x above and its x below."""

    top: int
    bottom: int

    @property
    def straight(self) -> bool:
        """Whether this stretch of an arrow needs no track."""
        return self.top == self.bottom

    def spans(self, x: int) -> bool:
        """Whether the track of this stretch passes over this x."""
        return min(self.top, self.bottom) - NEAR < x < max(self.top, self.bottom) + NEAR

    def meets(self, other: "Crosser") -> bool:
        """Whether two stretches on one track would touch."""
        return self.spans(other.top) or self.spans(other.bottom) or other.spans(self.top)


def tracks(crossers: Sequence[Crosser]) -> list[int | None]:
    """The track of each stretch, 0 being the uppermost; None for a straight one.

    The order is chosen greedily: next comes the stretch that is best placed above all that are left.
    """
    remaining = [number for number, crosser in enumerate(crossers) if not crosser.straight]
    result: list[int | None] = [None] * len(crossers)
    placed: list[int] = []
    while remaining:
        best = min(remaining, key=lambda number: (_regret(number, remaining, crossers), number))
        remaining.remove(best)
        levels = (result[other] for other in placed if crossers[other].meets(crossers[best]))
        result[best] = max((level + 1 for level in levels if level is not None), default=0)
        placed.append(best)
    return result


def _regret(number: int, others: Sequence[int], crossers: Sequence[Crosser]) -> int:
    upper = crossers[number]
    return sum(_cost(upper, crossers[o]) - _cost(crossers[o], upper) for o in others if o != number)


def _cost(upper: Crosser, lower: Crosser) -> int:
    """The cost of one arrow running above the other."""
    crossings = upper.spans(lower.top) + lower.spans(upper.bottom)
    return crossings + (_COLLINEAR if abs(upper.bottom - lower.top) < NEAR else 0)
