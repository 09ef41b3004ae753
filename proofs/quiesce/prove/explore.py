"""A quick walk through the states that an instance with a few members can reach, on the interpreter alone.

It proves nothing by itself. It finds runs that show what can happen, and steps from which ranks are guessed; whatever
it misses, the solver's own search has to find.

A state is kept only if some fact about it is new: a variable or field with that value (integers as 0, 1 or more), in
that location and under that policy. Searches with this pruning are known as iterated width 1 (Lipovetzky and Geffner,
"Width and serialization of classical planning problems", ECAI 2012); they grow with the number of facts, not of states.
"""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import cached_property

from quiesce.prove.claims import Problem
from quiesce.prove.results import Location
from quiesce.spec.interpreter import Branch, enabled, holds, initial_states, step_with_branches
from quiesce.spec.model import Expr, Value
from quiesce.spec.state import Arguments, Move, Run, State

MEMBERS = 2
"""Members of each family: two, so that one may differ from the other."""

LIMIT = 2_000
"""How many states are looked at, at most."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the walk, between states given by their number; with the arms of `if` statements that it took."""

    before: int
    action: str
    arguments: Arguments
    branches: frozenset[Branch]
    after: int


@dataclass(frozen=True)
class Walk:
    """States in the order in which they were met, every step from those that were looked at, and where each came from.

    `first` gives, for each state that is no start, the number of the step that first led to it.
    """

    problem: Problem
    states: tuple[State, ...]
    starts: int
    steps: tuple[Step, ...]
    first: dict[int, int]

    @cached_property
    def locations(self) -> tuple[Location, ...]:
        """The location of each state."""
        control = [variable.name for variable in self.problem.control]
        return tuple(tuple(str(state.scalars[name]) for name in control) for state in self.states)

    def where(self, claim: Expr) -> tuple[bool, ...]:
        """Whether a claim holds, for each state."""
        return tuple(holds(claim, state) for state in self.states)

    def run_to(self, state: int) -> Run:
        """A shortest known run to a state."""
        moves: list[Move] = []
        while (number := self.first.get(state)) is not None:
            step = self.steps[number]
            moves.append(Move(step.action, step.arguments, self.states[state]))
            state = step.before
        return Run(self.states[state], tuple(reversed(moves)))

    def run_through(self, step: Step) -> Run:
        """A shortest known run that ends with a step."""
        run = self.run_to(step.before)
        return Run(run.start, (*run.moves, Move(step.action, step.arguments, self.states[step.after])))


def explore(problem: Problem, members: int = MEMBERS) -> Walk:
    """Walk from every initial state until nothing new is found."""
    machine = problem.machine
    control = [variable.name for variable in problem.control]
    policies = [policy.name for policy in machine.policies]
    states = list(initial_states(machine, members))
    starts = len(states)
    numbers: dict[Hashable, int] = {state.key(): number for number, state in enumerate(states)}
    known: set[Hashable] = set()
    steps: list[Step] = []
    first: dict[int, int] = {}
    queue = list(range(starts))
    for state in states:
        known.update(_facts(state, control, policies))
    for before in queue:
        for action, arguments in enabled(machine, states[before]):
            after, branches = step_with_branches(machine, states[before], action, arguments)
            number = numbers.setdefault(after.key(), len(states))
            steps.append(Step(before, action.name, arguments, branches, number))
            if number < len(states):
                continue
            states.append(after)
            first[number] = len(steps) - 1
            new = set(_facts(after, control, policies)) - known
            if new and len(queue) < LIMIT:
                known |= new
                queue.append(number)
    return Walk(problem, tuple(states), starts, tuple(steps), first)


def _facts(state: State, control: list[str], policies: list[str]) -> Iterator[Hashable]:
    where = tuple(state.scalars[name] for name in control)
    for policy in policies:
        yield where, policy, state.scalars[policy]
    for name, value in state.scalars.items():
        yield where, name, _rough(value)
    for family, members in state.families.items():
        for index, member in enumerate(members):
            for name, value in member.items():
                yield where, family, index, name, _rough(value)


def _rough(value: Value) -> Value:
    return min(value, 2) if isinstance(value, int) and not isinstance(value, bool) else value
