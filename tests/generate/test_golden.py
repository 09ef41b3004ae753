"""`generated/` is its own golden record."""

import tomllib
from pathlib import Path, PurePosixPath

import pytest
from quiesce.generate.files import Status, compare
from quiesce.generate.pages import render_machine
from quiesce.spec.reader import read_file

ROOT = Path(__file__).parents[2]
SPECS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["quiesce"]["specs"]


@pytest.mark.parametrize("entry", SPECS, ids=lambda entry: str(entry["package"]))
def test_generated_is_up_to_date(entry: dict[str, str]) -> None:
    path = ROOT / entry["spec"]
    machine = read_file(path, PurePosixPath(entry["spec"]))
    pages = render_machine(machine, path.read_text(encoding="utf-8"), entry["package"], entry.get("shell", "generic"))
    states = compare(pages, ROOT / "generated")
    assert [state for state in states if state.status is not Status.UP_TO_DATE] == []
