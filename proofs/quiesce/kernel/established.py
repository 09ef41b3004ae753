"""The one road to green: what is established about a machine, by which rule, and nothing that is not earned.

Whoever proposes hints, answers and runs may be wrong. What has to be shown is listed here from the machine, the
conditions are derived here from the machine and the hints, and an answer counts for the condition that was asked, and
for no other. `docs/kernel.md` has the rules in full, with the reasons for which each is enough.
"""

from collections.abc import Container, Iterator, Mapping
from dataclasses import InitVar, dataclass
from itertools import chain
from typing import TypeAlias, assert_never

from quiesce.kernel.batches import Condition
from quiesce.kernel.disabled import impossible
from quiesce.kernel.hints import Hints, Rank
from quiesce.kernel.kinds import (
    Answered,
    AnswersHandled,
    Applies,
    Assumed,
    BranchTaken,
    Carried,
    Covered,
    Enabled,
    Exclusive,
    Fails,
    Forgettable,
    Happens,
    Initial,
    Obligation,
    OffersShared,
    OffersStart,
    OffersStep,
    Precondition,
    Preserved,
    StepKept,
    Stutters,
    Subject,
    ValueTaken,
    WaitPossible,
    WaitProgress,
    WayDown,
)
from quiesce.kernel.obligations import initial, preserved
from quiesce.kernel.plan import Plan
from quiesce.kernel.problem import Problem
from quiesce.kernel.progress import wait_of_promise
from quiesce.kernel.shown import machine_of, objection
from quiesce.kernel.steps import framed
from quiesce.kernel.totals import never_negative
from quiesce.spec.model import LeadsTo, Machine, Total
from quiesce.spec.show import show
from quiesce.spec.state import Run

# --- rules -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ByStatement:
    """The spec says so itself."""


