"""What running work calls below is left alone: a device and lines are proved, and each fault is shown and told."""

from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
from quiesce.console.reports.pages.assumptions_of_layers import layer_lines
from quiesce.prove.prover import verify
from quiesce.prove.results import Report, Verdict
from quiesce.spec.reader import read_text

from tests.kernel.calls_below import BELOW
from tests.kernel.test_calls_of_work import CHANGES_AT_ANY_TIME, DEVICE, SENDS_UP, lines
from tests.machines import changed
from tests.prove.small_layers import QUICK
from tests.reports import not_proved, results_by_id

pytestmark = pytest.mark.slow

REFUSALS = """
    @call("start", fails="BUSY")
    def busy(self) -> None:
        when(self.phase != Phase.DOWN)

    @call("stop", fails="NOT_UP")
    def not_up(self) -> None:
        when(self.phase != Phase.UP)

    @always
    def counted(self) -> bool:
        return self.lower.refs == (1 if self.phase in (Phase.UP, Phase.CLOSING) else 0)
"""
WHOLE_DEVICE = f"{DEVICE}{REFUSALS}".replace("activity, call", "activity, always, call")
COUNTED = """
    @always
    def counted(self) -> bool:
        return self.lower.refs == count(one.state in (State.UP, State.CLOSING) for one in self.lines)

    @call("connect", fails="NOT_NOW")
    def not_now(self, line: Line) -> None:
        when(line.state != State.DOWN or any(other.state == State.CLOSING for other in self.lines))

    @call("close", fails="NOT_NOW")
    def not_yet(self, line: Line) -> None:
        when(line.state != State.UP or any(other.state not in QUIET for other in self.lines))
"""


def all_lines(quiet: str) -> str:
    """The lines, with an outcome for each call in each state."""
    counting = changed(lines(quiet), ("call, environment", "call, count, environment"))
    return f"{counting}{COUNTED.replace('QUIET', f'({quiet})')}"


def report_on(folder: Path, text: str) -> Report:
    (folder / "below.py").write_text(BELOW, encoding="utf-8")
    return verify(read_text(text, PurePosixPath("machine.py"), folder), QUICK)


@pytest.mark.parametrize(
    "text", [WHOLE_DEVICE, pytest.param(all_lines("State.DOWN, State.UP"), marks=pytest.mark.nightly)]
)
def test_work_calls_what_the_model_says(tmp_path: Path, text: str) -> None:
    report = report_on(tmp_path, text)
    assert not_proved(report) == []
    assert any("(while" in name for name in results_by_id(report))


OR_BEFORE = "while this work may have called lower.cleanup already: the order of the two makes a difference"
OTHERS = "changes which calls to the layer below this work is said to have made"
FAULTS = {
    "freed below while it is used": (
        changed(WHOLE_DEVICE, (SENDS_UP, "when(self.phase in (Phase.UP, Phase.CLOSING))\n        self.lower.send()")),
        "precondition/sends/(while close)/1",
        "self.lower.send()",
        f"the work of close() runs, and sends() calls lower.send, {OR_BEFORE}",
        ["start", "opened", "stop"],
    ),
    "what it is given changes while it runs": (
        changed(WHOLE_DEVICE, CHANGES_AT_ANY_TIME),
        "precondition/changes/(while close)/same_calls",
        "def changes(self, by: Nat) -> None:",
        f"the work of close() runs, and changes(by=1) {OTHERS}",
        ["start", "opened", "stop"],
    ),
    "two close at once": (
        all_lines("State.DOWN, State.UP, State.CLOSING"),
        "precondition/shut/(while shut)/1",
        "self.lower.cleanup()",
        f"the work of shut(line=lines[0]) runs, and shut(line=lines[1]) calls lower.cleanup, {OR_BEFORE}",
        ["connect", "connect", "opened", "opened", "close", "close"],
    ),
}


@pytest.mark.parametrize("name", [*[*FAULTS][:2], pytest.param([*FAULTS][2], marks=pytest.mark.nightly)])
def test_a_fault_is_shown_by_a_run_and_told(tmp_path: Path, name: str) -> None:
    text, wrong, line, words, way = FAULTS[name]
    report = report_on(tmp_path, text)
    assert not_proved(report) == [wrong]
    result = results_by_id(report)[wrong]
    assert result.verdict is Verdict.REFUTED
    assert result.run is not None
    assert text.splitlines()[result.obligation.span.line - 1].strip() == line
    assert (result.detail, sorted(move.action for move in result.run.moves)) == (
        f"in the last state {words}",
        sorted(way),
    )


def test_that_work_is_trusted_to_make_its_calls_is_told_where_it_makes_any(tmp_path: Path) -> None:
    (tmp_path / "below.py").write_text(BELOW, encoding="utf-8")
    works = read_text(DEVICE, PurePosixPath("machine.py"), tmp_path)
    silent = replace(works, actions=tuple(action for action in works.actions if action.ends is None))
    told = [
        "It is trusted to make those of the outcome that it ends with" in "\n".join(layer_lines(machine))
        for machine in (works, silent)
    ]
    assert told == [True, False]
