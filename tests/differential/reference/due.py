"""Where activities are due, and the steps that end it: one state, or one step, at a time."""

from collections.abc import Iterator

from tests.differential.reference.lifecycle import Action, Given, Lifecycle, One, State


def member_of(life: Lifecycle, name: str, given: Given) -> int | None:
    """The member that an activity is of, among what an outcome of it, or the call that it answers, is given."""
    parameter = life.member_of_activity(name)
    if parameter is None:
        return None
    member = given[parameter.name]
    assert isinstance(member, int)
    return member


def ended(life: Lifecycle, action: Action, given: Given, before: State, after: State) -> list[str]:
    """The activities, perhaps of another member, that a step takes the place from, and is no outcome of."""
    found = []
    for name in life.activities:
        taken = life.due(name, before) - life.due(name, after)
        if action.ends == name:
            taken.discard(member_of(life, name, given))
        if taken:
            found.append(name)
    return found


def due_when_gone(life: Lifecycle, state: State) -> Iterator[tuple[str, int]]:
    """The activities that are due of some member that is gone, each with its line."""
    for name, outcomes in life.activities.items():
        parameter = life.member_of_activity(name)
        if parameter is None or not isinstance(parameter.domain, One):
            continue
        place = [family.name for family in life.families].index(parameter.domain.family)
        fields = life.families[place].fields
        members = (state.families[place][member] for member in life.due(name, state) if member is not None)
        if any(all(f.persistent or v == f.initial for f, v in zip(fields, m, strict=True)) for m in members):
            # A spec that is still being written may have outcomes that fail alone.
            yield name, next((action.line for action in outcomes if not action.failing), outcomes[0].line)
