"""Looks into assumptions of actions: whether each can be met at all, whether it is needed, and which run breaks it.

An assumption that contradicts the guard or the promises would make every proof about its action true and worthless. So
each one is shown to be met by some step that a run reaches, or it is an error.
"""

from collections.abc import Callable
from dataclasses import replace

from quiesce.kernel.batches import state_batch
from quiesce.kernel.kinds import Obligation
from quiesce.kernel.problem import Problem
from quiesce.kernel.subjects import Assumed
from quiesce.prove.results import Result, Verdict
from quiesce.prove.search.bounded import Disagreement
from quiesce.prove.search.search_outcomes import Found, NotFound, Outcome, looked
from quiesce.prove.search.targets import Target
from quiesce.prove.search.walk import Walk
from quiesce.prove.solving.cache import Checker
from quiesce.spec.arguments import argument_scopes
from quiesce.spec.interpreter import evaluate, holds
from quiesce.spec.meaning.formulas import guard
from quiesce.spec.meaning.totals import split
from quiesce.spec.model import TRUE, Action, Assumption, Expr, Machine, Not
from quiesce.spec.record import record
from quiesce.spec.state import Run

CONTRADICTION = "contradicts the guard and the promises: every proof about this action would be empty"
NEEDLESS = "needless: the guard and the promises say as much, and nothing rests on it"


@record
class Audit:
    """Looks into the assumptions of one problem; `search` looks for a run to a target."""

    problem: Problem
    solver: Checker
    search: Callable[[Target], Outcome]

    def result(self, obligation: Obligation, walk: Walk) -> Result:
        """The verdict on one assumption, with a run that meets it, and everything that stands before it."""
        if not isinstance(obligation.about, Assumed):
            raise TypeError(f"{obligation.id} is about no assumption")
        action, number = self.problem.machine.actions_by_name[obligation.about.action], obligation.about.number
        run = next((walk.run_through(step) for step in walk.steps if step.action == action.name), None)
        if run is None and self._never(action, _guard_with_first(self.problem, action, number)):
            return Result(obligation, Verdict.ERROR, detail=CONTRADICTION)
        if run is None:
            try:
                outcome = self._searched(action, number)
            except Disagreement as error:
                return Result(obligation, Verdict.ERROR, detail=str(error))
            if not isinstance(outcome, Found):
                return Result(obligation, Verdict.UNKNOWN, detail=looked(outcome, "meets it"))
            run = outcome.run
        return Result(obligation, Verdict.PROVED, detail=self._detail(action, number, walk), run=run)

    def _searched(self, action: Action, number: int) -> Found | NotFound:
        """A run in which the action happens; or else one after which it could, were it not for later assumptions."""
        outcome = self.search(Target(TRUE, actions=(action.name,)))
        if not isinstance(outcome, Found) and number < len(action.assumes):
            outcome = self.search(Target(_guard_with_first(self.problem, action, number), action.parameters))
        return outcome

    def _detail(self, action: Action, number: int, walk: Walk) -> str:
        claim = action.assumes[number - 1].claim
        needed = self._is_seen_broken(action, number, walk)
        if not needed and self._never(action, _guard_with_first(self.problem, action, number - 1), Not(claim)):
            return NEEDLESS
        return action.assumes[number - 1].because

    def _is_seen_broken(self, action: Action, number: int, walk: Walk) -> bool:
        """Whether some state of a walk, with some arguments, breaks the assumption and nothing before it."""
        before = [*action.when, *(assumption.claim for assumption in action.assumes[: number - 1])]
        claim = action.assumes[number - 1].claim
        return any(
            all(evaluate(part, scope) for part in before) and not evaluate(claim, scope)
            for state in walk.states
            for scope in argument_scopes(self.problem.machine, state, action.parameters)
        )

    def _never(self, action: Action, *claims: Expr) -> bool:
        """Whether the promises exclude, for any number of members, a state and arguments in which all of this holds."""
        *where, last = claims
        goal = ("never", Not(split(last)))
        [check] = self.solver.check(state_batch(self.problem, [goal], action.parameters, where))
        return check.proved


def _guard_with_first(problem: Problem, action: Action, number: int) -> Expr:
    """The guard of the action with its first assumptions alone."""
    return guard(problem.machine, replace(action, assumes=action.assumes[:number]))


def first_broken(machine: Machine, run: Run) -> tuple[int, Assumption] | None:
    """The first step of a run, counted from 1, that breaks what its action assumes in `machine`."""
    for number, (move, before) in enumerate(zip(run.moves, run.states, strict=False), 1):
        action = machine.actions_by_name[move.action]
        for assumption in action.assumes:
            if not holds(assumption.claim, before, None, action.parameters, move.arguments):
                return number, assumption
    return None
