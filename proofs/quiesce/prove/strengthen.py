"""Invariants that nobody wrote, found where the promises alone do not carry a proof.

What a run breaks needs no helper, so runs are looked for first, as far as that is cheap. Then candidates from a walk
are thinned out until every action keeps all that remain. If they let more be proved, those that the proofs rest on are
kept and the others dropped. Where a machine has no families, Spacer is asked too; what is still open is tried by
induction over more than one step. Nothing found here is trusted: helpers get obligations of their own, like every
promise.
"""

from collections.abc import Sequence
from dataclasses import replace

from quiesce.kernel.batches import Batch, action_batch, state_batch
from quiesce.kernel.kinds import promise_of
from quiesce.kernel.problem import Problem
from quiesce.kernel.rules.induction import induction_batches
from quiesce.kernel.subjects import Preserved, StepKept, Subject, Waiting, WaitPossible, WaitProgress
from quiesce.prove.attempt import Attempt
from quiesce.prove.effort import Effort
from quiesce.prove.explain.counterexamples import target_of
from quiesce.prove.search.bounded import Disagreement
from quiesce.prove.search.candidates import candidates
from quiesce.prove.search.closed_set import Fact, balanced, closed
from quiesce.prove.search.goals_in_reach import lost
from quiesce.prove.search.runs import Runs
from quiesce.prove.search.spacer import scalar_invariants
from quiesce.prove.search.targets import Target
from quiesce.prove.search.waits_in_walk import never_moved
from quiesce.prove.search.walk import Walk
from quiesce.prove.solving.z3_solver import Solver
from quiesce.spec.interpreter import holds
from quiesce.spec.model import Expr, Recoverable, Step
from quiesce.spec.rewrite import reads_now

DEEPEST = 3
"""The most steps that a proof by induction looks at."""

MOST_SEQUENCES = 200
"""The largest number of sequences of actions that an induction may look at."""


def strengthened(attempt: Attempt, runs: Runs, effort: Effort) -> Attempt:
    """The attempt, or a better one that found helpers. Promises that `runs` show to be broken need no helpers."""
    if not _open_with_budget_left(attempt):
        return attempt
    solver = Solver(effort, effort.helping)
    broken = _broken_by_a_run(attempt, runs)
    for source in _SOURCES:
        wanted = _wanted_conditions(attempt, broken)
        if not wanted:
            break
        helpers = _helpers_needed(attempt, solver, wanted, source(attempt, solver))
        if helpers:
            better = _attempt_with_helpers(attempt, helpers)
            if len(better.open) < len(attempt.open):
                attempt = better
    _prove_by_induction(attempt)
    return attempt


def _narrow_candidates(attempt: Attempt, solver: Solver) -> tuple[Expr, ...]:
    return _inductive_candidates(attempt, solver, candidates(attempt.problem, attempt.walks.quick))


def _wide_candidates(attempt: Attempt, solver: Solver) -> tuple[Expr, ...]:
    return _inductive_candidates(attempt, solver, candidates(attempt.problem, attempt.walks.quick, wide=True))


def _scalar_candidates(attempt: Attempt, solver: Solver) -> tuple[Expr, ...]:
    return scalar_invariants(attempt.problem, solver)


def _inductive_candidates(attempt: Attempt, solver: Solver, tried: Sequence[Fact]) -> tuple[Expr, ...]:
    """The candidates in `tried` that every action keeps together with the promises; runs vouch for the start.

    Promises that are not proved themselves are assumed here, too: a helper is worth no more than they are.
    """
    return tuple(fact.claim for fact in closed(attempt.problem, solver, tried))


_SOURCES = (_narrow_candidates, _scalar_candidates, _wide_candidates)
"""Where helpers come from, the quickest first."""


def _open_with_budget_left(attempt: Attempt) -> tuple[Subject, ...]:
    """The open obligations for which the solver had budget left: where it was spent, no helper needs looking for."""
    return tuple(about for about in attempt.open if not (attempt.answers[about].hopeless or about in attempt.exhausted))


def _broken_by_a_run(attempt: Attempt, runs: Runs) -> set[Waiting | str]:
    """The promises, ranges and waits that a run speaks against: no helper helps them."""
    broken: set[Waiting | str] = {*_broken_promises(attempt.problem, attempt.walks.quick)}
    broken |= _stuck_waits(attempt) | _lost_goals(attempt)
    for about, obligation in attempt.plan.due.items():
        check, subject = attempt.answers.get(about), _claim_an_obligation_is_about(about)
        if check is None or check.proved or check.hopeless or check.refused or subject is None or subject in broken:
            continue
        target = None if isinstance(about, WaitPossible) else target_of(attempt.problem, obligation)
        if target is not None and _is_broken_at_little_cost(runs, target):
            broken.add(subject)
    return broken


def _is_broken_at_little_cost(runs: Runs, target: Target) -> bool:
    """Whether a run is found at little cost. That encodings disagree is told where the obligation is answered."""
    try:
        return runs.glance(target) is not None
    except Disagreement:
        return False


