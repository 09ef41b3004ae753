"""Only the whole truth about a machine makes it a checked one: no report that was tampered with does."""

from collections import Counter
from collections.abc import Callable
from dataclasses import fields, replace
from functools import cache
from pathlib import Path, PurePosixPath

import pytest
from quiesce.kernel.established import established
from quiesce.kernel.hints import Hints
from quiesce.kernel.kinds import Kind, wait_name
from quiesce.kernel.obligations import obligations
from quiesce.kernel.plan import Plan
from quiesce.kernel.problem import problem_of
from quiesce.kernel.subjects import (
    Answered,
    Applies,
    Enabled,
    Fails,
    Forgettable,
    Happens,
    Initial,
    OffersShared,
    OffersStart,
    OffersStep,
    Preserved,
    PromisedWait,
    StepKept,
    Stutters,
    Subject,
    Traced,
    WaitPossible,
    WaitProgress,
    WayDown,
)
from quiesce.prove import checked
from quiesce.prove.checked import CheckedMachine, NotProved, completed
from quiesce.prove.prover import verify
from quiesce.prove.results import Report, Result, Verdict
from quiesce.spec.reader import read_file, read_text

from tests.by_day import by_day
from tests.machines import changed
from tests.twins import BROKEN, machine_of

ROOT = Path(__file__).parents[2]
FLAGSHIP = ROOT / "model" / "winsock.py"

PINNED = {
    Kind.TOTAL: 18,
    Kind.START: 18,
    Kind.ACTIVITY: 3,
    Kind.STEP: 330,
    Kind.STEP_PROMISE: 552,
    Kind.ANSWER: 21,
    Kind.ENABLED: 4,
    Kind.PRISTINE: 23,
    Kind.RECOVERABLE: 8,
    Kind.LEADS_TO: 69,
    Kind.FORGETTABLE: 10,
    Kind.WITNESS: 124,
    Kind.TRACED: 26,
    Kind.REFINEMENT: 26,
    Kind.CONTRACT: 1,
}
"""How many obligations of each kind the flagship has. A number that falls without a change of the spec is a hole."""

OPEN = [verdict for verdict in Verdict if verdict is not Verdict.PROVED]


