"""What happens in runs through trusted states: actions, branches, values, and places where promises say something."""

from collections.abc import Iterator

from tests.differential.reference.exploring import Edge, Space
from tests.differential.reference.lifecycle import Choice, Lifecycle, Promise, State
from tests.differential.reference.meaning import About, Finding, Mentioned, asked_by_name


def shown(space: Space) -> Iterator[Finding]:
    """What happens in runs through trusted states; of each thing, the first."""
    life, said = space.life, Mentioned()
    edges = [edge for edge in space.edges if edge.before in space.trusted]
    for edge in edges:
        for about, why in _happening(edge):
            if said.is_new(about):
                yield Finding(about, why, space.run_through(edge))
    for number in sorted(space.trusted):
        for about in _values(life, space.states[number]):
            if said.is_new(about):
                yield Finding(about, "it is so here", space.run_to(number))
    for promise in life.promises:
        if promise.holds:
            yield from _situations(space, promise, edges)


def _happening(edge: Edge) -> Iterator[tuple[About, str]]:
    name = edge.action.name
    yield About("action", action=name, line=edge.action.line), f"{name} happens"
    for line, taken in edge.took.branches:
        yield About("then" if taken else "else", action=name, line=line), f"`if` goes {'in' if taken else 'past'}"


def _values(life: Lifecycle, state: State) -> Iterator[About]:
    for (_, variable), value in zip(life.scalars, state.scalars, strict=True):
        if isinstance(variable.domain, Choice):
            yield About("value", str(value), line=variable.line)
    for family, members in zip(life.families, state.families, strict=True):
        for place, declared in enumerate(family.fields):
            for value in {member[place] for member in members} if isinstance(declared.domain, Choice) else ():
                yield About("value", str(value), line=declared.line)


def _situations(space: Space, promise: Promise, edges: list[Edge]) -> Iterator[Finding]:
    """Where a promise says something. For one that names several calls or actions, each of these, as `call`."""
    life, why = space.life, f"{promise.name} applies"
    match promise.word:
        case "accepts" | "refuses" | "enabled":
            for name, actions in asked_by_name(life, promise):
                for edge in edges:
                    if edge.action in actions and life.says(promise, space.states[edge.before], edge.given):
                        yield Finding(About("applies", promise.name, call=name), why, space.run_through(edge))
                        break
        case "recoverable" | "pristine":
            says = [life.says(promise, state) for state in space.states]
            for edge in edges:
                if edge.action.moves and says[edge.after] and not says[edge.before]:
                    yield Finding(About("applies", promise.name), why, space.run_through(edge))
                    break
        case "leads_to":
            for number in sorted(space.trusted):
                trigger, goal = life.says(promise, space.states[number])
                if trigger and not goal:
                    yield Finding(About("applies", promise.name), why, space.run_to(number))
                    break
        case _:
            pass
