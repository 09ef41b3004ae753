"""What is committed under `generated/` and `proofs/` is what the specs give: it is its own golden record."""

from collections.abc import Callable
from pathlib import Path

import pytest
from quiesce.console import evidence
from quiesce.console.building import compare_pages, render_pages
from quiesce.console.project import Target, find_project
from quiesce.console.proving import prove, read
from quiesce.cores.parts import TeethReport
from quiesce.generate.files import Status
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.effort import Effort

PROJECT = find_project(Path(__file__).parents[2])


@pytest.mark.parametrize("target", PROJECT.targets, ids=lambda target: str(target.package))
def test_generated_files_are_up_to_date(
    target: Target, teeth_once: Callable[[CheckedMachine, Effort], TeethReport], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "teeth", teeth_once)  # the same, but that tests of it share the time it takes
    machine = read(PROJECT, PROJECT.path(target))
    checked = CheckedMachine(prove(machine, Effort(), list[str]().append))
    states = compare_pages(PROJECT, render_pages(PROJECT, target, checked, Effort()))
    assert [state for _, state in states if state.status is not Status.UP_TO_DATE] == []
    names = {state.path.name for _, state in states}
    assert {"hints.json", "README.md"} < names
    assert any(name.endswith(".py") for name in names) == target.generates
