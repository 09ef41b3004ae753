"""A promise of any kind that is declared false needs a run that breaks it, and one that holds is never green so.

Every kind has a promise that fails, with its moves, and a twin that looks alike and holds. They are declared false
everywhere, where nothing is assumed, and under one alternative of a policy.
"""

from dataclasses import replace
from itertools import product
from pathlib import PurePosixPath
from textwrap import indent

import pytest
from quiesce.certify.proposal import proposal_of, written
from quiesce.certify.proposal_reading import read_proposal
from quiesce.kernel.plan import Plan
from quiesce.kernel.runs.shown import objection
from quiesce.kernel.subjects import Fails
from quiesce.prove.checked import CheckedMachine, NotProved
from quiesce.prove.prover import verify
from quiesce.prove.results import Report, Verdict
from quiesce.spec.interpreter import NotEnabled, replay
from quiesce.spec.reader import read_text
from quiesce.spec.state import Run, State

from tests.by_day import by_day
from tests.machines import changed, text_of
from tests.reports import results_by_id, verdicts_by_id

pytestmark = pytest.mark.slow

LIBRARY = text_of("library")


def promise(word: str, value: str, *said: str, given: str = "self", result: str = "bool") -> str:
    """A promise; what is expected of it stands where `EXPECTED` is."""
    arguments = ", ".join([*said, "EXPECTED"])
    return f"@{word}({arguments})\ndef claimed({given}) -> {result}:\n    return {value}\n"


def step_promise(value: str, *said: str) -> str:
    return promise("step", value, *said, given='self, old: "Library"')


def wait(value: str) -> str:
    return promise("leads_to", value, "fair=[finish]", result="tuple[bool, bool]")


LEAVING, OFF, ON = "self.phase == Phase.LEAVING", "self.phase == Phase.OFF", "self.phase == Phase.ON"
AWAY = ["enter", "leave"]
BACK = [*AWAY, "finish"]

FAILING = {
    "always": (promise("always", f"implies({OFF}, self.work == 0)"), "KEPT", BACK),
    "step": (step_promise(f"implies({OFF} and old.phase == Phase.LEAVING, self.work == 0)"), "KEPT", BACK),
    "step about before": (
        step_promise("implies(old.phase == Phase.OFF, old.work == 0)", "only=enter"),
        "KEPT",
        [*BACK, "enter"],
    ),
    "pristine": (promise("pristine", OFF), "KEPT", BACK),
    "initially": (promise("initially", "self.users == 0 and REST != Rest.KEPT"), "KEPT", []),
    "accepts": (promise("accepts", f"{ON} or ({LEAVING} and REST == Rest.LOST)", '"enter"'), "LOST", AWAY),
    "enabled": (promise("enabled", LEAVING, "finish"), "LOST", AWAY),
    "recoverable": (promise("recoverable", f"not ({LEAVING})"), "LOST", AWAY),
    "leads_to": (wait(f"{LEAVING}, {OFF}"), "LOST", AWAY),
}
"""Promises that fail under one alternative, and hold under both others; the moves of the run that shows it."""

HOLDING = {
    "always": promise("always", f"implies(self.users > 0, {ON})"),
    "step": step_promise("self.users <= old.users + 1"),
    "pristine": promise("pristine", f"{OFF} and self.work == 0"),
    "initially": promise("initially", "self.users == 0"),
    "accepts": promise("accepts", ON, '"enter"'),
    "enabled": promise("enabled", ON, "leave"),
    "recoverable": promise("recoverable", "self.phase != Phase.OFF"),
    "leads_to": wait(f"{LEAVING} and REST != Rest.LOST, {OFF}"),
}
"""Promises that hold, whatever is chosen and whoever is trusted."""

NO_WORK = f"{LEAVING} and self.work == 0"
ASKED = ["enter", "drop", "leave"]

TRUSTING = {
    "always": promise("always", f"implies({LEAVING}, self.work > 0)"),
    "step": step_promise("old.work > 0", "only=leave"),
    "pristine": promise("pristine", NO_WORK),
    "accepts": promise("accepts", NO_WORK, '"enter"'),
    "enabled": promise("enabled", NO_WORK, "finish"),
    "recoverable": promise("recoverable", f"not ({NO_WORK})"),
    "leads_to": wait(f"{NO_WORK}, {OFF}"),
}
"""Promises that hold as long as those who leave have something to finish, and fail where nobody is trusted."""

