"""What runs of a machine tell: promises that some run breaks, and things that some run shows.

An instance has a fixed number of members and few integers to give. So all that is said here is one-sided, and true
whatever lies outside the instance. What needs that *nothing* can happen (no way back, no fair step, no answer) is said
only where all arguments were tried, and where unused members are left for those who ask for one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from tests.differential.reference.exploring import (
    INTEGERS,
    Run,
    Space,
    arguments,
    faults,
)
from tests.differential.reference.lifecycle import (
    Action,
    Given,
    Lifecycle,
    Parameter,
    Promise,
    State,
    Truth,
    Value,
)


@dataclass(frozen=True, slots=True)
class About:
    """What something is said of. Of the fields, those are filled that the kind needs."""

    kind: str
    promise: str | None = None
    action: str | None = None
    call: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a run shows.

    It is `trusted` if all states but the last keep all that is promised: then no proof of a single step, or about a
    single state, could have assumed it away.
    """

    about: About
    why: str
    run: Run
    trusted: bool = True


def broken(space: Space) -> Iterator[Finding]:
    """What some run breaks, one state or step after the other; of each thing and way, the first."""
    yield from _invariants(space)
    yield from _steps(space)
    yield from _totals(space)
    yield from _outcomes(space)
    yield from _forgettable(space)


class Mentioned:
    """What was said already: a second run for it is of no use."""

    def __init__(self) -> None:
        self._said: set[tuple[About, bool]] = set()

    def is_new(self, about: About, *, trusted: bool = True) -> bool:
        """Whether this is said for the first time."""
        if (about, trusted) in self._said:
            return False
        self._said.add((about, trusted))
        return True


# --- states and steps --------------------------------------------------------------------------------------------


def _invariants(space: Space) -> Iterator[Finding]:
    wrong = [faults(space.life, state) for state in space.states]
    for kind, name, line in wrong[0]:
        yield Finding(About(kind, name, None, None, line), f"{name} does not hold at the start", space.run_to(0))
    for promise in space.life.promises:
        if promise.word == "initially" and promise.holds and not space.life.says(promise, space.states[0]):
            about = About("initially", promise.name)
            yield Finding(about, f"{promise.name} does not hold at the start", space.run_to(0))
    said = Mentioned()
    for edge in space.edges:
        trusted = edge.before in space.trusted
        for kind, name, line in wrong[edge.after]:
            about = About(kind, name, edge.action.name, None, line)
            if said.is_new(about, trusted=trusted):
                yield Finding(about, f"{name} does not hold after this run", space.run_through(edge), trusted)


def _steps(space: Space) -> Iterator[Finding]:
    said, life = Mentioned(), space.life
    for promise in life.promises:
        if promise.word == "step" and promise.holds:
            for edge in space.edges:
                if breaks_step(life, promise, edge.action, edge.given, space.states[edge.before], edge.took.state):
                    about = About("step", promise.name, edge.action.name if edge.action.moves else None)
                    why, trusted = f"the last step breaks {promise.name}", edge.before in space.trusted
                    if said.is_new(about, trusted=trusted):
                        yield Finding(about, why, space.run_through(edge), trusted)


def breaks_step(life: Lifecycle, promise: Promise, action: Action, given: Given, before: State, after: State) -> bool:
    """Whether a step breaks a promise about steps."""
    return action.name in promise.concerns and not life.says(promise, after, given, before)


def union(actions: Iterable[Action], more: Iterable[Parameter] = ()) -> list[Parameter]:
    """All parameters of some actions, each once."""
    return list({p.name: p for p in (*more, *(p for action in actions for p in action.parameters))}.values())


Key = tuple[str, frozenset[tuple[str, object]]]


def applying(space: Space, number: int) -> set[Key]:
    """The actions that can happen in a state, with what they are given, as far as `when` goes."""
    return {(action.name, frozenset(given.items())) for action, given, _ in space.tried[number]}


def _applies(known: set[Key], action: Action, given: Given) -> bool:
    return (action.name, frozenset((p.name, given[p.name]) for p in action.parameters)) in known


