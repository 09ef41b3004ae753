"""What is committed under `generated/` and `proofs/` is what the specs give: it is its own golden record."""

from collections.abc import Callable
from pathlib import Path

import pytest
from quiesce.console.builds import evidence
from quiesce.console.builds.pages import compare_pages, render_code, render_pages, survey_of
from quiesce.console.project import Target, find_project
from quiesce.console.proving import prove, read
from quiesce.cores import report
from quiesce.cores.parts import CoreReport
from quiesce.generate.files.compare import Status
from quiesce.generate.package import python_of
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.effort import Effort

PROJECT = find_project(Path(__file__).parents[2])


@pytest.mark.nightly
@pytest.mark.parametrize("target", PROJECT.targets, ids=lambda target: str(target.package))
def test_generated_files_are_up_to_date(
    target: Target, core_report_once: Callable[[CheckedMachine, Effort], CoreReport], monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = read(PROJECT, PROJECT.path(target))
    checked = CheckedMachine(prove(machine, Effort(), list[str]().append))
    found = core_report_once(checked, Effort())  # the tests of what proofs rest on share the time that it takes
    monkeypatch.setattr(report, "questions_of", lambda checked: ())  # noqa: ARG005 -- nothing is asked again
    monkeypatch.setattr(evidence, "core_report_with", lambda checked, answers: found)  # noqa: ARG005
    stages: list[str] = []
    python = python_of(machine, target.shell) if target.generates else {}
    code = render_code(PROJECT, target, checked, python, Effort(), stages.append)
    survey = survey_of(PROJECT, target)
    states = compare_pages(PROJECT, render_pages(target, checked, Effort(), code, survey, 1, stages.append))
    assert [state for _, state in states if state.status is not Status.UP_TO_DATE] == []
    names = {state.path.name for _, state in states}
    assert {"hints.json", "README.md"} < names
    assert any(name.endswith(".py") for name in names) == target.generates
