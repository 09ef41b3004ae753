"""The one road to green: the verdict on each obligation, established or still open, by which rule and on what proof.

Whoever proposes hints, answers and runs may be wrong. What has to be shown is listed here from the machine, the
conditions are derived here from the machine and the hints, and an answer counts for the condition that was asked, and
for no other. `docs/kernel.md` has the rules in full, with the reasons for which each is enough.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import InitVar, dataclass
from itertools import chain
from types import MappingProxyType
from typing import TypeAlias, assert_never

from quiesce.kernel.batches import Condition
from quiesce.kernel.hints import Hints, Rank, objection_to
from quiesce.kernel.kinds import Obligation, id_of
from quiesce.kernel.obligations import obligations
from quiesce.kernel.plan import Plan
from quiesce.kernel.problem import Problem, initial, preserved, problem_of
from quiesce.kernel.rules.disabled import impossible
from quiesce.kernel.rules.steps import framed
from quiesce.kernel.rules.waits import wait_of_promise
from quiesce.kernel.runs.shown import machine_of, objection
from quiesce.kernel.subjects import (
    Answered,
    AnswersHandled,
    Apart,
    Applies,
    Assumed,
    BranchTaken,
    Covered,
    Enabled,
    Exclusive,
    Fails,
    Forgettable,
    ForgettableByPromise,
    ForgettableByWait,
    Happens,
    Initial,
    Lands,
    OffersShared,
    OffersStart,
    OffersStep,
    Precondition,
    Preserved,
    SameCalls,
    StepKept,
    Stutters,
    Subject,
    Traced,
    ValueTaken,
    WaitPossible,
    WaitProgress,
    WayDown,
    WholeContract,
)
from quiesce.spec.meaning.totals import never_negative
from quiesce.spec.model import LeadsTo, Machine, Total
from quiesce.spec.record import record
from quiesce.spec.show import show
from quiesce.spec.state import Run

# --- rules -------------------------------------------------------------------------------------------------------


@record
class ByStatement:
    """Established by the text of the spec itself."""


@record
class ByConditions:
    """Solvers confirm conditions that follow from the machine and the hints; together they say what is claimed."""

    conditions: tuple[Condition, ...]


@record
class ByFrame:
    """The action writes nothing that the claim reads. A promise about steps has to hold of a step without a change."""

    stutter: Stutters | None


@record
class ByRun:
    """Established by a replayed run, and by conditions about whatever a single run cannot show."""

    run: Run
    conditions: tuple[Condition, ...]


@record
class ByContract:
    """Every obligation of the contract is established, as of a machine for itself."""

    contract: "Established"


Rule: TypeAlias = ByStatement | ByConditions | ByFrame | ByRun | ByContract

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


@record
class Open:
    """An obligation that is not established, and why."""

    obligation: Obligation
    reason: str


@dataclass(frozen=True)
class Established:
    """The outcome for each obligation of a problem, in order. Only the function `established` makes such a record."""

    problem: Problem
    answers: tuple[Proved | Open, ...]
    key: InitVar[object]

    def __post_init__(self, key: object) -> None:
        if key is not _KERNEL:
            raise TypeError("only the kernel says what is established")

    @property
    def outcomes(self) -> Mapping[Subject, Proved | Open]:
        """The outcomes by the subjects of their obligations. The mapping is read-only."""
        return MappingProxyType({answer.obligation.about: answer for answer in self.answers})

    @property
    def still_open(self) -> tuple[Open, ...]:
        """The obligations that are not established."""
        return tuple(answer for answer in self.answers if isinstance(answer, Open))

    def proved(self, machine: Machine) -> bool:
        """Whether every obligation of `machine` itself is established, and no proof rests on anything else."""
        known, afresh = self.problem, problem_of(machine, self.problem.helpers)
        if known.fallen or not known.trusting or known.machine != afresh.machine:
            return False
        due = obligations(afresh)
        return tuple(a.obligation for a in self.answers) == due and all(isinstance(a, Proved) for a in self.answers)


# --- what follows from the machine and the hints -----------------------------------------------------------------


def conditions(plan: Plan, hints: Hints, runs: Mapping[Subject, Run]) -> Mapping[Subject, tuple[Condition, ...]]:
    """Every condition with its subject. A run of a promise declared false may call for conditions of its own."""
    found: dict[Subject, list[Condition]] = {}
    for _, batch in plan.batches(hints):
        for (about, _), condition in zip(batch.goals, batch.conditions, strict=True):
            found.setdefault(about, []).append(condition)
    for about, run in runs.items():
        if isinstance(about, Fails):
            found.setdefault(about, []).extend(stuck(plan.problem, about, run))
    return {about: tuple(listed) for about, listed in found.items()}


def stuck(problem: Problem, about: Fails, run: Run) -> Iterator[Condition]:
    """Goals that say that a wait never ends: no fair action can happen in the last state of the run."""
    claim = problem.promise(about.promise).claim
    if isinstance(claim, LeadsTo):
        yield from impossible(machine_of(problem, about), run.end, wait_of_promise(claim).fair)


def established(
    plan: Plan,
    hints: Hints,
    confirmed: Container[Condition],
    runs: Mapping[Subject, Run],
    contracts: Iterable[Established] = (),
) -> Established:
    """The obligations that are established by `confirmed` conditions, by `runs`, and by the proofs of `contracts`.

    No obligation is established if a premise of the proofs is not, or if hints speak of names that the machine does not
    have.
    """
    if type(plan) is not Plan or type(plan.problem) is not Problem:
        raise TypeError("a plan that lists its conditions in its own way establishes nothing")
    if (wrong := objection_to(plan.problem, plan.due, hints)) is not None:
        refused = f"the hints are refused: {wrong}"
        return Established(plan.problem, tuple(Open(due, refused) for due in plan.due.values()), _KERNEL)
    derived = conditions(plan, hints, {about: run for about, run in runs.items() if about in plan.due})
    judge = _Judge(plan, hints, confirmed, runs, tuple(contracts), derived, dict(framed(plan.problem)))
    found = {about: judge.rule(about) for about in plan.due}
    missing = [about for about in _obligations_of_premises(plan.problem) if isinstance(found.get(about, ""), str)]

    def outcome(about: Subject, rule: Rule | str) -> Proved | Open:
        if isinstance(rule, str):
            return Open(plan.due[about], rule)
        if missing:
            return Open(plan.due[about], f"rests on {id_of(missing[0])}")
        return Proved(plan.due[about], rule, _KERNEL)

    return Established(plan.problem, tuple(outcome(about, rule) for about, rule in found.items()), _KERNEL)


@record
class _Judge:
    """Finds for each obligation the rule by which it is established, or the reason why it is not."""

    plan: Plan
    hints: Hints
    confirmed: Container[Condition]
    runs: Mapping[Subject, Run]
    contracts: tuple[Established, ...]
    derived: Mapping[Subject, tuple[Condition, ...]]
    untouched: Mapping[Preserved | StepKept, Stutters | None]

    def rule(self, about: Subject) -> Rule | str:
        """The rule, or the reason."""
        match about:
            case Traced(requirement):
                return ByStatement() if _is_traced(self.plan.problem.machine, requirement) else "nothing carries it"
            case Happens() | BranchTaken() | ValueTaken() | Applies() | Assumed() | Fails():
                return self._by_run(about)
            case Preserved() | StepKept() if about in self.untouched and about not in self.hints.inductions:
                stutter = self.untouched[about]
                return (self._unanswered(stutter) if stutter else None) or ByFrame(stutter)
            case WaitProgress(wait):
                return self._not_natural(self.hints.ranks.get(wait, ())) or self._by_conditions(about)
            case WayDown(promise):
                ranks = (descent.rank for descent in self.hints.descents.get(promise, ()))
                return self._not_natural(tuple(chain.from_iterable(ranks))) or self._by_conditions(about)
            case WholeContract(name):
                machine = next(contract for contract in self.plan.problem.machine.contracts if contract.name == name)
                proved = next((contract for contract in self.contracts if contract.proved(machine)), None)
                return ByContract(proved) if proved else "not everything about the contract is established"
            case Covered() | Exclusive() | Lands() | Initial() | Preserved() | StepKept() | Stutters():
                return self._by_conditions(about)
            case Answered() | Enabled() | Forgettable() | ForgettableByPromise() | ForgettableByWait():
                return self._by_conditions(about)
            case Precondition() | AnswersHandled() | Apart() | SameCalls():
                return self._by_conditions(about)
            case OffersStart() | OffersStep() | OffersShared():
                return self._by_conditions(about)
            case WaitPossible(wait):
                return self._not_moving(self.plan.waits[wait].fair) or self._by_conditions(about)
            case _:
                assert_never(about)

    def _by_run(self, about: Subject) -> Rule | str:
        if about not in self.runs:
            return "no run shows it"
        listed = self.derived.get(about, ())
        wrong = objection(self.plan, self.hints, about, self.runs[about]) or self._unconfirmed(listed)
        return wrong or ByRun(self.runs[about], listed)

    def _by_conditions(self, about: Subject) -> Rule | str:
        return self._unanswered(about) or ByConditions(self.derived[about])

    def _unanswered(self, about: Subject) -> str | None:
        """The reason why no conditions answer for an obligation: there are none, or some are not confirmed."""
        listed = self.derived.get(about, ())
        return self._unconfirmed(listed) if listed else "no condition answers for it"

    def _unconfirmed(self, listed: tuple[Condition, ...]) -> str | None:
        missing = sum(condition not in self.confirmed for condition in listed)
        return f"{missing} of {len(listed)} conditions are not confirmed" if missing else None

    def _not_moving(self, fair: tuple[str, ...]) -> str | None:
        """Why fair actions might happen for ever without an effect: some of them are refusals or waits."""
        moving = {action.name for action in self.plan.problem.moving}
        idle = next((name for name in fair if name not in moving), None)
        return f"{idle} changes nothing, so trusting it to happen ends no wait" if idle else None

    def _not_natural(self, rank: Rank) -> str | None:
        """Why a rank might fall for ever: some part of it is not known to be at least zero."""
        for part in rank:
            if not self.plan.problem.in_range or not never_negative(part.term if isinstance(part, Total) else part):
                return f"a part of its rank may be negative: {show(part)}"
        return None


def _obligations_of_premises(problem: Problem) -> Iterator[Subject]:
    """The obligations of all premises: unless each is established, nothing counts that rests on them."""
    for invariant in problem.premises:
        yield initial(invariant)
        yield from (preserved(action.name, invariant) for action in problem.moving)


def _is_traced(machine: Machine, requirement: str) -> bool:
    """Whether an action names the requirement, or a promise that is to hold."""
    promised = (promise.satisfies for promise in machine.promises if promise.holds)
    return any(requirement in named for named in chain(promised, (action.satisfies for action in machine.actions)))