def _wanted_conditions(attempt: Attempt, broken: set[Waiting | str]) -> tuple[Batch[object], ...]:
    """The open conditions, one in each batch, but for those that runs at hand speak against."""
    broken = broken | attempt.unranked
    promising = {
        about for about in _open_with_budget_left(attempt) if _claim_an_obligation_is_about(about) not in broken
    }
    planned = [batch for _, batch in attempt.plan.batches(attempt.hints) if batch.reachable]
    return tuple(
        batch.only([number])
        for batch in (*planned, *attempt.tried.values())
        for number, (about, _) in enumerate(batch.goals)
        if about in promising
    )


def _attempt_with_helpers(attempt: Attempt, helpers: tuple[Expr, ...]) -> Attempt:
    """A new attempt with these helpers besides those that it has."""
    known = (*attempt.problem.helpers, *helpers)
    better = Attempt(replace(attempt.problem, helpers=known), attempt.solver, attempt.walks)
    better.about_steps()
    if attempt.knows_futures:
        better.about_futures()
    return better


def _claim_an_obligation_is_about(about: Subject) -> Waiting | str | None:
    """The promise, range or wait that an obligation is about."""
    match about:
        case WaitPossible(wait) | WaitProgress(wait):
            return wait
        case _:
            return promise_of(about)


def _broken_promises(problem: Problem, seen: Walk) -> set[str]:
    broken = {i.name for i in problem.invariants if not all(holds(i.claim, state) for state in seen.states)}
    for promise, claim in problem.step_promises:
        if any(_step_breaks_promise(seen, claim, number) for number in range(len(seen.steps))):
            broken.add(promise.name)
    return broken


def _stuck_waits(attempt: Attempt) -> set[Waiting]:
    """Waits that some state of a walk is in where no fair action was seen to happen."""
    seen = attempt.walks.quick
    return {waiting for waiting, wait in attempt.plan.waits.items() if never_moved(seen, wait)}


def _lost_goals(attempt: Attempt) -> set[str]:
    """Recoverable promises whose goal no step leads to from some state of a walk, wherever the walk stopped looking."""
    if not attempt.knows_futures:
        return set()
    seen = attempt.walks.thorough
    claims = ((p.name, p.claim.goal) for p in attempt.problem.machine.promises if isinstance(p.claim, Recoverable))
    return {
        name
        for name, goal in claims
        if lost(seen, [number for number, reached in enumerate(seen.where(goal)) if reached])
    }


def _step_breaks_promise(seen: Walk, claim: Step, number: int) -> bool:
    step = seen.steps[number]
    after, before = seen.states[step.after], seen.states[step.before]
    return step.action not in claim.unless and not holds(claim.claim, after, before, claim.parameters, step.arguments)


# --- what is needed ----------------------------------------------------------------------------------------------


def _helpers_needed(
    attempt: Attempt, solver: Solver, wanted: tuple[Batch[object], ...], helpers: tuple[Expr, ...]
) -> tuple[Expr, ...]:
    """The helpers that would close the wanted obligations, and the helpers on which these rest in turn."""
    if not helpers:
        return ()
    problem = replace(attempt.problem, helpers=helpers)
    together = replace(attempt.problem, helpers=(balanced(helpers),))
    closing = (batch for batch in wanted if solver.check(replace(batch, problem=together))[0].proved)
    open_goals = [replace(batch, problem=problem) for batch in closing]
    first = len(problem.invariants) - len(helpers)
    needed: set[int] = set()
    pending = open_goals
    while pending:
        used = {number - first for batch in pending for number in solver.core(batch, 0)}
        fresh = {number for number in used if 0 <= number < len(helpers)} - needed
        needed |= fresh
        pending = [
            action_batch(problem, action, [(str(number), helpers[number])])
            for number in sorted(fresh)
            for action in problem.moving
            if not problem.effects[action.name].writes.isdisjoint(reads_now(helpers[number]))
        ]
    return _independent_helpers(
        attempt, solver, tuple(claim for number, claim in enumerate(helpers) if number in needed)
    )


def _independent_helpers(attempt: Attempt, solver: Solver, helpers: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """Helpers as strong as all of `helpers`, without those that follow from the others and the promises."""
    for claim in reversed(helpers):
        others = tuple(other for other in helpers if other != claim)
        batch = state_batch(replace(attempt.problem, helpers=others), [("follows", claim)])
        if solver.check(batch)[0].proved:
            helpers = others
    return helpers


# --- induction over more than one step ---------------------------------------------------------------------------


def _prove_by_induction(attempt: Attempt) -> None:
    """Settle what is open in an attempt and can be proved that way."""
    for about in _open_with_budget_left(attempt):
        if not isinstance(about, Preserved | StepKept):
            continue
        for depth in range(2, DEEPEST + 1):
            if _number_of_sequences(attempt.problem, depth) > MOST_SEQUENCES:
                break
            batches = [batch for _, batch in induction_batches(attempt.problem, about, depth)]
            if attempt.settle(about, depth, batches):
                break


def _number_of_sequences(problem: Problem, depth: int) -> int:
    sequences: int = len(problem.moving) ** (depth - 1)
    return sequences