REFUTED, UNASSUMED = 'expect="refuted"', 'expect="refuted without assumptions"'


def library(claimed: str, expected: str) -> Report:
    assert claimed.count("EXPECTED") == 1
    text = LIBRARY + indent(claimed.replace("EXPECTED", expected), "    ")
    return verify(read_text(text, PurePosixPath("library.py")))


def open_ones(report: Report) -> dict[str, Verdict]:
    return {name: verdict for name, verdict in verdicts_by_id(report).items() if verdict is not Verdict.PROVED}


def run_of(report: Report, name: str) -> Run:
    run = results_by_id(report)[f"expected/{name}"].run
    assert run is not None
    return run


def assert_refused(report: Report) -> None:
    with pytest.raises(NotProved):
        CheckedMachine(report)


def assert_reads_back(report: Report) -> None:
    text = written(report.machine, proposal_of(report))
    assert written(report.machine, read_proposal(report.machine, text)) == text


# --- everywhere --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", FAILING)
def test_a_promise_of_any_kind_that_fails_may_be_declared_false(kind: str) -> None:
    claimed, _, moves = FAILING[kind]
    report = library(claimed, REFUTED)
    assert open_ones(report) == {}
    CheckedMachine(report)
    run = run_of(report, "claimed")
    replay(report.machine, run)
    assert [move.action for move in run.moves] == moves
    assert_reads_back(report)


@pytest.mark.parametrize("kind", FAILING)
def test_without_the_declaration_it_is_red(kind: str) -> None:
    claimed, _, moves = FAILING[kind]
    report = library(claimed, 'expect="proved"')
    refuted = [result.run for result in report.results if result.verdict is Verdict.REFUTED]
    assert any(run is not None and [move.action for move in run.moves] == moves for run in refuted)
    assert_refused(report)


@pytest.mark.parametrize(("kind", "expected"), by_day(product(HOLDING, [REFUTED, UNASSUMED]), 3))
def test_a_promise_of_any_kind_that_holds_is_not_green_when_it_is_declared_false(kind: str, expected: str) -> None:
    report = library(HOLDING[kind], expected)
    assert open_ones(report) == {"expected/claimed": Verdict.UNKNOWN}
    assert_refused(report)


@pytest.mark.parametrize("kind", HOLDING)
def test_what_holds_is_proved_where_it_is_not_declared_false(kind: str) -> None:
    assert open_ones(library(HOLDING[kind], 'expect="proved"')) == {}


# --- without assumptions -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", TRUSTING)
def test_a_promise_of_any_kind_may_fail_where_nothing_is_assumed(kind: str) -> None:
    report = library(TRUSTING[kind], UNASSUMED)
    assert open_ones(report) == {}
    CheckedMachine(report)
    run = run_of(report, "claimed")
    assert [move.action for move in run.moves] == ASKED
    replay(report.machine.unassuming, run)
    with pytest.raises(NotEnabled):
        replay(report.machine, run)
    assert_reads_back(report)


@pytest.mark.parametrize("kind", by_day(TRUSTING, 7))
def test_a_run_that_breaks_an_assumption_refutes_nothing_else(kind: str) -> None:
    report = library(TRUSTING[kind], REFUTED)
    assert open_ones(report) == {"expected/claimed": Verdict.UNKNOWN}
    assert_refused(report)


# --- under alternatives of a policy ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", by_day(FAILING, 3))
def test_a_promise_may_be_false_under_one_alternative_and_proved_under_the_others(kind: str) -> None:
    claimed, alternative, moves = FAILING[kind]
    report = library(claimed, f'expect={{Rest.{alternative}: "refuted"}}')
    assert open_ones(report) == {}
    CheckedMachine(report)
    run = run_of(report, f"claimed under {alternative}")
    assert run.start.scalars["REST"] == alternative
    assert [move.action for move in run.moves] == moves
    assert_reads_back(report)


@pytest.mark.parametrize("kind", by_day(FAILING, 9))
def test_a_run_under_another_alternative_shows_nothing(kind: str) -> None:
    """Of all promises, those that are false under KEPT or LOST are declared so under GONE."""
    report = library(FAILING[kind][0], 'expect={Rest.GONE: "refuted"}')
    found = open_ones(report)
    assert found.pop("expected/claimed under GONE") is Verdict.UNKNOWN
    assert Verdict.REFUTED in found.values()
    assert_refused(report)


