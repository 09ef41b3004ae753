"""All states that a small instance of a machine can reach, by the interpreter alone."""

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from quiesce.spec.arguments import Enumerator
from quiesce.spec.interpreter import Branch, initial_states, step_with_branches
from quiesce.spec.model import Action, IntType, Machine
from quiesce.spec.state import Arguments, Move, Run, State

INTEGERS = (0, 1, 2, -1)
"""The integers tried as arguments."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One step between states given by their number."""

    before: int
    action: Action
    arguments: Arguments
    branches: frozenset[Branch]
    after: int


@dataclass(frozen=True)
class Space:
    """States in breadth-first order, the starts first, and every step from those that were expanded.

    `first` is the number of the step that first led to a state. Every step from those in `expanded` is there. It is
    `complete` if no state was left out for want of room.
    """

    machine: Machine
    members: int
    states: tuple[State, ...]
    starts: int
    edges: tuple[Edge, ...]
    first: Mapping[int, int]
    expanded: frozenset[int]
    complete: bool

    def run_to(self, number: int) -> Run:
        """A shortest run to a state."""
        moves: list[Move] = []
        while (edge_number := self.first.get(number)) is not None:
            edge = self.edges[edge_number]
            moves.append(Move(edge.action.name, edge.arguments, self.states[number]))
            number = edge.before
        return Run(self.states[number], tuple(reversed(moves)))

    def run_through(self, edge: Edge) -> Run:
        """A shortest run that ends with a step."""
        run = self.run_to(edge.before)
        return Run(run.start, (*run.moves, Move(edge.action.name, edge.arguments, self.states[edge.after])))

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


def space(
    machine: Machine, members: int, limit: int, expand: Callable[[State], bool], starts: Iterable[State] | None = None
) -> Space:
    """The space of an instance, or of what can be reached from other `starts`; at most `limit` states are met."""
    states = list(initial_states(machine, members) if starts is None else starts)
    count = len(states)
    numbers: dict[Hashable, int] = {state.key(): number for number, state in enumerate(states)}
    edges: list[Edge] = []
    first: dict[int, int] = {}
    expanded: set[int] = set()
    enumerator = Enumerator(machine, INTEGERS)
    queue = deque(range(count))
    complete = True
    while queue and complete:
        before = queue.popleft()
        if not expand(states[before]):
            continue
        for action, arguments in enumerator.enabled(states[before]):
            after, branches = step_with_branches(machine, states[before], action, arguments)
            number = numbers.get(after.key())
            if number is None:
                if len(states) >= limit:
                    complete = False
                    break
                number = len(states)
                numbers[after.key()] = number
                states.append(after)
                first[number] = len(edges)
                queue.append(number)
            edges.append(Edge(before, action, arguments, branches, number))
        if complete:
            expanded.add(before)
    return Space(machine, members, tuple(states), count, tuple(edges), first, frozenset(expanded), complete)


def reached(sources: Iterable[int], neighbours: Mapping[int, list[int]]) -> frozenset[int]:
    """Everything that can be reached from `sources`, these included."""
    found = set(sources)
    pending = list(found)
    while pending:
        for number in neighbours.get(pending.pop(), ()):
            if number not in found:
                found.add(number)
                pending.append(number)
    return frozenset(found)


def tries_every_argument(machine: Machine) -> bool:
    """Whether the integers that are tried are all that any action can be given."""
    types = [parameter.type for action in machine.actions for parameter in action.parameters]
    return all(
        type_.low is not None and type_.high is not None and set(range(type_.low, type_.high + 1)) <= set(INTEGERS)
        for type_ in types
        if isinstance(type_, IntType)
    )
