"""A quick walk through the states that an instance with a few members can reach, on the interpreter alone.

It proves nothing by itself. It finds runs that show what can happen, and steps from which ranks are guessed; whatever
it misses, the solver's own search has to find.

A state is looked at only if some fact about it is new: a variable or field with that value (integers as 0, 1 or more)
in that location, or a policy there. Such searches grow with the number of facts, not of states (Lipovetzky and Geffner,
"Width and serialization of classical planning problems", ECAI 2012). Actions that never happened on the way are then
approached from the state in which most of their guard holds.
"""

from collections.abc import Hashable, Iterator
from functools import cached_property

from quiesce.kernel.problem import Problem
from quiesce.kernel.subjects import Location
from quiesce.spec.arguments import Enumerator, argument_scopes
from quiesce.spec.interpreter import Branch, Scope, evaluate, holds, initial_states, step_with_branches
from quiesce.spec.model import Action, Expr, Machine, Value
from quiesce.spec.record import record
from quiesce.spec.rewrite import conjuncts, needs_arguments
from quiesce.spec.state import Arguments, Move, Run, State

LIMIT = 500
"""How many states are looked at, at most."""


@record
class Step:
    """One step of the walk, between states given by their number; with the arms of `if` statements that it took."""

    before: int
    action: str
    arguments: Arguments
    branches: frozenset[Branch]
    after: int


@record
class Walk:
    """States in the order in which they were met, every step from those that were looked at, and where each came from.

    `first` gives, for each state that is no start, the number of the step that first led to it. `looked_at` are the
    states from which every step was tried; some of them have none.
    """

    problem: Problem
    states: tuple[State, ...]
    starts: int
    steps: tuple[Step, ...]
    first: dict[int, int]
    looked_at: frozenset[int]

    @cached_property
    def locations(self) -> tuple[Location, ...]:
        """The location of each state."""
        control = [variable.name for variable in self.problem.control]
        return tuple(tuple(str(state.scalars[name]) for name in control) for state in self.states)

    @cached_property
    def depths(self) -> tuple[int, ...]:
        """How many steps the shortest known run to each state has."""
        depths: list[int] = []
        for number in range(len(self.states)):
            first = self.first.get(number)
            depths.append(0 if first is None else depths[self.steps[first].before] + 1)
        return tuple(depths)

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


def explore(problem: Problem, *, thorough: bool = False) -> Walk:
    """Walk from every initial state until nothing new is found.

    Each family has as many members as some action takes at once, and at least one. A thorough walk has one more, and
    goes on as long as some member as a whole is new.
    """
    walker = _Walker(problem, thorough=thorough)
    walker.grow()
    if walker.wanted:
        walker.approach()
    return walker.walk()


