"""Judges one mutant, by cheap means first: a walk, a proof that the mutant is the same, all proofs anew.

A mutant is killed by a run from the start, replayed on the interpreter, or by a proof that something that some run has
to show never happens. A proof that merely fails kills nothing.
"""

from collections.abc import Iterator
from functools import cached_property

from quiesce.kernel.kinds import Kind, Obligation
from quiesce.kernel.obligations import obligations
from quiesce.kernel.plan import Plan
from quiesce.kernel.problem import Problem, problem_of
from quiesce.mutate.broken_on_walk import Broken, broken
from quiesce.mutate.endless_waits import endless
from quiesce.mutate.expression_faults import Operator
from quiesce.mutate.never_again import never, traps
from quiesce.mutate.operators import Mutant
from quiesce.mutate.same_machine import same_steps
from quiesce.mutate.suggestions import suggestion
from quiesce.mutate.verdicts import Equivalent, Kill, Killed, Unconstrained, Undecided, Verdict
from quiesce.prove.attempt import Attempt, Walks
from quiesce.prove.effort import Effort
from quiesce.prove.explain.assumptions import CONTRADICTION
from quiesce.prove.prover import verify
from quiesce.prove.results import Report, Result
from quiesce.prove.results import Verdict as Answer
from quiesce.prove.search.walk import Walk, explore
from quiesce.prove.search.witnesses import wanted
from quiesce.prove.solving.z3_solver import Solver
from quiesce.spec.model import Expr, Machine
from quiesce.spec.record import record

USUAL = Effort(depth=8)
"""How hard is tried if nothing is asked for. Walks reach further; a search adds integers that they do not try."""

NEVER = "proved never to happen"

INVARIANT = frozenset({Kind.START, Kind.STEP, Kind.PRISTINE})
"""The kinds of obligation that together make the invariants what they are."""

SHOWN = frozenset({Kind.WITNESS, Kind.TRACED, Kind.EXPECTED_FAILURE, Kind.ASSUMED})
"""The kinds that a run or a look at the spec answers, not a proof."""


@record
class Case:
    """A mutant beside its original, of which everything is proved with the help of these invariants."""

    original: Machine
    helpers: tuple[Expr, ...]
    mutant: Mutant
    effort: Effort


class QuickWalks(Walks):
    """Walks that make do with the quick one: what they miss is left to the prover."""

    @cached_property
    def thorough(self) -> Walk:
        """The quick walk."""
        return self.quick


def judge(case: Case) -> Verdict:
    """The verdict on one mutant. It depends on nothing but the case."""
    problem = problem_of(case.mutant.machine)
    if found := broken(explore(problem)):
        return Killed(tuple(_kill_of_walk(item) for item in found))
    original = problem_of(case.original, case.helpers)
    if same_steps(original, problem, Solver(case.effort)):
        return Equivalent("proved to take the same steps, from every state that the promises allow")
    helped = problem_of(case.mutant.machine, case.helpers)
    attempt = Attempt(helped, Solver(case.effort), QuickWalks(helped))
    attempt.about_steps()
    attempt.about_futures()
    kills = _closer_look(attempt, Solver(case.effort, case.effort.closing))
    return Killed(kills) if kills else _all_proofs_anew(case, original, problem)


def _kill_of_walk(item: Broken) -> Kill:
    return Kill(item.obligation, item.promise, item.run, "")


def _closer_look(attempt: Attempt, solver: Solver) -> tuple[Kill, ...]:
    """A fault that breaks no promise about states or steps: the first of three kinds that is found."""
    seen = attempt.walks.quick
    unproved = _unproved_obligations(attempt)
    still_open = {obligation.kind for obligation in unproved}
    invariant = still_open.isdisjoint(INVARIANT)
    if invariant and (idle := tuple(never(seen, solver))):
        return tuple(Kill(item.obligation, item.promise, None, NEVER) for item in idle)
    if Kind.LEADS_TO in still_open and (waiting := tuple(endless(seen, solver))):
        return tuple(_kill_of_walk(item) for item in waiting)
    if invariant and Kind.RECOVERABLE in still_open:
        lost = {o.promise for o in unproved if o.kind is Kind.RECOVERABLE and o.promise is not None}
        return tuple(_kill_of_walk(item) for item in traps(seen, solver, lost))
    return ()


def _unproved_obligations(attempt: Attempt) -> tuple[Obligation, ...]:
    """The obligations that the solver could answer and has not proved, unanswered ones included."""
    due = (o for o in obligations(attempt.problem) if o.kind not in SHOWN)
    return tuple(o for o in due if (check := attempt.answers.get(o.about)) is None or not check.proved)


def _all_proofs_anew(case: Case, original: Problem, mutant: Problem) -> Verdict:
    """All proofs anew."""
    report = verify(case.mutant.machine, case.effort)
    if kills := tuple(_kills_of(report)):
        return Killed(kills)
    still_open = [r for r in report.results if r.verdict is not Answer.PROVED and r.obligation.kind is not Kind.TRACED]
    if still_open and all(result.obligation.kind is Kind.WITNESS for result in still_open):
        still_open = _not_shown(mutant, still_open)
    if not report.results:
        return Undecided("the prover had nothing to prove")
    if still_open:
        return Undecided(_reason_of_doubt(still_open))
    if case.mutant.operator is Operator.FAIR:
        return Equivalent("no step changes, and every wait is proved to end on this trust as well")
    return Unconstrained(suggestion(original, mutant, case.mutant))


def _not_shown(problem: Problem, missing: list[Result]) -> list[Result]:
    """The witnesses that a longer walk does not show either."""
    seen = explore(problem, thorough=True)
    shown = {item.about for item in wanted(Plan(problem)) if item.shown(seen) is not None}
    return [result for result in missing if result.obligation.about not in shown]


def _kills_of(report: Report) -> Iterator[Kill]:
    """The refutations that a run shows, and what is proved never to happen.

    The prover calls something impossible, and a goal lost, under the invariants; so these have to be proved.
    """
    invariant = all(result.verdict is Answer.PROVED for result in report.results if result.obligation.kind in INVARIANT)
    for result in report.results:
        obligation = result.obligation
        match result.verdict:
            case Answer.REFUTED if result.run is not None and (obligation.kind is not Kind.RECOVERABLE or invariant):
                yield Kill(obligation.about, obligation.promise, result.run, result.detail)
            case Answer.VACUOUS if obligation.kind is not Kind.TRACED and invariant:
                yield Kill(obligation.about, obligation.promise, None, NEVER)
            case Answer.ERROR if result.detail == CONTRADICTION:
                yield Kill(obligation.about, obligation.promise, None, result.detail)
            case _:
                pass


def _reason_of_doubt(still_open: list[Result]) -> str:
    names = [f"{result.obligation.id} is {result.verdict.value}" for result in still_open]
    more = f", and {len(names) - 3} more" if len(names) > 3 else ""
    return f"no run breaks a promise, but not everything is proved: {', '.join(names[:3])}{more}"
