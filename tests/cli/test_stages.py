"""A build in two stages: code and pictures first, then tests and evidence, shared among processes."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from quiesce.cli import main
from quiesce.console.builds import sharing
from quiesce.console.builds.sharing import CoresWanted, ExamplesWanted, Task, all_done
from quiesce.console.reports.json.mutants_summary import Summary, to_json
from quiesce.cores.questions import questions_of
from quiesce.generate.core.view import core_view
from quiesce.generate.rendering import render_template
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.spec.digest import model_digest
from quiesce.spec.reader import read_file
from quiesce.workers.pool import Crashed, TimedOut

from tests.by_day import by_day

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("equal_packages_are_tried_once")]

SPEC = Path("model/service.py")
CORE = Path("generated/service_provider/core.py")
TESTS = Path("generated/service_provider/tests/test_core.py")
REPORT = Path("proofs/service/README.md")


def change(old: str, new: str) -> None:
    text = SPEC.read_text(encoding="utf-8")
    assert old in text
    SPEC.write_text(text.replace(old, new), encoding="utf-8")


def change_code() -> None:
    """A change that makes another core."""
    change("when(self.refs > 1)", "when(self.refs >= 2)")


def press_ctrl_c(*_: object) -> Iterator[Any]:
    raise KeyboardInterrupt


@pytest.mark.parametrize("surveyed", by_day([True, False], 2))
def test_code_is_written_before_tests_and_evidence_are_made(
    built: Path, monkeypatch: pytest.MonkeyPatch, *, surveyed: bool
) -> None:
    if surveyed:
        survey = Summary(model_digest(read_file(built / SPEC)), (), (), ())
        REPORT.with_name("mutants.json").write_text(to_json(survey), encoding="utf-8", newline="\n")
    before, tests, report = CORE.read_bytes(), TESTS.read_bytes(), REPORT.read_bytes()
    change_code()
    seen = []

    def look_and_press_ctrl_c(*_: object) -> Iterator[Any]:
        seen.append((CORE.read_bytes() != before, TESTS.exists(), REPORT.read_bytes() == report))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sharing, "all_done", look_and_press_ctrl_c)
        assert main(["build"]) == 130
    assert seen == [(True, False, True)]
    assert (CORE.read_bytes(), TESTS.read_bytes(), REPORT.read_bytes()) == (before, tests, report)
    assert main(["build", "-q"]) == 0
    assert CORE.read_bytes() != before
    assert TESTS.exists()
    assert main(["build", "--check", "-q"]) == 0
    assert built


def test_code_is_not_written_while_a_page_that_a_person_changed_is_in_the_way(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    REPORT.write_text(REPORT.read_text(encoding="utf-8") + "\nmine\n", encoding="utf-8", newline="\n")
    before = CORE.read_bytes(), TESTS.read_bytes()
    change_code()
    assert main(["build"]) == 1
    assert "nothing was written" in capsys.readouterr().err
    assert (CORE.read_bytes(), TESTS.read_bytes()) == before
    assert main(["build", "--force", "-q"]) == 0
    assert CORE.read_bytes() != before[0]
    assert built


def test_code_that_is_as_it_was_keeps_its_tests(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "all_done", press_ctrl_c)
    assert main(["build"]) == 0  # nothing has changed at all
    shutil.rmtree(".quiesce")
    assert main(["build"]) == 130
    assert TESTS.exists()
    assert built


def test_every_stage_has_a_name(
    built: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    change_code()
    assert main(["build"]) == 0
    told = capsys.readouterr().err
    stages = [
        *("steps", "waits and goals", "runs", "code and pictures", "comparing the core with the model"),
        *("examples for the tests, and what each proof rests on: 0 of", "evidence", "writing"),
    ]
    places = [told.index(f"\x1b[K{stage}") for stage in stages]
    assert places == sorted(places)
    assert "rendering" not in told
    assert built


# --- sharing -----------------------------------------------------------------------------------------------------


@pytest.fixture
def tasks(built: Path) -> tuple[Task, ...]:
    machine = read_file(built / SPEC)
    checked = CheckedMachine(verify(machine))
    core = render_template("core.py.jinja", core=core_view(machine))
    questions = tuple(CoresWanted(question, Effort()) for question in questions_of(checked))
    assert len(questions) > 5
    return (*questions, ExamplesWanted(machine, core))


def test_results_do_not_depend_on_processes(tasks: tuple[Task, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "GOALS", 1)
    alone, shared = list[str](), list[str]()
    assert all_done(tasks, 1, alone.append) == all_done(tasks, 2, shared.append)
    assert alone == shared
    assert alone[-1].endswith(f"{len(tasks)} of {len(tasks)}")


def test_what_a_process_could_not_answer_is_done_here(tasks: tuple[Task, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    def crashing(
        _function: object, items: tuple[Task, ...], _jobs: int, timeout: float
    ) -> Iterator[tuple[int, Crashed | TimedOut]]:
        for index in reversed(range(len(items))):
            yield index, Crashed("no process") if index % 2 else TimedOut(timeout)

    expected = all_done(tasks, 1, list[str]().append)
    monkeypatch.setattr(sharing, "GOALS", 1)
    monkeypatch.setattr(sharing, "run_all", crashing)
    assert all_done(tasks, 2, list[str]().append, 2.0) == expected