@dataclass(frozen=True, slots=True)
class ByConditions:
    """Solvers confirm conditions that follow from the machine and the hints; together they say what is claimed."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class ByFrame:
    """The action writes nothing that the claim reads. A promise about steps has to hold of a step without a change."""

    stutter: Stutters | None


@dataclass(frozen=True, slots=True)
class ByRun:
    """A run shows it that was replayed; conditions say besides what no single run can."""

    run: Run
    conditions: tuple[Condition, ...]


Rule: TypeAlias = ByStatement | ByConditions | ByFrame | ByRun

_KERNEL = object()


@dataclass(frozen=True)
class Proved:
    """An obligation that is established, and by which rule. Only `established` makes one."""

    obligation: Obligation
    rule: Rule
    key: InitVar[object]

    def __post_init__(self, key: object) -> None:
        if key is not _KERNEL:
            raise TypeError("only the kernel says that something is proved")


@dataclass(frozen=True, slots=True)
class Open:
    """An obligation that is not established, and why."""

    obligation: Obligation
    reason: str


@dataclass(frozen=True)
class Established:
    """What is known of each obligation of a problem, in the order of its obligations. Only `established` makes one."""

    problem: Problem
    outcomes: Mapping[Subject, Proved | Open]
    key: InitVar[object]

    def __post_init__(self, key: object) -> None:
        if key is not _KERNEL:
            raise TypeError("only the kernel says what is established")

    @property
    def still_open(self) -> tuple[Open, ...]:
        """What is not established."""
        return tuple(outcome for outcome in self.outcomes.values() if isinstance(outcome, Open))

    def proved(self, machine: Machine) -> bool:
        """Whether every obligation of `machine` itself is established, and no proof rests on anything else."""
        return self.problem.source == machine and not self.problem.fallen and not self.still_open


# --- what follows from the machine and the hints -----------------------------------------------------------------


def conditions(plan: Plan, hints: Hints, runs: Mapping[Subject, Run]) -> Mapping[Subject, tuple[Condition, ...]]:
    """Every condition, by what it is about. A run of a promise declared false may call for conditions of its own."""
    found: dict[Subject, list[Condition]] = {}
    for _, batch in plan.batches(hints):
        for (about, _), condition in zip(batch.goals, batch.conditions, strict=True):
            found.setdefault(about, []).append(condition)
    for about, run in runs.items():
        if isinstance(about, Fails):
            found.setdefault(about, []).extend(stuck(plan.problem, about, run))
    return {about: tuple(listed) for about, listed in found.items()}


def stuck(problem: Problem, about: Fails, run: Run) -> Iterator[Condition]:
    """That a wait which a run leads into never ends: nothing fair can happen in the state that it ends in."""
    claim = problem.promise(about.promise).claim
    if isinstance(claim, LeadsTo):
        yield from impossible(machine_of(problem, about), run.end, wait_of_promise(claim).fair)


def established(plan: Plan, hints: Hints, confirmed: Container[Condition], runs: Mapping[Subject, Run]) -> Established:
    """What is established by `confirmed` conditions and `runs`. Nothing is, if a premise of the proofs is not."""
    problem = plan.problem
    due = plan.due
    derived = conditions(plan, hints, {about: run for about, run in runs.items() if about in due})
    untouched = dict(framed(problem))

    def judged(about: Subject) -> Rule | str:
        match about:
            case Carried(requirement):
                return ByStatement() if _is_carried(problem.machine, requirement) else "nothing carries it"
            case Happens() | BranchTaken() | ValueTaken() | Applies() | Assumed() | Fails():
                if about not in runs:
                    return "no run shows it"
                wrong = objection(plan, hints, about, runs[about])
                listed = derived.get(about, ())
                return wrong or _unconfirmed(listed, confirmed) or ByRun(runs[about], listed)
            case Preserved() | StepKept() if about in untouched and about not in hints.inductions:
                stutter = untouched[about]
                return (judged_by_conditions(stutter) if stutter else None) or ByFrame(stutter)
            case WaitProgress(wait):
                return _not_natural(problem, hints.ranks.get(wait, ())) or by_conditions(about)
            case WayDown(promise):
                ranks = (descent.rank for descent in hints.descents.get(promise, ()))
                return _not_natural(problem, tuple(chain.from_iterable(ranks))) or by_conditions(about)
            case Covered() | Exclusive() | Initial() | Preserved() | StepKept() | Stutters() | Answered() | Enabled():
                return by_conditions(about)
            case Forgettable() | Precondition() | AnswersHandled() | OffersStart() | OffersStep() | OffersShared():
                return by_conditions(about)
            case WaitPossible():
                return by_conditions(about)
            case _:
                assert_never(about)

    def judged_by_conditions(about: Subject) -> str | None:
        listed = derived.get(about, ())
        return _unconfirmed(listed, confirmed) if listed else "no condition answers for it"

    def by_conditions(about: Subject) -> Rule | str:
        return judged_by_conditions(about) or ByConditions(derived[about])

    found = {about: judged(about) for about in due}
    missing = [about for about in _premises(problem) if isinstance(found.get(about, ""), str)]

    def outcome(about: Subject, rule: Rule | str) -> Proved | Open:
        if isinstance(rule, str):
            return Open(due[about], rule)
        if missing:
            return Open(due[about], f"rests on {due[missing[0]].id if missing[0] in due else missing[0]}")
        return Proved(due[about], rule, _KERNEL)

    return Established(problem, {about: outcome(about, rule) for about, rule in found.items()}, _KERNEL)


def _premises(problem: Problem) -> Iterator[Subject]:
    """What has to be established for anything to count that rests on the premises."""
    for invariant in problem.premises:
        yield initial(invariant)
        yield from (preserved(action.name, invariant) for action in problem.moving)


def _unconfirmed(listed: tuple[Condition, ...], confirmed: Container[Condition]) -> str | None:
    missing = sum(condition not in confirmed for condition in listed)
    return f"{missing} of {len(listed)} conditions are not confirmed" if missing else None


def _not_natural(problem: Problem, rank: Rank) -> str | None:
    """Why a rank might fall for ever: some part of it is not known to be at least zero."""
    for part in rank:
        if not problem.in_range or not never_negative(part.term if isinstance(part, Total) else part):
            return f"a part of its rank may be negative: {show(part)}"
    return None


def _is_carried(machine: Machine, requirement: str) -> bool:
    """Whether an action names the requirement, or a promise that is to hold."""
    promised = (promise.satisfies for promise in machine.promises if promise.holds)
    return any(requirement in named for named in chain(promised, (action.satisfies for action in machine.actions)))
