"""Only the whole truth about a machine makes it a checked one: no report that was tampered with does."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from quiesce.kernel.kinds import Kind
from quiesce.kernel.obligations import obligations
from quiesce.kernel.problem import problem_of
from quiesce.prove.checked import CheckedMachine, NotProved
from quiesce.prove.prover import verify
from quiesce.prove.results import Report, Result, Verdict
from quiesce.spec.reader import read_file

ROOT = Path(__file__).parents[2]
FLAGSHIP = ROOT / "model" / "winsock.py"

PINNED = {
    Kind.TOTAL: 18,
    Kind.START: 16,
    Kind.STEP: 330,
    Kind.STEP_PROMISE: 464,
    Kind.ANSWER: 21,
    Kind.POSSIBLE: 4,
    Kind.PRISTINE: 23,
    Kind.RECOVERABLE: 8,
    Kind.LEADS_TO: 46,
    Kind.INERT: 5,
    Kind.WITNESS: 121,
    Kind.CARRIED: 26,
    Kind.OFFER: 26,
    Kind.CONTRACT: 1,
}
"""How many obligations of each kind the flagship has. A number that falls without a change of the spec is a hole."""

OPEN = [verdict for verdict in Verdict if verdict is not Verdict.PROVED]


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
    assert sum(PINNED.values()) == 1109


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


def test_an_obligation_that_is_renamed_is_missed_and_its_new_name_refused(report: Report) -> None:
    for index in one_of_each_kind(report):
        result = report.results[index]
        name = result.obligation.id
        renamed = replace(result, obligation=replace(result.obligation, id=f"{name}x"))
        with pytest.raises(NotProved) as raised:
            CheckedMachine(with_result(report, index, renamed))
        assert raised.value.unanswered == (name, f"{name}x")


def test_one_answer_does_not_stand_for_two_obligations(report: Report) -> None:
    for index in one_of_each_kind(report):
        twin = report.results[index]
        with pytest.raises(NotProved):
            CheckedMachine(with_result(report, index, twin, twin))
        with pytest.raises(NotProved):
            CheckedMachine(with_result(report, index - 1, twin))


@pytest.mark.parametrize("verdict", OPEN)
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
    kind = Kind.WITNESS if result.obligation.kind is Kind.CARRIED else Kind.CARRIED
    return replace(result, obligation=replace(result.obligation, kind=kind))


def another_action(result: Result) -> Result:
    return replace(result, obligation=replace(result.obligation, action="nobody"))


def another_promise(result: Result) -> Result:
    return replace(result, obligation=replace(result.obligation, promise="nothing"))


def another_place(result: Result) -> Result:
    span = result.obligation.span
    return replace(result, obligation=replace(result.obligation, span=replace(span, line=span.line + 1)))


@pytest.mark.parametrize("other", [another_kind, another_action, another_promise, another_place])
def test_the_same_name_for_something_else_is_refused(report: Report, other: Callable[[Result], Result]) -> None:
    for index in one_of_each_kind(report):
        with pytest.raises(NotProved):
            CheckedMachine(with_result(report, index, other(report.results[index])))


def test_an_empty_report_proves_nothing(report: Report) -> None:
    with pytest.raises(NotProved) as raised:
        CheckedMachine(replace(report, results=()))
    assert len(raised.value.unanswered) == 1109


def test_a_proof_of_one_machine_is_none_of_another(report: Report) -> None:
    other = read_file(ROOT / "tests" / "specs" / "broken" / "moved_twice.py")
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
