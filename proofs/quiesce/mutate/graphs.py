"""Ways through the steps of a walk. States are numbers, as in the walk."""

from collections.abc import Iterable, Mapping

from quiesce.prove.search.walk import Step


def steps_from(steps: Iterable[Step]) -> dict[int, list[Step]]:
    """The steps that leave each state."""
    found: dict[int, list[Step]] = {}
    for step in steps:
        found.setdefault(step.before, []).append(step)
    return found


def way(start: int, end: int, leaving: Mapping[int, list[Step]]) -> tuple[Step, ...] | None:
    """A shortest way; empty from a state to itself, None if there is none."""
    first = {step.after: step for step in _first_steps(start, leaving)}
    steps: list[Step] = []
    state = end
    while state != start:
        if state not in first:
            return None
        steps.append(first[state])
        state = steps[-1].before
    return tuple(reversed(steps))


def _first_steps(start: int, leaving: Mapping[int, list[Step]]) -> list[Step]:
    """For each state but `start` that is reached, the step by which it is met first."""
    met, queue, found = {start}, [start], []
    for state in queue:
        for step in leaving.get(state, ()):
            if step.after not in met:
                met.add(step.after)
                queue.append(step.after)
                found.append(step)
    return found