class _Walker:
    def __init__(self, problem: Problem, *, thorough: bool) -> None:
        self._problem = problem
        self._thorough = thorough
        self._control = [variable.name for variable in problem.control]
        self._policies = [policy.name for policy in problem.machine.policies]
        self._enumerator = Enumerator(problem.machine)
        self._states = list(initial_states(problem.machine, _members_of_instance(problem.machine, more=int(thorough))))
        self._starts = len(self._states)
        self._numbers: dict[Hashable, int] = {state.key(): number for number, state in enumerate(self._states)}
        self._steps: list[Step] = []
        self._first: dict[int, int] = {}
        self._queue = list(range(self._starts))
        self._taken = 0
        self._looked_at: set[int] = set()
        self._known: set[Hashable] = set()
        for state in self._states:
            self._known.update(self._facts(state))
        self.wanted = {action.name for action in problem.machine.actions}
        self._idle = {action.name for action in problem.machine.actions} - {action.name for action in problem.moving}
        self._seen_idle: dict[tuple[Value, ...], set[str]] = {}

    def _facts(self, state: State) -> Iterator[Hashable]:
        yield from _facts(state, self._control, self._policies)
        if self._thorough:
            where = tuple(state.scalars[name] for name in (*self._control, *self._policies))
            for family, members in state.families.items():
                for index, member in enumerate(members):
                    yield where, family, index, tuple(_rough_value(value) for value in member.values())

    def grow(self) -> None:
        """Look at every state in the queue, and at those with something new that are found on the way."""
        while self._taken < len(self._queue):
            before = self._queue[self._taken]
            self._taken += 1
            for number in self._look_at(before):
                state = self._states[number]
                new = set(self._facts(state)) - self._known
                if new and len(self._queue) < LIMIT:
                    self._known |= new
                    self._queue.append(number)

    def approach(self) -> None:
        """Go on from states in which more of the guard of an action holds that has not happened yet."""
        machine = self._problem.machine
        for name in sorted(self.wanted):
            action = machine.actions_by_name[name]
            atoms = [atom for claim in action.guard for atom in conjuncts(claim)]
            plain = [atom for atom in atoms if not needs_arguments(atom)]
            about = [atom for atom in atoms if needs_arguments(atom)]
            best = -1
            fresh = list(range(len(self._states)))
            while name in self.wanted and fresh and len(self._queue) < LIMIT:
                rated = [
                    (_guard_parts_that_hold(machine, self._states[number], action, plain, about), number)
                    for number in fresh
                ]
                closest, number = max(rated, key=lambda pair: (pair[0], -pair[1]))
                if closest <= best:
                    break
                best = closest
                fresh = list(self._look_at(number))

    def _look_at(self, before: int) -> Iterator[int]:
        """Take every step from a state; the numbers of the states that are met for the first time.

        An action that changes nothing is taken once in each location.
        """
        state = self._states[before]
        self._looked_at.add(before)
        seen_idle = self._seen_idle.setdefault(tuple(state.scalars[name] for name in self._control), set())
        for action, arguments in self._enumerator.enabled(state, skip=seen_idle):
            self.wanted.discard(action.name)
            if action.name in self._idle:
                seen_idle.add(action.name)
            after, branches = step_with_branches(self._problem.machine, state, action, arguments)
            number = self._numbers.setdefault(after.key(), len(self._states))
            self._steps.append(Step(before, action.name, arguments, branches, number))
            if number == len(self._states):
                self._states.append(after)
                self._first[number] = len(self._steps) - 1
                yield number

    def walk(self) -> Walk:
        """The walk through all states that were met."""
        looked_at = frozenset(self._looked_at)
        return Walk(self._problem, tuple(self._states), self._starts, tuple(self._steps), self._first, looked_at)


def _members_of_instance(machine: Machine, more: int) -> dict[str, int]:
    return {
        family.name: more
        + max([1, *(sum(p.type == family.member for p in action.parameters) for action in machine.actions)])
        for family in machine.families
    }


def _facts(state: State, control: list[str], policies: list[str]) -> Iterator[Hashable]:
    where = tuple(state.scalars[name] for name in control)
    for policy in policies:
        yield where, policy, state.scalars[policy]
    for name, value in state.scalars.items():
        yield where, name, _rough_value(value)
    for family, members in state.families.items():
        for index, member in enumerate(members):
            for name, value in member.items():
                yield where, family, index, name, _rough_value(value)


def _guard_parts_that_hold(machine: Machine, state: State, action: Action, plain: list[Expr], about: list[Expr]) -> int:
    """How many parts of the action's guard hold, `plain` ones and those `about` arguments, for the best of these."""
    scopes = argument_scopes(machine, state, action.parameters)
    best = max((sum(bool(evaluate(atom, scope)) for atom in about) for scope in scopes), default=None)
    return 0 if best is None else best + sum(bool(evaluate(atom, Scope(state))) for atom in plain)


def _rough_value(value: Value) -> Value:
    return max(-1, min(value, 2)) if isinstance(value, int) and not isinstance(value, bool) else value
