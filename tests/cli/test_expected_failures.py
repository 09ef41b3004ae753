"""What fails as declared, and what is assumed, is shown to people with its run and its reason."""

import json
from pathlib import Path

import pytest
from quiesce.console.reports.json.report import reports_json
from quiesce.console.reports.pages.page import page
from quiesce.console.reports.text.report import report_text
from quiesce.console.style import Style
from quiesce.cores.parts import CoreReport
from quiesce.prove.checked import CheckedMachine, CompleteReport, completed
from quiesce.prove.prover import verify
from quiesce.spec.reader import read_file

SPEC = Path(__file__).parents[1] / "specs" / "good" / "trusted_borrowers.py"
NAME = "nobody_has_fewer_than_none"
STEPS = ["borrow(r=readers[0], n=1)", "bring_back(r=readers[1], n=1)"]
WHY = "readers bring back what they borrowed, and nothing else"


@pytest.fixture(scope="module")
def report() -> CompleteReport:
    return completed(verify(read_file(SPEC)))


def test_a_terminal_shows_the_run_and_the_assumption_that_it_breaks(report: CompleteReport) -> None:
    lines = report_text(report, Style(coloured=False)).splitlines()
    start = next(number for number, line in enumerate(lines) if line.endswith(f": fails: {NAME}"))
    assert lines[start + 2] == f"  fails as declared, where nothing is assumed; step 2 breaks: {WHY}"
    assert [step in line for step, line in zip(STEPS, lines[start + 4 :], strict=False)] == [True, True]
    assert "readers[1].has: 0 -> -1" in lines[start + 5]


def test_the_committed_report_has_them_too(report: CompleteReport) -> None:
    text = page(CheckedMachine(report), CoreReport(report.machine, (), ()))
    assert f"| `bring_back` | `n <= r.has` | {WHY} |" in text
    row = next(line for line in text.splitlines() if line.startswith(f"| `{NAME}`<br>"))
    assert "| refuted without assumptions, as declared | `borrow` → `bring_back` |" in row
    assert all(step in text for step in STEPS)
    assert "trusted_borrowers.py:" not in text


def test_a_program_is_told_a_counterexample_and_a_witness(report: CompleteReport) -> None:
    found = {result["id"]: result for result in json.loads(reports_json((report,)))["obligations"]}
    failure, assumption = found[f"expected/{NAME}"], found["assumption/bring_back/1"]
    assert failure["witness"] is None
    assert [step["action"] for step in failure["counterexample"]["steps"]] == ["borrow", "bring_back"]
    assert assumption["kind"] == "assumption"
    assert assumption["counterexample"] is None
    assert assumption["witness"]["steps"][-1]["action"] == "bring_back"
