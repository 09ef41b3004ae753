"""Only the kernel says that something is proved, and it says so of what was earned, and of nothing else."""

import copy
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from types import MappingProxyType

import pytest
from quiesce.kernel import established as kernel
from quiesce.kernel.batches import Condition
from quiesce.kernel.established import ByConditions, ByFrame, ByRun, ByStatement, Established, Open, Proved, established
from quiesce.kernel.hints import Hints
from quiesce.kernel.kinds import id_of
from quiesce.kernel.obligations import TwoOfOneId, obligations
from quiesce.kernel.plan import Plan
from quiesce.kernel.problem import problem_of
from quiesce.kernel.subjects import Fails, Happens, Initial, Preserved, StepKept, Stutters, Subject
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.spec.model import Machine
from quiesce.spec.reader import read_text
from quiesce.spec.state import Run

from tests.machines import changed, text_of

LAMP = text_of("reading_lamp")


def lamp(*changes: tuple[str, str]) -> Machine:
    return read_text(changed(LAMP, *changes), PurePosixPath("lamp.py"))


@dataclass(frozen=True)
class Evidence:
    """All that one proof rests on."""

    machine: Machine
    plan: Plan
    hints: Hints
    confirmed: frozenset[Condition]
    runs: Mapping[Subject, Run]

    def judged(
        self, confirmed: Container[Condition] | None = None, runs: Mapping[Subject, Run] = MappingProxyType({})
    ) -> Established:
        """What is established, with other answers or other runs."""
        answers = self.confirmed if confirmed is None else confirmed
        return established(self.plan, self.hints, answers, {**self.runs, **runs})


def evidence_of(machine: Machine) -> Evidence:
    report = verify(machine, Effort(strengthen=False))
    assert report.established is not None
    assert report.established.proved(machine), report.established.still_open
    plan = Plan(report.established.problem)
    runs = {result.obligation.about: result.run for result in report.results if result.run is not None}
    derived = kernel.conditions(plan, report.hints, runs)
    confirmed = frozenset(condition for listed in derived.values() for condition in listed)
    return Evidence(machine, plan, report.hints, confirmed, runs)


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return evidence_of(lamp())


def is_open(found: Established, about: Subject) -> bool:
    return isinstance(found.outcomes[about], Open)


def reason(found: Established, about: Subject) -> str:
    outcome = found.outcomes[about]
    assert isinstance(outcome, Open)
    return outcome.reason


# --- who makes a proof -------------------------------------------------------------------------------------------


def test_everything_is_established_by_every_rule(evidence: Evidence) -> None:
    found = evidence.judged()
    assert found.proved(evidence.machine)
    assert found.still_open == ()
    rules = {type(outcome.rule) for outcome in found.outcomes.values() if isinstance(outcome, Proved)}
    assert rules == {ByStatement, ByConditions, ByFrame, ByRun}


def test_nobody_else_makes_a_proof(evidence: Evidence) -> None:
    found = evidence.judged()
    outcome = found.answers[0]
    assert isinstance(outcome, Proved)
    for key in (None, object(), "kernel"):
        with pytest.raises(TypeError, match="only the kernel"):
            Proved(outcome.obligation, outcome.rule, key)
        with pytest.raises(TypeError, match="only the kernel"):
            Established(found.problem, (outcome,), key)


def test_a_proof_is_not_changed_into_another(evidence: Evidence) -> None:
    found = evidence.judged()
    outcome = next(iter(found.outcomes.values()))
    assert isinstance(outcome, Proved)
    other = obligations(found.problem)[-1]
    with pytest.raises((TypeError, ValueError)):
        replace(outcome, obligation=other)  # type: ignore[call-arg]
    with pytest.raises((TypeError, ValueError)):
        replace(found, problem=problem_of(lamp(("users: Nat = 0", "users: Nat = 1"))))  # type: ignore[call-arg]
    with pytest.raises(AttributeError):
        outcome.obligation = other  # type: ignore[misc]
    with pytest.raises(AttributeError):
        found.answers = ()  # type: ignore[misc]
    with pytest.raises(AttributeError):
        found.outcomes = {}  # type: ignore[misc]


def test_a_copy_says_what_its_original_says(evidence: Evidence) -> None:
    found = evidence.judged(frozenset())
    twin = copy.copy(found)
    assert not twin.proved(evidence.machine)
    assert len(twin.still_open) == len(found.still_open) > 0
    with pytest.raises(TypeError):  # what it holds is read-only, and is not rebuilt piece by piece
        copy.deepcopy(found)


def test_nothing_can_be_taken_out_of_the_outcomes_or_exchanged_there(evidence: Evidence) -> None:
    found = evidence.judged()
    assert tuple(found.outcomes) == tuple(evidence.plan.due)
    for about, outcome in found.outcomes.items():
        with pytest.raises(TypeError):
            found.outcomes[about] = outcome  # type: ignore[index]
        with pytest.raises(TypeError):
            del found.outcomes[about]  # type: ignore[attr-defined]
    assert found.proved(evidence.machine)


def test_a_proof_is_of_one_machine_alone(evidence: Evidence) -> None:
    found = evidence.judged()
    for change in (("users: Nat = 0", "users: Nat = 1"), ("self.wear += 1", "self.wear += 2")):
        assert not found.proved(lamp(change))


