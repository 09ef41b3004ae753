"""All states that a small instance of a machine can reach, found by running its own text."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import NamedTuple

from tests.differential.reference.due import due_when_gone
from tests.differential.reference.lifecycle import (
    Action,
    Choice,
    Given,
    Lifecycle,
    One,
    Parameter,
    Promise,
    State,
    Took,
    Truth,
    Value,
    Whole,
)

INTEGERS = (0, 1, 2, -1)
"""The integers tried as arguments."""

SHARE = 0.7
"""The part of the room for states after which others than the trusted ones come first."""


class Move(NamedTuple):
    """One step of a run."""

    action: str
    given: Given
    state: State


@dataclass(frozen=True, slots=True)
class Run:
    """A start, and steps from there."""

    life: Lifecycle
    start: State
    moves: tuple[Move, ...] = ()

    @property
    def states(self) -> tuple[State, ...]:
        """All states, the start first."""
        return (self.start, *(move.state for move in self.moves))

    @property
    def end(self) -> State:
        """The last state."""
        return self.moves[-1].state if self.moves else self.start


class Edge(NamedTuple):
    """One step between states given by their number."""

    before: int
    action: Action
    given: Given
    took: Took
    after: int


@dataclass
class Space:
    """States in the order in which they were met, and what can happen in those that were looked into (`expanded`).

    The `trusted` states are reached through states alone in which all keeps its promises, and are such themselves.
    `tried` has what each action does with each choice of arguments, whether or not what it assumes holds.
    """

    life: Lifecycle
    sizes: tuple[int, ...]
    states: list[State]
    edges: list[Edge] = field(default_factory=list)
    first: dict[int, int] = field(default_factory=dict)
    expanded: set[int] = field(default_factory=set)
    trusted: set[int] = field(default_factory=set)
    tried: dict[int, list[tuple[Action, Given, Took]]] = field(default_factory=dict)
    complete: bool = True

    def run_to(self, number: int) -> Run:
        """A run to a state."""
        moves: list[Move] = []
        while (edge_number := self.first.get(number)) is not None:
            edge = self.edges[edge_number]
            moves.append(Move(edge.action.name, edge.given, self.states[number]))
            number = edge.before
        return Run(self.life, self.states[number], tuple(reversed(moves)))

    def run_through(self, edge: Edge) -> Run:
        """A run that ends with a step."""
        run = self.run_to(edge.before)
        return Run(self.life, run.start, (*run.moves, Move(edge.action.name, edge.given, edge.took.state)))

    @cached_property
    def successors(self) -> Mapping[int, list[int]]:
        """The states one step further."""
        found: dict[int, list[int]] = {}
        for edge in self.edges:
            found.setdefault(edge.before, []).append(edge.after)
        return found

    @cached_property
    def predecessors(self) -> Mapping[int, list[int]]:
        """The states one step before."""
        found: dict[int, list[int]] = {}
        for edge in self.edges:
            found.setdefault(edge.after, []).append(edge.before)
        return found


def explore(life: Lifecycle, sizes: tuple[int, ...], limit: int, starts: Iterable[State] | None = None) -> Space:
    """Search an instance, the trusted states first; at most `limit` states are met."""
    states = [life.start(sizes)] if starts is None else list(starts)
    space = Space(life, sizes, states)
    numbers = {state: number for number, state in enumerate(states)}
    good: deque[int] = deque()
    rest: deque[int] = deque()

    def enqueue(number: int, *, trusted: bool) -> None:
        if trusted and not faults(life, space.states[number]):
            space.trusted.add(number)
            good.append(number)
        else:
            rest.append(number)

    for number in range(len(states)):
        enqueue(number, trusted=True)
    while good or rest:
        # Trusted states may be without end; what follows from a broken promise is looked at, too.
        before = (good if good and (not rest or len(states) < limit * SHARE) else rest).popleft()
        tried = list(attempts(life, states[before]))
        for action, given, took in tried:
            if took.distrusted:
                continue
            after = numbers.get(took.state)
            if after is None:
                if len(states) >= limit:
                    space.complete = False
                    return space
                after = len(states)
                numbers[took.state] = after
                states.append(took.state)
                space.first[after] = len(space.edges)
                enqueue(after, trusted=before in space.trusted)
            space.edges.append(Edge(before, action, given, took, after))
        space.tried[before] = tried
        space.expanded.add(before)
    return space


def attempts(life: Lifecycle, state: State) -> Iterator[tuple[Action, Given, Took]]:
    """Every action whose guards hold, with every choice of arguments from small domains."""
    for action in life.actions:
        for given in arguments(life, state, action.parameters):
            took = life.take(state, action, given)
            if took is not None:
                yield action, given, took


def arguments(
    life: Lifecycle, state: State, parameters: Iterable[Parameter], integers: tuple[int, ...] = INTEGERS
) -> Iterator[Given]:
    """Every choice of arguments. No two new members are the same."""
    listed = list(parameters)
    fresh = [(p.name, p.domain.family) for p in listed if isinstance(p.domain, One) and p.domain.new]
    for chosen in product(*(values(life, state, p, integers) for p in listed)):
        given = {p.name: value for p, value in zip(listed, chosen, strict=True)}
        if len({(family, given[name]) for name, family in fresh}) == len(fresh):
            yield given


def values(life: Lifecycle, state: State, parameter: Parameter, integers: tuple[int, ...]) -> tuple[Value, ...]:
    """What is tried for one parameter."""
    match parameter.domain:
        case Truth():
            return (True, False)
        case Choice(chosen):
            return chosen
        case Whole(low, high):
            inside = tuple(n for n in integers if (low is None or low <= n) and (high is None or n <= high))
            return inside or ((low or high or 0),)
        case One(family, new):
            return tuple(n for n in range(size_of(life, state, family)) if not new or is_unused(life, state, family, n))


def size_of(life: Lifecycle, state: State, family: str) -> int:
    """How many members there are."""
    return len(state.families[_place(life, family)])


def is_unused(life: Lifecycle, state: State, family: str, member: int) -> bool:
    """Whether all fields of a member are as at the start."""
    place = _place(life, family)
    return state.families[place][member] == tuple(f.initial for f in life.families[place].fields)


def _place(life: Lifecycle, family: str) -> int:
    return next(number for number, found in enumerate(life.families) if found.name == family)


def tries_all(actions: Iterable[Action]) -> bool:
    """Whether the integers that are tried are all that any of the actions can be given."""
    domains = [p.domain for action in actions for p in action.parameters]
    return all(
        d.low is not None and d.high is not None and set(range(d.low, d.high + 1)) <= set(INTEGERS)
        for d in domains
        if isinstance(d, Whole)
    )


def has_newcomers(life: Lifecycle, state: State, actions: Iterable[Action]) -> bool:
    """Whether there are unused members enough for each of the actions.

    One always exists in the world; in an instance there may be none left, which then says nothing about the world.
    """
    for action in actions:
        wanted = [p.domain.family for p in action.parameters if isinstance(p.domain, One) and p.domain.new]
        for family in set(wanted):
            unused = sum(is_unused(life, state, family, n) for n in range(size_of(life, state, family)))
            if unused < wanted.count(family):
                return False
    return True


def with_newcomers(life: Lifecycle, state: State, more: int = 2) -> State:
    """The state with some more members that were never used."""
    fresh = [tuple(declared.initial for declared in family.fields) for family in life.families]
    families = (members + (new,) * more for members, new in zip(state.families, fresh, strict=True))
    return State(state.scalars, tuple(families))


def reached(sources: Iterable[int], neighbours: Mapping[int, list[int]]) -> set[int]:
    """Everything that can be reached from `sources`, these included."""
    found = set(sources)
    pending = list(found)
    while pending:
        for number in neighbours.get(pending.pop(), ()):
            if number not in found:
                found.add(number)
                pending.append(number)
    return found


# --- what has to hold of each state ------------------------------------------------------------------------------


def faults(life: Lifecycle, state: State) -> list[tuple[str, str, int]]:
    """The promises about each state, and the declared ranges, that a state breaks: kind, name and line."""
    found: list[tuple[str, str, int]] = []
    for promise in life.promises:
        if promise.word == "always" and promise.holds and not life.says(promise, state):
            found.append(("always", promise.name, promise.line))
        elif promise.word == "pristine" and promise.holds and not _is_kept(life, promise, state):
            found.append(("pristine", promise.name, promise.line))
    found += [("not_when_gone", f"{name}.not_when_gone", line) for name, line in due_when_gone(life, state)]
    for (name, variable), value in zip(life.scalars, state.scalars, strict=True):
        if not _in_range(variable.domain, value):
            found.append(("range", name, variable.line))
    for family, members in zip(life.families, state.families, strict=True):
        for place, declared in enumerate(family.fields):
            if not all(_in_range(declared.domain, member[place]) for member in members):
                found.append(("range", f"{family.name}.{declared.name}", declared.line))
    return found


def _is_kept(life: Lifecycle, promise: Promise, state: State) -> bool:
    """Whether a state is as new if a promise about releases speaks of it."""
    return is_pristine(life, state) or not life.says(promise, state)


def _in_range(domain: object, value: Value) -> bool:
    match domain, value:
        case Whole(low, high), int(number):
            return (low is None or low <= number) and (high is None or number <= high)
        case _:
            return True


def is_pristine(life: Lifecycle, state: State) -> bool:
    """Whether all that does not persist is as at the start."""
    return all(
        variable.persistent or value == variable.initial
        for (_, variable), value in zip(life.scalars, state.scalars, strict=True)
    ) and all(
        declared.persistent or member[place] == declared.initial
        for family, members in zip(life.families, state.families, strict=True)
        for place, declared in enumerate(family.fields)
        for member in members
    )
