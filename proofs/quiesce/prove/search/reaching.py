"""Ways through the steps of a walk, asked backwards: from which states a goal is reached. States are numbers."""

from collections.abc import Iterable

from quiesce.prove.search.walk import Walk


def reaching(walk: Walk, goal: Iterable[int]) -> frozenset[int]:
    """The states from which steps of the walk, one after the other, lead to a state of `goal`, and those of `goal`."""
    entering: dict[int, list[int]] = {}
    for step in walk.steps:
        entering.setdefault(step.after, []).append(step.before)
    queue = list(dict.fromkeys(goal))
    met = set(queue)
    for state in queue:
        for before in entering.get(state, ()):
            if before not in met:
                met.add(before)
                queue.append(before)
    return frozenset(met)


def dead_ends(walk: Walk, goal: Iterable[int]) -> tuple[int, ...]:
    """States that were looked at, from which no steps of the walk lead to `goal`, in the order in which they were met.

    A way may lead on from a state that was not looked at. So these are worth a proof, but prove nothing.
    """
    return tuple(sorted(walk.looked_at - reaching(walk, goal)))


def lost(walk: Walk, goal: Iterable[int]) -> tuple[int, ...]:
    """States without a way to `goal`, wherever the walk stopped looking: it went on from all that follows them."""
    unknown = (number for number in range(len(walk.states)) if number not in walk.looked_at)
    return tuple(sorted(walk.looked_at - reaching(walk, [*goal, *unknown])))
