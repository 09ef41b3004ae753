"""The report of proof cores: for every promise a run in which it matters, and the parts of the spec that prove it.

A proof about a step, a start or a wait is repeated in an encoding of its own (`relation`), in which every part of the
spec is a premise. Proofs that something is possible are the prover's own, with a switch for every part
(`switch_questions`), and so are proofs of obligations to other layers (`layer_questions`). A proof core is one minimal
set of premises, of possibly several; see `minimal`.
"""

from collections.abc import Iterable, Iterator, Mapping

from quiesce.cores.minimal import Cores, cores
from quiesce.cores.parts import CoreReport, CoresOfClaim, Helping, Kept, Part, Promised, Ranged, Written
from quiesce.cores.premises import initial_premises
from quiesce.cores.questions import questions_of
from quiesce.cores.states import Moment, Totals
from quiesce.cores.switches import Switched, switched
from quiesce.kernel.kinds import Kind, Obligation, promise_of, wait_name
from quiesce.kernel.problem import Problem, problem_of
from quiesce.kernel.rules.steps import framed
from quiesce.kernel.subjects import (
    CallersWait,
    Covered,
    Exclusive,
    Happens,
    Lands,
    Preserved,
    StepKept,
    Stutters,
    WaitPossible,
    WaitProgress,
)
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.effort import Effort
from quiesce.spec.state import Run

WITHOUT_CONDITION = frozenset(
    {Kind.WITNESS, Kind.TRACED, Kind.EXPECTED_FAILURE, Kind.FORGETTABLE, Kind.ASSUMED, Kind.CONTRACT}
)
"""Kinds of obligations that rest on a run, on a look at the spec, on what a single action says, or on another spec."""

OWED = frozenset({Kind.PRECONDITION, Kind.REFINEMENT})
"""Kinds of obligations towards other layers. Each of them is a claim of its own."""


def core_report(checked: CheckedMachine, effort: Effort) -> CoreReport:
    """The proof cores of every claim of a machine. Everything must have been proved: a failed proof has no core."""
    return core_report_with(checked, [cores(question, effort) for question in questions_of(checked)])


def core_report_with(checked: CheckedMachine, answers: Iterable[Cores]) -> CoreReport:
    """The same, where the questions about the machine (`questions_of`) are answered already."""
    problem = problem_of(checked.machine, checked.report.hints.helpers)
    wired = switched(problem)
    found = _complete_cores(problem, answers)
    order = {part: number for number, part in enumerate(_all_parts_of_cores(problem, wired, found))}
    results = checked.report.results
    obligations = [r.obligation for r in results if r.obligation.kind not in WITHOUT_CONDITION]
    promised = frozenset(promise.name for promise in checked.machine.promises)
    listed = tuple(
        CoresOfClaim(
            claim,
            own[0].span,
            claim in promised,
            own[0].kind in OWED,
            _run_in_which_it_matters(checked, claim),
            _parts_it_rests_on(claim, own, found, order),
            tuple(obligation.id for obligation in own if found.get(obligation.about) is None),
        )
        for claim, own in _obligations_by_claim(obligations).items()
    )
    used = frozenset(part for core in found.values() if core is not None for part in core)
    idle = tuple(part for part in written_parts(problem, wired) if part not in used)
    return CoreReport(checked.machine, listed, idle)


def _complete_cores(problem: Problem, answers: Iterable[Cores]) -> Cores:
    """A core for each obligation that a solver decides, with those of which none had to be asked."""
    found = {about: core for answer in answers for about, core in answer.items()}
    untouched = dict(framed(problem))
    return found | {about: _core_of_untouched(problem, about, by, found) for about, by in untouched.items()}


def _core_of_untouched(
    problem: Problem, about: Preserved | StepKept, answering: Stutters | None, found: Cores
) -> frozenset[Part] | None:
    """The proof core of an obligation whose action touches nothing that the claim reads."""
    basis = frozenset[Part]() if answering is None else found.get(answering)
    if basis is None:
        return None
    action = about.action
    span = problem.machine.actions_by_name[action].span
    read = (place if isinstance(place, tuple) else (None, place) for place in problem.reads[str(promise_of(about))])
    kept = (f"self.{place}" if family is None else f"{place} of all {family}" for family, place in read)
    return basis | {Kept(action, place, span) for place in kept}


def written_parts(problem: Problem, wired: Switched) -> Iterator[Written]:
    """Every part that somebody wrote, initial values first."""
    yield from (part for part, _ in initial_premises(problem.machine, Moment(Totals())))
    yield from wired.switches


def _all_parts_of_cores(problem: Problem, wired: Switched, found: Cores) -> Iterable[Part]:
    others = {part for core in found.values() if core is not None for part in core}
    written = tuple(written_parts(problem, wired))
    rest = sorted(others - set(written), key=lambda part: (part.span.line, part.span.column, str(part)))
    return (*written, *rest)


def _obligations_by_claim(obligations: Iterable[Obligation]) -> dict[str, list[Obligation]]:
    found: dict[str, list[Obligation]] = {}
    for obligation in obligations:
        found.setdefault(obligation.promise or _claim_proved_unasked(obligation), []).append(obligation)
    return found


def _claim_proved_unasked(obligation: Obligation) -> str:
    """The claim that an obligation belongs to which stands for no promise."""
    if obligation.kind in OWED:
        return obligation.id
    match obligation.about:
        case Covered(call) | Exclusive(call):
            return f"call {call}"
        case Lands(activity):
            return f"activity {activity}"
        case WaitPossible(wait) | WaitProgress(wait):
            return wait_name(wait)
        case _:
            return obligation.id


def _parts_it_rests_on(claim: str, own: list[Obligation], found: Cores, order: Mapping[Part, int]) -> tuple[Part, ...]:
    """The parts in the cores of a claim's obligations, without the claim itself."""
    parts = {part for obligation in own for part in found.get(obligation.about) or ()}
    others = (part for part in parts if not _is_claim_itself(part, claim))
    return tuple(sorted(others, key=order.__getitem__))


def _is_claim_itself(part: Part, claim: str) -> bool:
    match part:
        case Promised(name) | Helping(name):
            return name == claim
        case Ranged(place):
            return f"{place.removeprefix('self.')} in range" == claim
        case _:
            return False


def _run_in_which_it_matters(checked: CheckedMachine, claim: str) -> Run | None:
    """A run in which the claim matters: for a promise one where it applies, for a wait one in which somebody waits."""
    waiting = {Happens(a.name) for a in checked.machine.actions if wait_name(CallersWait(a.name)) == claim}
    return next(
        (
            result.run
            for result in checked.report.results
            if result.obligation.kind is Kind.WITNESS
            and (result.obligation.promise == claim or result.obligation.about in waiting)
        ),
        None,
    )
