"""Runs that reach a target: looked for where it is cheapest first, and as far as the effort goes.

A walk that was made anyway may hold one; the solver then searches for shorter ones. What a solver with a few members
does not find is looked for on the interpreter, then with no members at all, and at last with more. Shortest runs that
were found before are replayed.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

from quiesce.kernel.problem import Problem
from quiesce.prove.search.bounded import MEMBERS, Search
from quiesce.prove.search.directed import directed
from quiesce.prove.search.search_outcomes import Cut, Excluded, Found, NotFound, Outcome, together
from quiesce.prove.search.targets import Target, ends_in
from quiesce.prove.search.walk import Step, Walk
from quiesce.prove.solving.engine import Engine
from quiesce.spec.arguments import argument_scopes
from quiesce.spec.interpreter import holds
from quiesce.spec.state import Arguments, State

GLANCE, PATIENCE = 8, 200
"""How many states a search on the interpreter goes on from without coming closer: at a glance, and in earnest."""


class Walks(Protocol):
    """Walks that are made when they are first asked for."""

    @property
    def quick(self) -> Walk:
        """A short walk, which is often enough."""


class Runs:
    """Runs of one machine from its start. No question is searched for twice.

    Of `walks` through the same machine the quick one is looked at.
    """

    def __init__(self, problem: Problem, engine: Engine, walks: Walks) -> None:
        self._problem = problem
        self._engine = engine
        self._effort = engine.effort
        self._walks = walks
        self._machine = repr(problem.machine) if engine.remembers else ""
        self._searches: dict[int, Search] = {}
        self._answers: dict[tuple[Target, int], Outcome] = {}
        self._glances: dict[Target, Found | None] = {}
        self._met = 0

    @property
    def _walk(self) -> Walk:
        return self._walks.quick

    @property
    def spent(self) -> int:
        """The cost of the searches so far, in units of `rlimit`."""
        return sum(search.spent for search in self._searches.values())

    @property
    def exhausted(self) -> bool:
        """Whether the searches have cost all that those of one report may cost."""
        return self.spent >= self._effort.searches

    def find(self, target: Target, depth: int | None = None) -> Outcome:
        """A run that reaches the target, a shortest one if that can be shown.

        The solver looks for runs of up to `depth` steps, or as many as the effort says. With 0 the start alone counts;
        otherwise a longer run that is found by other means will do.

        Raises:
            Disagreement: the interpreter does not confirm the run.
        """
        steps = self._effort.depth if depth is None else depth
        question = target, steps
        if question not in self._answers:
            self._answers[question] = self._remembered(target, steps) or self._found(target, steps)
        return self._answers[question]

    def glance(self, target: Target) -> Found | None:
        """A run that is found at little cost; None if there is none, or none was found.

        Raises:
            Disagreement: the interpreter does not confirm the run.
        """
        if (known := self.seen(target) or self._remembered(target, self._effort.depth)) is not None:
            return known
        if target not in self._glances:
            outcome = self._shortest(target, self._effort.glance, min(MEMBERS, self._effort.members))
            self._glances[target] = outcome if isinstance(outcome, Found) else self._directed(target, GLANCE)
        return self._glances[target]

    def any(self, target: Target) -> Outcome:
        """A run that reaches the target, however long, found where that is cheapest; else as `find` says.

        Raises:
            Disagreement: the interpreter does not confirm the run.
        """
        return self.seen(target) or self._directed(target, PATIENCE) or self.find(target)

    def seen(self, target: Target, depth: int | None = None) -> Found | None:
        """The shortest run of the walk that reaches the target. It costs no solver anything."""
        ends = self._ends(target) if target.actions is None else self._steps(target)
        found = min(ends, key=lambda end: end[0], default=None)
        if found is None or (depth == 0 and found[0] > 0):
            return None
        length, end, arguments = found
        run = self._walk.run_to(end) if isinstance(end, int) else self._walk.run_through(end)
        return Found(run, arguments, shortest=length == int(target.needs_step))

    def _ends(self, target: Target) -> Iterator[tuple[int, int | Step, Arguments]]:
        """How far each state is that the target asks for, its number, and the arguments that the target speaks of."""
        for number, state in enumerate(self._walk.states):
            arguments = self._arguments(target, state, None, {})
            if arguments is not None:
                yield self._walk.depths[number], number, arguments

    def _steps(self, target: Target) -> Iterator[tuple[int, int | Step, Arguments]]:
        """The same for each last step that the target asks for."""
        for step in self._walk.steps:
            if step.action in (target.actions or ()):
                before, after = self._walk.states[step.before], self._walk.states[step.after]
                arguments = self._arguments(target, after, before, step.arguments if target.given else {})
                if arguments is not None:
                    yield self._walk.depths[step.before] + 1, step, arguments

    def _arguments(self, target: Target, state: State, before: State | None, given: Arguments) -> Arguments | None:
        """Arguments from small domains for which a state is what the target asks for."""
        parameters = (*target.parameters, *target.given)
        for scope in argument_scopes(self._problem.machine, state, target.parameters):
            chosen = {**scope.parameters, **scope.members}
            if holds(target.claim, state, before, parameters, {**chosen, **given}):
                return chosen
        return None

    def _found(self, target: Target, depth: int) -> Outcome:
        seen = self.seen(target, depth) or (self._glances.get(target) if depth else None)
        few = min(MEMBERS, self._effort.members)
        if seen is not None:
            length = len(seen.run.moves)
            shorter = Excluded(()) if seen.shortest else self._shortest(target, min(depth, length - 1), few)
            if isinstance(shorter, Found):
                return self._stored(target, depth, shorter)
            known = isinstance(shorter, Excluded) and length - 1 <= depth
            return self._stored(target, depth, replace(seen, shortest=known))
        outcome = self._shortest(target, depth, few)
        if isinstance(outcome, Found):
            return self._stored(target, depth, outcome)
        return self._elsewhere(target, depth, outcome)

    def _elsewhere(self, target: Target, depth: int, first: NotFound) -> Outcome:
        """A search by other means, and with other members, for a run that a solver with a few members has not found."""
        found = self._directed(target, PATIENCE) if depth else None
        if found is not None:
            return found
        parts = [first]
        few = min(MEMBERS, self._effort.members)
        numbers = (*range(few), self._effort.members) if self._problem.machine.families else ()
        for members in numbers:
            if members == few or (members > few and isinstance(first, Cut)):
                continue  # what is too much for a few members is so for more
            outcome = self._shortest(target, depth, members, self._effort.helping)
            if isinstance(outcome, Found):
                return outcome
            parts.append(outcome)
        return together(parts)

    def _shortest(self, target: Target, depth: int, members: int, most: int | None = None) -> Outcome:
        """The solver's find, within the rest of the budget for searches, but within `most`."""
        left = self._effort.searches - self.spent
        if members not in self._searches:
            self._searches[members] = Search(self._problem, self._engine.solver, members)
        return self._searches[members].shortest(target, depth, left if most is None else min(left, most))

    def _directed(self, target: Target, patience: int) -> Found | None:
        """A run that the interpreter finds by itself, while there are states left to be met."""
        left = min(self._effort.states, self._effort.all_states - self._met)
        outcome = directed(self._problem, target, left, patience)
        self._met += outcome.met
        return outcome.found

    # --- what was found before ---

    def _remembered(self, target: Target, depth: int) -> Found | None:
        """A shortest run that was stored. Of arguments that no step takes, nothing is."""
        if target.parameters or not self._engine.remembers:
            return None
        machine = self._problem.machine
        question = self._engine.question_of(self._text(target, depth))
        run = self._engine.cache.refuted(question, machine, lambda run: ends_in(run, target, {}))
        return None if run is None else Found(run, {}, shortest=True)

    def _stored(self, target: Target, depth: int, found: Found) -> Found:
        if found.shortest and not target.parameters and self._engine.remembers:
            machine = self._problem.machine
            question = self._engine.question_of(self._text(target, depth))
            self._engine.cache.store_refuted(question, machine, found.run, lambda run: ends_in(run, target, {}))
        return found

    def _text(self, target: Target, depth: int) -> str:
        return "\n".join(("a shortest run", self._machine, repr(target), str(depth), str(MEMBERS)))
