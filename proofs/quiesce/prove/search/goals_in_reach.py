"""Ways through the steps of a walk, asked backwards: from which states a goal is reached. States are numbers."""

from collections.abc import Iterable

from quiesce.prove.search.graphs import Graph
from quiesce.prove.search.walk import Walk


def reaching(walk: Walk, goal: Iterable[int]) -> frozenset[int]:
    """The states from which steps of the walk, one after the other, lead to a state of `goal`, and those of `goal`."""
    backwards = Graph(((step.after, step.before) for step in walk.steps), range(len(walk.states)))
    return frozenset(backwards.breadth_first(tuple(dict.fromkeys(goal))))


def dead_ends(walk: Walk, goal: Iterable[int]) -> tuple[int, ...]:
    """States that were looked at, from which no steps of the walk lead to `goal`, in the order in which they were met.

    A way may lead on from a state that was not looked at. So these are worth a proof, but prove nothing.
    """
    return tuple(sorted(walk.looked_at - reaching(walk, goal)))


def lost(walk: Walk, goal: Iterable[int]) -> tuple[int, ...]:
    """States without a way to `goal`, wherever the walk stopped looking: it went on from all that follows them."""
    unknown = (number for number in range(len(walk.states)) if number not in walk.looked_at)
    return tuple(sorted(walk.looked_at - reaching(walk, [*goal, *unknown])))
