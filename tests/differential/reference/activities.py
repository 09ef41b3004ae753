"""What a machine owes because of its activities, on the states that were met: work lands, stays due, and answers.

An activity is due, of one member if its outcomes are given one, where the guard of one of its outcomes holds but for
the parts that name what the work returns.
"""

from collections.abc import Callable, Iterable, Iterator

from tests.differential.reference.due import ended, member_of
from tests.differential.reference.exploring import (
    INTEGERS,
    Edge,
    Space,
    arguments,
    has_newcomers,
    reached,
    tries_all,
)
from tests.differential.reference.lifecycle import Action, Lifecycle, State
from tests.differential.reference.meaning import About, Finding, Mentioned, union


def work(space: Space) -> Iterator[Finding]:
    """What is broken in one state, or by one step; of each thing and way, the first."""
    said, life = Mentioned(), space.life
    for number in sorted(space.expanded) if life.activities else ():
        for line, why in astray(life, space.states[number]):
            about, trusted = About("lands", line=line), number in space.trusted
            if said.is_new(about, trusted=trusted):
                yield Finding(about, why, space.run_to(number), trusted)
    for name in life.activities:
        if life.member_of_activity(name) is None and life.due(name, space.states[0]):
            about = About("not_at_first", f"{name}.not_at_first")
            yield Finding(about, f"{name} is due at the start", space.run_to(0))
    for edge in space.edges if life.activities else ():
        for name in ended(life, edge.action, edge.given, space.states[edge.before], edge.took.state):
            about, trusted = About("stays_due", name, edge.action.name), edge.before in space.trusted
            if said.is_new(about, trusted=trusted):
                why = f"the last step ends that {name} is due, and is no outcome of that"
                yield Finding(about, why, space.run_through(edge), trusted)


def astray(life: Lifecycle, state: State, integers: tuple[int, ...] = INTEGERS) -> Iterator[tuple[int, str]]:
    """Work that may end in a state where no outcome, or more than one, takes what came of it: line and reason."""
    for name, outcomes in life.activities.items():
        due = life.due(name, state)
        for given in arguments(life, state, union(outcomes), integers) if due else ():
            if member_of(life, name, given) not in due:
                continue
            for fails in (False, True):
                wanted = [action for action in outcomes if action.failing == fails]
                ways = [action.name for action in wanted if life.take(state, action, given) is not None]
                if wanted and len(ways) != 1:
                    yield wanted[0].line, f"{name} is due here, and ends with {dict(given)} in {ways}"


# --- answers -----------------------------------------------------------------------------------------------------


def unanswered(space: Space) -> Iterator[Finding]:
    """Calls that some run never answers, although the work ends, the time comes and all happens that is trusted."""
    for action in space.life.actions:
        if action.until:
            activity = activity_of_members(space.life, action)
            found = _of_members(space, action, activity) if activity else _by_all(space, action)
            yield from list(found)[:1]


def activity_of_members(life: Lifecycle, action: Action) -> str | None:
    """The activity of members whose outcomes answer a call, if that is how it is answered."""
    [activity, *others] = {life.action(name).ends for name in action.until}
    return activity if not others and activity and life.member_of_activity(activity) else None


def trusted(life: Lifecycle, action: Action) -> list[Action]:
    """The outcomes of the activities that answer a call, the timeouts that do, and what the call names as fair."""
    running = {life.action(name).ends for name in action.until} - {None}
    clocks = {name for name in action.until if life.action(name).word == "timeout"}
    return [a for a in life.actions if a.ends in running or a.name in action.fair | clocks]


def _of_members(space: Space, action: Action, activity: str) -> Iterator[Finding]:
    """Right after the call, or later before any outcome about this member, the work is not due of it."""
    life = space.life
    calls = [edge for edge in space.edges if edge.action is action]
    for member in sorted({member_of(life, activity, edge.given) or 0 for edge in calls}):

        def is_answer(edge: Edge, member: int = member) -> bool:
            return edge.action.ends == activity and member_of(life, activity, edge.given) == member

        after = (edge.after for edge in calls if member_of(life, activity, edge.given) == member)
        for number in sorted(_waiting(space, after, is_answer)):
            if member not in life.due(activity, space.states[number]):
                why = f"{activity} is not due here of {member}, of which {action.name} happened without an answer"
                yield Finding(About("answered", action.name, call=activity), why, space.run_to(number))


def _by_all(space: Space, action: Action) -> Iterator[Finding]:
    """A state where nothing that is trusted can happen, or a circle with something of that; and no answer between."""
    life, about = space.life, About("answered", action.name)
    fair = trusted(life, action)

    def is_answer(edge: Edge) -> bool:
        return edge.action.name in action.until

    region = _waiting(space, (edge.after for edge in space.edges if edge.action is action), is_answer)
    able = {edge.before for edge in space.edges if edge.action in fair}
    for number in sorted(region & space.expanded - able) if tries_all(fair) else ():
        if has_newcomers(life, space.states[number], fair):
            why = f"{action.name} was not answered, and nothing that is trusted can happen here"
            yield Finding(about, why, space.run_to(number))
    within = _edges(space, is_answer)
    for edge in space.edges:
        is_fair = edge.action in fair and edge.before in region and not is_answer(edge)
        if is_fair and edge.before in reached([edge.after], within):
            why = f"{action.name} is not answered while this run goes round for ever"
            yield Finding(about, why, space.run_through(edge))
            return


def _waiting(space: Space, after: Iterable[int], is_answer: Callable[[Edge], bool]) -> set[int]:
    """Everything that is reached by steps that are no answer."""
    return reached(after, _edges(space, is_answer))


def _edges(space: Space, is_answer: Callable[[Edge], bool]) -> dict[int, list[int]]:
    within: dict[int, list[int]] = {}
    for edge in space.edges:
        if not is_answer(edge):
            within.setdefault(edge.before, []).append(edge.after)
    return within