@pytest.fixture(autouse=True)
def _listed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a machine owes is found anew for every report, but the listing of equal machines is not computed again."""
    monkeypatch.setattr(checked, "obligations", listed)


listed = cache(obligations)


@pytest.fixture(scope="module")
def report() -> Report:
    return verify(read_file(FLAGSHIP))


def one_of_each_kind(report: Report) -> list[int]:
    """For each kind, the position of its last obligation, found without a name that a spec may change."""
    return list({result.obligation.kind: index for index, result in enumerate(report.results)}.values())


def with_result(report: Report, index: int, *results: Result) -> Report:
    """The report with other results in the place of one."""
    return replace(report, results=(*report.results[:index], *results, *report.results[index + 1 :]))


def test_the_untouched_report_is_accepted(report: Report) -> None:
    assert CheckedMachine(report).machine == report.machine


def test_the_flagship_has_the_pinned_number_of_obligations(report: Report) -> None:
    listed = Counter(obligation.kind for obligation in obligations(problem_of(report.machine)))
    answered = Counter(result.obligation.kind for result in report.results)
    assert listed == answered == Counter(PINNED)
    assert sum(PINNED.values()) == 1233


def test_names_of_obligations_are_unique(report: Report) -> None:
    names = Counter(result.obligation.id for result in report.results)
    assert set(names.values()) == {1}


def test_any_single_obligation_that_is_removed_is_missed(report: Report) -> None:
    for index in one_of_each_kind(report):
        name = report.results[index].obligation.id
        with pytest.raises(NotProved) as raised:
            CheckedMachine(with_result(report, index))
        assert raised.value.unanswered == (name,)
        assert f"{name} (not answered)" in str(raised.value)


def renamed(about: Subject) -> Subject:
    """The same kind of record, about something that the machine does not have."""
    match about:
        case OffersStart() | OffersShared():
            return OffersStep("nobody")
        case WaitPossible(wait) | WaitProgress(wait):
            other = PromisedWait(f"{wait_name(wait)}x")
            return replace(about, wait=other)
        case _:
            name = fields(about)[0].name
            return replace(about, **{name: f"{getattr(about, name)}x"})  # type: ignore[arg-type]


def answering(result: Result, about: Subject) -> Result:
    """The same answer to something else."""
    return replace(result, obligation=replace(result.obligation, about=about))


def test_an_obligation_that_is_renamed_is_missed_and_its_new_name_refused(report: Report) -> None:
    for index in one_of_each_kind(report):
        result = report.results[index]
        other = answering(result, renamed(result.obligation.about))
        with pytest.raises(NotProved) as raised:
            CheckedMachine(with_result(report, index, other))
        assert other.obligation.id != result.obligation.id
        assert raised.value.unanswered == tuple(sorted((result.obligation.id, other.obligation.id)))


def test_one_answer_does_not_stand_for_two_obligations(report: Report) -> None:
    for index in one_of_each_kind(report):
        twin = report.results[index]
        with pytest.raises(NotProved):
            CheckedMachine(with_result(report, index, twin, twin))
        with pytest.raises(NotProved):
            CheckedMachine(with_result(report, index - 1, twin))


@pytest.mark.parametrize("verdict", by_day(OPEN, 2))
def test_a_single_verdict_that_is_not_proved_spoils_all(report: Report, verdict: Verdict) -> None:
    for index in one_of_each_kind(report):
        spoilt = replace(report.results[index], verdict=verdict)
        with pytest.raises(NotProved) as raised:
            CheckedMachine(with_result(report, index, spoilt))
        assert raised.value.open_results == (spoilt,)
        assert str(raised.value) == f"{spoilt.obligation.id} ({verdict.value})"


@pytest.mark.parametrize("verdict", OPEN)
def test_a_good_answer_does_not_outvote_a_bad_one(report: Report, verdict: Verdict) -> None:
    good = report.results[0]
    with pytest.raises(NotProved):
        CheckedMachine(with_result(report, 0, replace(good, verdict=verdict), good))


def another_kind(result: Result) -> Result:
    about = Happens("nobody") if result.obligation.kind is Kind.TRACED else Traced("nobody")
    return answering(result, about)


def another_action(result: Result) -> Result:
    about = result.obligation.about
    match about:
        case Preserved() | StepKept() | Enabled() | Forgettable() | OffersStep() | WaitProgress() | Happens():
            return answering(result, replace(about, action="nobody"))
        case _:
            return answering(result, Happens("nobody"))


def another_promise(result: Result) -> Result:
    about = result.obligation.about
    match about:
        case Initial() | Preserved():
            return answering(result, replace(about, claim="nothing"))
        case StepKept() | Stutters() | Answered() | Enabled() | WayDown() | Applies() | Fails():
            return answering(result, replace(about, promise="nothing"))
        case _:
            return answering(result, Stutters("nothing"))


def another_place(result: Result) -> Result:
    span = result.obligation.span
    return replace(result, obligation=replace(result.obligation, span=replace(span, line=span.line + 1)))


@pytest.mark.parametrize("other", [another_kind, another_action, another_promise, another_place])
def test_the_same_answer_to_something_else_is_refused(report: Report, other: Callable[[Result], Result]) -> None:
    for index in one_of_each_kind(report):
        with pytest.raises(NotProved):
            CheckedMachine(with_result(report, index, other(report.results[index])))


def same_name(about: Subject) -> Subject | None:
    """Something else that goes by the same id, if there is any such record."""
    match about:
        case Initial(_, pristine) | Preserved(_, _, pristine):
            return replace(about, pristine=not pristine)
        case StepKept(action, promise):
            return Preserved(action, promise)
        case _:
            return None


@pytest.mark.slow
def test_the_same_name_for_something_else_is_refused(report: Report) -> None:
    tried = set()
    for index in one_of_each_kind(report):
        result = report.results[index]
        about = same_name(result.obligation.about)
        if about is not None:
            other = answering(result, about)
            assert other.obligation.id == result.obligation.id
            with pytest.raises(NotProved):
                CheckedMachine(with_result(report, index, other))
            assert other.obligation not in (r.obligation for r in completed(report).results)
            assert completed(with_result(report, index, other)).results[-1].verdict is Verdict.ERROR
            tried.add(result.obligation.kind)
    assert tried == {Kind.START, Kind.STEP, Kind.PRISTINE, Kind.STEP_PROMISE}


def test_an_empty_report_proves_nothing(report: Report) -> None:
    with pytest.raises(NotProved) as raised:
        CheckedMachine(replace(report, results=()))
    assert len(raised.value.unanswered) == 1233


def test_a_proof_of_one_machine_is_none_of_another(report: Report) -> None:
    other = machine_of(BROKEN["moved_twice"])
    with pytest.raises(NotProved):
        CheckedMachine(replace(report, machine=other))


def test_a_proof_does_not_outlive_an_action_or_a_promise_that_is_added(report: Report) -> None:
    machine = report.machine
    action = replace(machine.actions[0], name="one_more")
    promise = replace(machine.promises[0], name="one_more")
    for grown in (
        replace(machine, actions=(*machine.actions, action)),
        replace(machine, promises=(*machine.promises, promise)),
    ):
        with pytest.raises(NotProved) as raised:
            CheckedMachine(replace(report, machine=grown))
        assert raised.value.unanswered
        assert all("one_more" in name or name.startswith("total/") for name in raised.value.unanswered)


# --- what the kernel says ----------------------------------------------------------------------------------------


def lamp(*changes: tuple[str, str]) -> Report:
    return verify(read_text(changed(LAMP, *changes), PurePosixPath("lamp.py")))


LAMP = '''
from quiesce.spec import Machine, Nat, always, call, environment, implies, when


class Lamp(Machine):
    """Is lit while somebody needs it."""

    users: Nat = 0
    lit: bool = False

    @call("On")
    def on(self) -> None:
        """One more user."""
        self.users += 1
        self.lit = True

    @environment
    def off(self) -> None:
        """The last one leaves."""
        when(self.users == 1)
        self.users = 0
        self.lit = False

    @always
    def lit_while_used(self) -> bool:
        """Nobody sits in the dark."""
        return implies(self.users > 0, self.lit)
'''
FALSE = ("return implies(self.users > 0, self.lit)", "return implies(self.lit, self.users > 1)")


def test_verdicts_without_the_kernel_are_no_proof() -> None:
    report = lamp()
    assert CheckedMachine(report).machine == report.machine
    with pytest.raises(NotProved):
        CheckedMachine(replace(report, established=None))


def test_verdicts_that_were_changed_are_no_proof() -> None:
    report = lamp(FALSE)
    painted = replace(report, results=tuple(replace(r, verdict=Verdict.PROVED, run=None) for r in report.results))
    with pytest.raises(NotProved) as raised:
        CheckedMachine(painted)
    assert "step/on/lit_while_used" in raised.value.unanswered


def test_what_the_kernel_says_of_another_machine_is_no_proof() -> None:
    right, wrong = lamp(), lamp(FALSE)
    painted = replace(wrong, results=tuple(replace(r, verdict=Verdict.PROVED) for r in wrong.results))
    with pytest.raises(NotProved):
        CheckedMachine(replace(painted, established=right.established))
    brighter = lamp(("lit: bool = False", "lit: bool = True"))
    assert CheckedMachine(brighter)
    with pytest.raises(NotProved):
        CheckedMachine(replace(right, established=brighter.established))


def test_no_list_of_obligations_that_a_report_brings_along_is_believed() -> None:
    """Where nobody is trusted, the kernel knows of no invariants: what is missing there is still asked for."""
    machine = read_file(FLAGSHIP)
    problem = replace(problem_of(machine), trusting=False)
    bare = established(Plan(problem), Hints(), frozenset(), {})
    results = tuple(Result(answer.obligation, Verdict.PROVED) for answer in bare.answers)
    forged = Report(machine, results, Hints(), bare)
    due = obligations(problem_of(machine))
    assert len(results) < len(due)
    assert tuple(result.obligation for result in completed(forged).results) == due
    with pytest.raises(NotProved):
        CheckedMachine(forged)
