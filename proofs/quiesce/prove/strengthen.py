"""Invariants that nobody wrote, found where the promises alone do not carry a proof.

Candidates from a walk are thinned out until every action keeps all that remain (the Houdini algorithm: Flanagan and
Leino, FME 2001). If they let more be proved, those that the proofs rest on are kept and the others dropped. Where a
machine has no families, Spacer is asked too; what is still open is tried by induction over more than one step. Nothing
found here is trusted: helpers get obligations of their own, like every promise.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import cycle

from quiesce.kernel.batches import Batch, action_batch, state_batch
from quiesce.kernel.induction import induction_batches
from quiesce.kernel.kinds import Preserved, StepKept, Subject, Waiting, WaitPossible, WaitProgress, promise_of
from quiesce.kernel.problem import Problem
from quiesce.prove.attempt import Attempt
from quiesce.prove.search.candidates import Candidate, candidates
from quiesce.prove.search.spacer import scalar_invariants
from quiesce.prove.search.waiting import waiting_states
from quiesce.prove.search.walk import Walk
from quiesce.prove.solving.z3_solver import Solver
from quiesce.spec.effects import ANY_MEMBER
from quiesce.spec.interpreter import holds
from quiesce.spec.model import Expr, ParameterDecl, Recoverable, Step
from quiesce.spec.rewrite import both, reads_now, rename_member

DEEPEST = 3
"""The most steps that a proof by induction looks at."""

MOST_SEQUENCES = 200
"""How many sequences of actions it may have to look at."""


BUDGET = 1_000_000
"""Units of `rlimit` for one question on the way; what was found is then proved with the budget of all proofs."""


def strengthened(attempt: Attempt) -> Attempt:
    """The attempt, or a better one that found helpers."""
    solver = Solver(BUDGET)
    for source in _SOURCES:
        wanted = _wanted(attempt)
        if not wanted:
            break
        helpers = _needed(attempt, solver, wanted, source(attempt, solver))
        if helpers:
            better = _with(attempt, helpers)
            if len(better.open) < len(attempt.open):
                attempt = better
    _prove_by_induction(attempt)
    return attempt


def _narrow(attempt: Attempt, solver: Solver) -> tuple[Expr, ...]:
    return inductive(attempt.problem, solver, candidates(attempt.problem, attempt.walks.quick))


def _wide(attempt: Attempt, solver: Solver) -> tuple[Expr, ...]:
    return inductive(attempt.problem, solver, candidates(attempt.problem, attempt.walks.quick, wide=True))


def _scalar(attempt: Attempt, solver: Solver) -> tuple[Expr, ...]:
    return scalar_invariants(attempt.problem, solver)


_SOURCES = (_narrow, _scalar, _wide)
"""Where helpers come from, the quickest first."""


def _wanted(attempt: Attempt) -> tuple[Batch[object], ...]:
    """The open conditions, one in each batch, but for those that runs at hand speak against: no helper helps them."""
    broken: set[Waiting | str] = {*_broken_promises(attempt.problem, attempt.walks.quick)}
    broken |= _stuck_waits(attempt) | _lost_goals(attempt) | attempt.unranked
    promising = {about for about in attempt.open if not attempt.answers[about].hopeless} - {
        about for about in attempt.open if _subject(about) in broken
    }
    planned = [batch for _, batch in attempt.plan.batches(attempt.hints) if batch.reachable]
    return tuple(
        batch.only([number])
        for batch in (*planned, *attempt.tried.values())
        for number, (about, _) in enumerate(batch.goals)
        if about in promising
    )


def _with(attempt: Attempt, helpers: tuple[Expr, ...]) -> Attempt:
    """A new attempt with these helpers besides those that it has."""
    known = (*attempt.problem.helpers, *helpers)
    better = Attempt(replace(attempt.problem, helpers=known), attempt.solver, attempt.walks)
    better.about_steps()
    if attempt.knows_futures:
        better.about_futures()
    return better


def _subject(about: Subject) -> Waiting | str | None:
    """The promise, range or wait that an obligation is about."""
    match about:
        case WaitPossible(wait) | WaitProgress(wait):
            return wait
        case _:
            return promise_of(about)


def _broken_promises(problem: Problem, seen: Walk) -> set[str]:
    broken = {i.name for i in problem.invariants if not all(holds(i.claim, state) for state in seen.states)}
    for promise, claim in problem.step_promises:
        if any(_breaks(seen, claim, number) for number in range(len(seen.steps))):
            broken.add(promise.name)
    return broken


def _stuck_waits(attempt: Attempt) -> set[Waiting]:
    """Waits that some state of a walk is in where no fair action was seen to happen."""
    seen = attempt.walks.quick
    stuck = set()
    for waiting, wait in attempt.plan.waits.items():
        moved = {step.before for step in seen.steps if step.action in wait.fair}
        inside = waiting_states(attempt.problem, wait, seen)
        looked_at = {step.before for step in seen.steps}
        if any(inside[number] and number not in moved for number in looked_at):
            stuck.add(waiting)
    return stuck


def _lost_goals(attempt: Attempt) -> set[str]:
    """Recoverable promises whose goal no step leads to from some state of a walk, wherever the walk stopped looking."""
    if not attempt.knows_futures:
        return set()
    seen = attempt.walks.thorough
    looked_at = {step.before for step in seen.steps}
    back: dict[int, set[int]] = {}
    for step in seen.steps:
        back.setdefault(step.after, set()).add(step.before)
    lost = set()
    for promise in attempt.problem.machine.promises:
        if isinstance(promise.claim, Recoverable):
            goal = seen.where(promise.claim.goal)
            pending = [number for number in range(len(seen.states)) if goal[number] or number not in looked_at]
            alive = set(pending)
            while pending:
                fresh = back.get(pending.pop(), set()) - alive
                alive |= fresh
                pending.extend(fresh)
            if looked_at - alive:
                lost.add(promise.name)
    return lost


def _breaks(seen: Walk, claim: Step, number: int) -> bool:
    step = seen.steps[number]
    after, before = seen.states[step.after], seen.states[step.before]
    return step.action not in claim.unless and not holds(claim.claim, after, before, claim.parameters, step.arguments)


# --- Houdini -----------------------------------------------------------------------------------------------------


def inductive(problem: Problem, solver: Solver, tried: Sequence[Candidate]) -> tuple[Expr, ...]:
    """The largest part of `tried` that every action keeps, with the promises; the runs seen so far vouch for the start.

    Promises that are not proved themselves are assumed here, too: a helper is worth no more than they are.
    """
    kept = tuple(tried)
    reads = {candidate: reads_now(candidate.clause) for candidate in kept}
    assuming = replace(problem, helpers=_merged(kept))
    unchanged = 0
    for action in cycle(problem.moving):
        if not kept or unchanged == len(problem.moving):
            break
        writes = problem.effects[action.name].writes
        touched = tuple(candidate for candidate in kept if not writes.isdisjoint(reads[candidate]))
        goals = [(str(number), _generic(candidate)) for number, candidate in enumerate(touched)]
        fallen = solver.falsified(action_batch(assuming, action, goals, rigid=_members(problem)))
        unchanged += 1
        if fallen:
            lost = {touched[number] for number in fallen}
            kept = tuple(candidate for candidate in kept if candidate not in lost)
            assuming = replace(problem, helpers=_merged(kept))
            unchanged = 0
    return tuple(candidate.claim for candidate in kept)


def _merged(remaining: Iterable[Candidate]) -> tuple[Expr, ...]:
    """One claim for each family, and one about the variables: fewer quantifiers are quicker."""
    by_family: dict[str, list[Candidate]] = {}
    for candidate in remaining:
        by_family.setdefault(candidate.family.name if candidate.family is not None else "", []).append(candidate)
    return tuple(
        Candidate(_balanced([candidate.clause for candidate in group]), group[0].family).claim
        for group in by_family.values()
    )


def _balanced(clauses: Sequence[Expr]) -> Expr:
    """A conjunction that is not deep, however many its parts are."""
    middle = len(clauses) // 2
    return both(_balanced(clauses[:middle]), _balanced(clauses[middle:])) if middle else clauses[0]


def _generic(candidate: Candidate) -> Expr:
    """The claim about one member that could be any."""
    if candidate.family is None:
        return candidate.clause
    return rename_member(candidate.clause, ANY_MEMBER, _any_of(candidate.family.name))


def _members(problem: Problem) -> tuple[ParameterDecl, ...]:
    return tuple(
        ParameterDecl(_any_of(family.name), family.member, False, family.span) for family in problem.machine.families
    )


def _any_of(family: str) -> str:
    return f"any.{family}"


# --- what is needed ----------------------------------------------------------------------------------------------


def _needed(
    attempt: Attempt, solver: Solver, wanted: tuple[Batch[object], ...], helpers: tuple[Expr, ...]
) -> tuple[Expr, ...]:
    """Those of `helpers` that would close what is wanted, and those on which these rest in turn."""
    if not helpers:
        return ()
    problem = replace(attempt.problem, helpers=helpers)
    together = replace(attempt.problem, helpers=(_balanced(helpers),))
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
    return _independent(attempt, solver, tuple(claim for number, claim in enumerate(helpers) if number in needed))


def _independent(attempt: Attempt, solver: Solver, helpers: tuple[Expr, ...]) -> tuple[Expr, ...]:
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
    for about in attempt.open:
        if attempt.answers[about].lost or not isinstance(about, Preserved | StepKept):
            continue
        for depth in range(2, DEEPEST + 1):
            if _sequences(attempt.problem, depth) > MOST_SEQUENCES:
                break
            batches = [batch for _, batch in induction_batches(attempt.problem, about, depth)]
            if attempt.settle(about, depth, batches):
                break


def _sequences(problem: Problem, depth: int) -> int:
    sequences: int = len(problem.moving) ** (depth - 1)
    return sequences
