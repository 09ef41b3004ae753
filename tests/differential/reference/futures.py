"""Promises about all runs, and waits, that some run breaks."""

from collections.abc import Iterable, Iterator

from tests.differential.reference.exploring import Space, arguments, has_newcomers, reached, size_of, tries_all
from tests.differential.reference.lifecycle import Action, One, Promise
from tests.differential.reference.meaning import About, Finding


def futures(space: Space) -> Iterator[Finding]:
    """Promises about all runs that some run breaks."""
    for promise in space.life.promises:
        if promise.holds and promise.word == "recoverable":
            yield from _recovery(space, promise)
        if promise.holds and promise.word == "leads_to":
            yield from _leading(space, promise)
    for action in space.life.actions:
        if action.waits:
            yield from _waiting(space, action)


def _recovery(space: Space, promise: Promise) -> Iterator[Finding]:
    life = space.life
    if not space.complete or not tries_all(life.actions) or _may_be_brought(space):
        return
    goals = [n for n, state in enumerate(space.states) if life.says(promise, state)]
    lost = set(range(len(space.states))) - reached(goals, space.predecessors)
    for number in sorted(lost):
        ahead = reached([number], space.successors)
        if all(has_newcomers(life, space.states[n], life.actions) for n in ahead):
            why = f"from here no way leads to where {promise.name} holds"
            yield Finding(About("recoverable", promise.name), why, space.run_to(number))
            return


def _may_be_brought(space: Space) -> bool:
    """Whether callers or the world may hand over the first member of a family that has none here.

    A way back may need one, so what an instance without members has no way to says nothing about the world.
    """
    outside = (action for action in space.life.actions if action.word in ("call", "environment"))
    given = {p.domain.family for action in outside for p in action.parameters if isinstance(p.domain, One)}
    return any(size_of(space.life, space.states[0], family) == 0 for family in given)


def _leading(space: Space, promise: Promise) -> Iterator[Finding]:
    says = [space.life.says(promise, state) for state in space.states]
    about = About("leads_to", promise.name)
    waiting = [n for n, (trigger, goal) in enumerate(says) if trigger and not goal]
    inside = {n for n, (_, goal) in enumerate(says) if not goal}
    yield from _endless(space, about, promise.name, waiting, inside, promise.concerns)


def _waiting(space: Space, action: Action) -> Iterator[Finding]:
    """The wait of each caller; one with a new member is left out, as the member may be used meanwhile."""
    if any(isinstance(p.domain, One) and p.domain.new for p in action.parameters):
        return
    life, about = space.life, About("wait", action=action.name, line=action.line)
    for given in arguments(life, space.states[0], action.parameters):
        waiting = {n for n, state in enumerate(space.states) if life.take(state, action, given) is not None}
        why = f"the wait of {action.name} with {dict(given)}"
        yield from _endless(space, about, why, waiting, waiting, action.fair)


def _endless(
    space: Space, about: About, what: str, waiting: Iterable[int], inside: set[int], names: frozenset[str]
) -> Iterator[Finding]:
    """A state where nothing fair can happen, or a circle with a fair step; neither ever leaves `inside`."""
    life = space.life
    fair = [action for action in life.actions if action.name in names and action.moves]
    within = {n: [a for a in after if a in inside] for n, after in space.successors.items() if n in inside}
    region = reached((n for n in waiting if n in inside), within)
    able = {edge.before for edge in space.edges if edge.action in fair}
    if tries_all(fair):
        for number in sorted(region & space.expanded - able):
            if has_newcomers(life, space.states[number], fair):
                yield Finding(about, f"{what}: nothing fair can happen any more", space.run_to(number))
                break
    for edge in space.edges:
        is_fair = edge.action in fair and edge.before in region and edge.after in region
        if is_fair and edge.before in reached([edge.after], within):
            yield Finding(about, f"{what}: this run can go round for ever", space.run_through(edge))
            break