def _totals(space: Space) -> Iterator[Finding]:
    said = Mentioned()
    for number in sorted(space.expanded):
        known, trusted = applying(space, number), number in space.trusted
        for call, outcomes in space.life.calls.items():
            if (why := wrong_total(space.life, space.states[number], outcomes, known)) is not None:
                about = About("total", call=call, line=outcomes[0].line)
                if said.is_new(about, trusted=trusted):
                    yield Finding(about, f"{call} has {why} in this state", space.run_to(number), trusted)


def wrong_total(
    life: Lifecycle,
    state: State,
    outcomes: list[Action],
    known: set[Key] | None = None,
    integers: tuple[int, ...] = INTEGERS,
) -> str | None:
    """What is wrong with the outcomes of a call in a state, if anything is."""
    for given in arguments(life, state, union(outcomes), integers):
        if known is None:
            applying = [o.name for o in outcomes if life.take(state, o, given) is not None]
        else:
            applying = [o.name for o in outcomes if _applies(known, o, given)]
        if len(applying) != 1:
            return f"the outcomes {applying} with {dict(given)}" if applying else f"no outcome with {dict(given)}"
    return None


def _outcomes(space: Space) -> Iterator[Finding]:
    said = Mentioned()
    for promise in space.life.promises:
        if promise.word in ("accepts", "refuses", "enabled") and promise.holds:
            for number in sorted(space.expanded):
                if breaks_outcomes(space.life, promise, space.states[number], applying(space, number)):
                    why = f"{promise.name} holds here, and nothing that it asks for applies"
                    about, trusted = About(promise.word, promise.name), number in space.trusted
                    if said.is_new(about, trusted=trusted):
                        yield Finding(about, why, space.run_to(number), trusted)


def asked_for(life: Lifecycle, promise: Promise) -> Iterator[list[Action]]:
    """Of each of these lists of actions, one has to apply."""
    if promise.word == "enabled":
        yield from ([action] for action in life.actions if action.name in promise.concerns)
    for call in promise.calls:
        yield [a for a in life.calls.get(call, []) if a.fails == promise.fails and not a.waits]


def asked_by_name(life: Lifecycle, promise: Promise) -> Iterator[tuple[str, list[Action]]]:
    for number, actions in enumerate(asked_for(life, promise)):
        yield (promise.calls[number] if promise.calls else actions[0].name), actions


def breaks_outcomes(
    life: Lifecycle, promise: Promise, state: State, known: set[Key] | None = None, integers: tuple[int, ...] = INTEGERS
) -> bool:
    """Whether the promise holds of a state and some arguments, but nothing that it asks for applies to these."""
    for actions in asked_for(life, promise):
        for given in arguments(life, state, union(actions, promise.parameters), integers):
            if not life.says(promise, state, given):
                continue
            if known is None:
                applies = any(life.take(state, a, given) is not None for a in actions)
            else:
                applies = any(_applies(known, a, given) for a in actions)
            if not applies:
                return True
    return False


# --- members that are as new -------------------------------------------------------------------------------------

LOOKED_INTO = 8
"""States to which a member is added that is as new."""


def _forgettable(space: Space) -> Iterator[Finding]:
    life = space.life
    looking = list(life.actions)
    for number in sorted(space.expanded)[:LOOKED_INTO]:
        state = space.states[number]
        for place, family in enumerate(life.families):
            kept = (
                (f.initial, True) if f.persistent and isinstance(f.domain, Truth) else (f.initial,)
                for f in family.fields
            )
            for member in product(*kept):
                for action in list(looking):
                    if _makes_a_difference(life, state, place, member, action):
                        looking.remove(action)
                        why = f"one more member of {family.name}, which is as new, makes a difference to {action.name}"
                        yield Finding(About("forgettable", action=action.name), why, space.run_to(number))


def _makes_a_difference(life: Lifecycle, state: State, place: int, member: tuple[Value, ...], action: Action) -> bool:
    """Whether one more member changes what an action does with the same arguments, or is changed by it."""
    more = _with(state, place, member)
    for given in arguments(life, state, action.parameters):
        took, again = life.take(state, action, given), life.take(more, action, given)
        if (took is None) != (again is None):
            return True
        if took is not None and again is not None and _with(took.state, place, member) != again.state:
            return True
    return False


def _with(state: State, place: int, member: tuple[Value, ...]) -> State:
    families = list(state.families)
    families[place] = (*families[place], member)
    return State(state.scalars, tuple(families))