# --- what is not earned ------------------------------------------------------------------------------------------


def test_no_condition_can_be_spared(evidence: Evidence) -> None:
    derived = kernel.conditions(evidence.plan, evidence.hints, evidence.runs)
    needed = [(about, condition) for about, listed in derived.items() for condition in listed]
    assert len(needed) > 15
    for about, condition in needed:
        found = evidence.judged(evidence.confirmed - {condition})
        assert is_open(found, about), about
        assert not found.proved(evidence.machine)


def test_a_condition_of_another_machine_is_no_answer(evidence: Evidence) -> None:
    other = evidence_of(lamp(("self.wear += 1", "self.wear += 2")))
    found = evidence.judged(other.confirmed)
    assert is_open(found, StepKept("wears", "ages"))


def test_without_a_premise_nothing_is_established(evidence: Evidence) -> None:
    derived = kernel.conditions(evidence.plan, evidence.hints, evidence.runs)
    for premise in (Initial("lit_while_used"), Preserved("on", "lit_while_used"), Initial("users in range")):
        found = evidence.judged(evidence.confirmed - set(derived[premise]))
        assert len(found.still_open) == len(found.outcomes)
        assert reason(found, premise) == "1 of 1 conditions are not confirmed"
        assert reason(found, StepKept("off", "ages")) == f"rests on {id_of(premise)}"


def test_what_no_condition_answers_for_is_open(evidence: Evidence, monkeypatch: pytest.MonkeyPatch) -> None:
    derived = kernel.conditions(evidence.plan, evidence.hints, evidence.runs)
    for gone in derived:
        if isinstance(gone, Fails):
            continue
        left = {about: listed for about, listed in derived.items() if about != gone}
        monkeypatch.setattr(kernel, "conditions", lambda *_, left=left: left)
        assert is_open(evidence.judged(), gone)
        assert reason(evidence.judged(), gone) == "no condition answers for it"


def test_what_is_untouched_needs_the_step_that_changes_nothing(evidence: Evidence) -> None:
    derived = kernel.conditions(evidence.plan, evidence.hints, evidence.runs)
    assert not is_open(evidence.judged(), StepKept("on", "ages"))
    found = evidence.judged(evidence.confirmed - set(derived[Stutters("ages")]))
    assert is_open(found, StepKept("on", "ages"))
    assert not is_open(found, StepKept("wears", "ages"))


def test_hints_that_say_nothing_establish_nothing(evidence: Evidence) -> None:
    found = established(evidence.plan, Hints(), evidence.confirmed, evidence.runs)
    assert {id_of(outcome.obligation.about) for outcome in found.still_open} >= {
        "leads_to/all_leave/off/decreases",
        "leads_to/all_leave/on/preserves",
        "recoverable/can_be_dark/(everywhere)",
    }


# --- runs --------------------------------------------------------------------------------------------------------


def test_a_run_that_is_missing_cut_or_anothers_shows_nothing(evidence: Evidence) -> None:
    needed = (Happens("on"), Happens("off"), Happens("in_use"), Fails("never_lit"))
    for about in needed:
        run = evidence.runs[about]
        without = {key: other for key, other in evidence.runs.items() if key != about}
        assert reason(established(evidence.plan, evidence.hints, evidence.confirmed, without), about) == (
            "no run shows it"
        )
        cut = replace(run, moves=run.moves[:-1])
        assert is_open(evidence.judged(runs={about: cut}), about), about
        elsewhere = Run(evidence.runs[Happens("on")].end, run.moves)
        assert is_open(evidence.judged(runs={about: elsewhere}), about), about
        other = evidence.runs[Happens("wears")]
        assert reason(evidence.judged(runs={about: other}), about) == "its run does not show it"


def test_a_run_with_another_argument_cannot_be_replayed(evidence: Evidence) -> None:
    run = evidence.runs[Happens("on")]
    move = run.moves[-1]
    assert move.arguments["many"] != 0
    for given in ({"many": 0}, {"many": 7}, {}):
        wrong = replace(run, moves=(*run.moves[:-1], replace(move, arguments=given)))
        assert "cannot be replayed" in reason(evidence.judged(runs={Happens("on"): wrong}), Happens("on"))


def test_a_run_of_another_machine_shows_nothing(evidence: Evidence) -> None:
    other = evidence_of(lamp(("self.wear += 1", "self.wear += 2")))
    found = evidence.judged(runs={Happens("wears"): other.runs[Happens("wears")]})
    assert "cannot be replayed" in reason(found, Happens("wears"))
    later = evidence_of(lamp(("wear: Nat = 0", "wear: Nat = 5")))
    found = evidence.judged(runs={Happens("wears"): later.runs[Happens("wears")]})
    assert reason(found, Happens("wears")) == "its run does not begin at a start of the machine"


# --- names -------------------------------------------------------------------------------------------------------


def test_two_obligations_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def confused(about: Subject) -> str:
        return "step/on/ages" if isinstance(about, Stutters) else id_of(about)

    machine = lamp()
    assert len({obligation.id for obligation in obligations(problem_of(machine))}) > 20
    monkeypatch.setattr("quiesce.kernel.obligations.id_of", confused)
    with pytest.raises(TwoOfOneId, match="step/on/ages"):
        obligations(problem_of(machine))
