"""What a machine owes to the layer below it, and to those above, as runs of both texts together show it.

*Below.* Each call to the layer is legal there, and every answer to it is dealt with: by an action that makes the same
call, with the same arguments, on behalf of the same caller. An action takes an answer as it comes; so whatever an
answer is, the same had been asked before it came.

*Above.* Where callers keep the contract that a machine offers, each of its answers is one that the contract has. What
the contract lets callers choose is theirs: if the machine chooses it, the caller may have given anything. A machine
whose calls may be answered by later steps is not judged here; it takes an enum variable to tell that one is under way.
"""

from collections.abc import Iterator
from itertools import product

from tests.differential.reference.exploring import INTEGERS, Edge, Space, arguments, values
from tests.differential.reference.lifecycle import Action, Choice, Given, Lifecycle, Parameter, State, Took, Value
from tests.differential.reference.meaning import About, Finding, union
from tests.differential.reference.words import Asked

OF_ONE_KIND = (("internal",), ("environment", "timeout"))
"""Steps of which each may come instead of another: the clock is a part of the world outside."""


def owed(space: Space) -> Iterator[Finding]:
    """All that is broken towards layers."""
    if space.life.layers:
        yield from _illegal(space)
        yield from _unanswered(space)
    if space.life.offers is not None and not any(isinstance(v.domain, Choice) for v in space.life.variables):
        yield from _not_offered(space, space.life.offers)


def _illegal(space: Space) -> Iterator[Finding]:
    for edge in space.edges:
        if edge.took.illegal:
            about = About("duty", action=edge.action.name)
            why = "the last step makes a call that its contract does not allow"
            yield Finding(about, why, space.run_through(edge), edge.before in space.trusted)


def _unanswered(space: Space) -> Iterator[Finding]:
    """Answers that nobody deals with."""
    life = space.life
    groups: list[tuple[str | None, list[Action]]] = [*life.calls.items()]
    groups += [(None, [a for a in life.actions if a.word in words]) for words in OF_ONE_KIND]
    groups += [(None, outcomes) for outcomes in life.activities.values()]
    for number in sorted(space.expanded):
        state = space.states[number]
        tried = space.tried[number]
        for call, outcomes in groups:
            chosen = [p for p in union(outcomes) if not p.answer] if call is not None else []
            for given in arguments(life, state, chosen):
                happening = [(a, took) for a, own, took in tried if a in outcomes and _agrees(own, given)]
                for action, took in happening:
                    for asked in took.asked:
                        if not took.distrusted and not _is_dealt_with(life, state, asked, happening):
                            why = f"{action.name} asks {asked} with {dict(given)}; no action deals with every answer"
                            about = About("duty", action=action.name)
                            yield Finding(about, why, space.run_to(number), number in space.trusted)
                            break


def _agrees(own: Given, given: Given) -> bool:
    return all(given.get(name, value) == value for name, value in own.items())


def _is_dealt_with(life: Lifecycle, state: State, asked: Asked, happening: list[tuple[Action, Took]]) -> bool:
    """Whether, for one of the calls that may have been made, each answer meets an action that makes the call.

    An outcome of the contract need not speak of all that the call is given; what it leaves out may be anything.
    """
    layer = life.layers[asked.layer]
    others = {
        (other.outcome, other.given) for _, took in happening for other in took.asked if other.layer == asked.layer
    }
    plain = {p.name for outcome in layer.actions for p in outcome.parameters if not p.answer}
    for call in layer.action(asked.outcome).calls:
        outcomes = layer.calls[call]
        fixed = {name: value for name, value in asked.given if name in plain}
        free = [p for p in union(outcomes) if not p.answer and p.name not in fixed]
        for more in _choices(layer, state, free):
            if all(
                any(_fits(outcome, {**fixed, **more, **answer}) in others for outcome in outcomes)
                for answer in _choices(layer, state, [p for p in union(outcomes) if p.answer])
            ):
                return True
    return False


def _choices(layer: Lifecycle, state: State, parameters: list[Parameter]) -> Iterator[Given]:
    for choice in product(*(values(layer, state, p, INTEGERS) for p in parameters)):
        yield {p.name: value for p, value in zip(parameters, choice, strict=True)}


def _fits(outcome: Action, given: Given) -> tuple[str, tuple[tuple[str, Value], ...]]:
    return outcome.name, tuple(sorted((p.name, given[p.name]) for p in outcome.parameters))


# --- above -------------------------------------------------------------------------------------------------------


def _not_offered(space: Space, contract: Lifecycle) -> Iterator[Finding]:
    life = space.life
    places = [[v.name for v in life.variables].index(v.name) for v in contract.variables]

    def counted(state: State) -> State:
        return State(tuple(state.scalars[place] for place in places), ())

    about = About("offer")
    for edge in space.edges:
        known = [call for call in edge.action.calls if call in contract.calls]
        if not known and counted(edge.took.state) != counted(space.states[edge.before]):
            why = "the last step changes what the contract counts, and is no call of it"
            yield Finding(about, why, space.run_through(edge), edge.before in space.trusted)
    for number in sorted(space.expanded):
        before = counted(space.states[number])
        for action, given, took in space.tried[number]:
            for call in action.calls if not action.waits else ():
                if call not in contract.calls:
                    continue
                odd = _foreign(life, contract, call, before, action, given, took.distrusted, counted(took.state))
                if odd is not None:
                    edge = Edge(number, action, given, took, number)
                    yield Finding(about, odd, space.run_through(edge), number in space.trusted)


def _foreign(
    life: Lifecycle,
    contract: Lifecycle,
    call: str,
    before: State,
    action: Action,
    given: Given,
    distrusted: bool,
    after: State,
) -> str | None:
    """Why the contract has no such answer to a caller who keeps it; None if it has."""
    outcomes = contract.calls[call]
    own = {p.name: p for outcome in life.calls[call] for p in outcome.parameters}
    callers = [p for p in union(outcomes) if not p.answer]
    fixed = {p.name: given[p.name] for p in callers if p.name in given and not own[p.name].answer}
    free = [p for p in callers if p.name not in fixed]
    answers = [p for p in union(outcomes) if p.answer]
    for more in _choices(contract, before, free):
        said = {**fixed, **more}
        ways = list(_ways(contract, before, outcomes, answers, said, given))
        if any(way.distrusted for _, way in ways):
            continue
        if distrusted:
            return f"{action.name} assumes more than the contract of {call} asks for"
        alike = [way for outcome, way in ways if outcome.fails == action.fails]
        if not any(way.state == after for way in alike):
            return f"{action.name} answers {call} with {said} as the contract does not"
    return None


def _ways(
    contract: Lifecycle, before: State, outcomes: list[Action], answers: list[Parameter], said: Given, given: Given
) -> Iterator[tuple[Action, Took]]:
    """What the contract knows of a call with these arguments, whatever the answer; the machine's own is tried, too."""
    domains = []
    for p in answers:
        own = (given[p.name],) if p.name in given else ()
        domains.append(tuple(dict.fromkeys((*values(contract, before, p, INTEGERS), *own))))
    for choice in product(*domains):
        full = {**said, **{p.name: value for p, value in zip(answers, choice, strict=True)}}
        for outcome in outcomes:
            took = contract.take(before, outcome, {p.name: full[p.name] for p in outcome.parameters})
            if took is not None:
                yield outcome, took