@pytest.mark.parametrize("kind", by_day(FAILING, 3))
def test_the_kernel_takes_no_run_that_starts_under_another_alternative(kind: str) -> None:
    claimed, alternative, _ = FAILING[kind]
    report = library(claimed, f'expect={{Rest.{alternative}: "refuted"}}')
    assert report.established is not None
    plan, about = Plan(report.established.problem), Fails(f"claimed under {alternative}")
    run = run_of(report, about.promise)
    assert objection(plan, report.hints, about, run) is None
    for other in {"GONE", "KEPT", "LOST"} - {alternative}:
        assert objection(plan, report.hints, about, elsewhere(run, other)) is not None
    short = Run(run.start, ()) if run.moves else elsewhere(run, "GONE")
    assert objection(plan, report.hints, about, short) is not None


def elsewhere(run: Run, alternative: str) -> Run:
    """The same moves under another alternative."""

    def moved(state: State) -> State:
        return replace(state, scalars={**state.scalars, "REST": alternative})

    return Run(moved(run.start), tuple(replace(move, state=moved(move.state)) for move in run.moves))


def test_several_alternatives_each_have_their_run() -> None:
    expected = 'expect={Rest.LOST: "refuted", Rest.GONE: "proved", Rest.KEPT: "refuted"}'
    report = library(promise("enabled", f"self.work > 0 and ({ON} or REST != Rest.GONE)", "drop"), expected)
    assert open_ones(report) == {}
    starts = {name: run_of(report, f"claimed under {name}").start.scalars["REST"] for name in ("LOST", "KEPT")}
    assert starts == {"LOST": "LOST", "KEPT": "KEPT"}


@pytest.mark.nightly
def test_under_one_alternative_it_may_fail_where_nothing_is_assumed() -> None:
    claimed = promise("always", f"implies({LEAVING}, self.work > 0 or REST != Rest.LOST)")
    report = library(claimed, 'expect={Rest.LOST: "refuted without assumptions"}')
    assert open_ones(report) == {}
    assert [move.action for move in run_of(report, "claimed under LOST").moves] == ASKED
    assert open_ones(library(claimed, 'expect={Rest.LOST: "refuted"}')) == {
        "expected/claimed under LOST": Verdict.UNKNOWN
    }


def test_what_is_left_to_prove_has_to_say_something() -> None:
    """Nobody is told anything of LEAVING under the others, for it is spoken of under LOST alone."""
    claimed = promise("always", "implies(REST == Rest.LOST, self.phase != Phase.LEAVING)")
    found = open_ones(library(claimed, 'expect={Rest.LOST: "refuted"}'))
    assert found == {"witness/claimed/applies": Verdict.VACUOUS}


def test_a_choice_is_not_what_a_promise_is_about() -> None:
    """A promise without a premise needs a step that changes what it speaks of, under the alternatives that are left."""
    report = library(promise("always", "self.users >= 0 and REST != Rest.LOST"), 'expect={Rest.LOST: "refuted"}')
    assert open_ones(report) == {}
    run = results_by_id(report)["witness/claimed/applies"].run
    assert run is not None
    assert run.start.scalars["REST"] != "LOST"
    assert [move.action for move in run.moves] == ["enter"]


# --- requirements ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", by_day(FAILING, 3))
def test_a_promise_that_is_declared_false_carries_no_requirement(kind: str) -> None:
    claimed, alternative, _ = FAILING[kind]
    text = claimed.replace("EXPECTED", "EXPECTED, satisfies=R1")
    assert open_ones(library_with_requirement(text, REFUTED)) == {"traced/R1": Verdict.VACUOUS}
    partly = f'expect={{Rest.{alternative}: "refuted"}}'
    assert open_ones(library_with_requirement(text, partly)) == {}


def library_with_requirement(claimed: str, expected: str) -> Report:
    asked = changed(LIBRARY, ("class Phase", 'R1 = Requirement("R1", "Something.", "nowhere")\n\n\nclass Phase'))
    text = asked + indent(claimed.replace("EXPECTED", expected), "    ")
    return verify(read_text(text, PurePosixPath("library.py")))
