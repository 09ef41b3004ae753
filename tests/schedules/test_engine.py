"""The Winsock provider with a fault in its engine, one at a time: each is found by the generated search."""

import shutil
import tomllib
from pathlib import Path

import pytest
import winsock_provider
from winsock_provider.tests.engine.delays import Wrong
from winsock_provider.tests.engine.scripts import SCRIPTS
from winsock_provider.tests.engine.trying import explore, replay

from tests.machines import changed

PACKAGE = Path(winsock_provider.__file__).parent
TABLE = Path(__file__).parent / "faults_of_engine.toml"
FAULTS = {each["name"]: each for each in tomllib.loads(TABLE.read_text(encoding="utf-8"))["fault"]}


def with_a_fault(name: str, folder: Path) -> Path:
    """A copy of the package with a fault in it."""
    fault = FAULTS[name]
    there = folder / "faulty"
    shutil.copytree(PACKAGE, there, ignore=shutil.ignore_patterns("__pycache__", "tests"))
    page = there / fault["page"]
    page.write_text(changed(page.read_text(encoding="utf-8"), (fault["old"], fault["new"])), encoding="utf-8")
    return there


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_and_found_again_in_its_schedule(name: str, tmp_path: Path) -> None:
    folder, script = with_a_fault(name, tmp_path), SCRIPTS[FAULTS[name]["script"]]
    with pytest.raises(Wrong) as found:
        explore(folder, script, FAULTS[name].get("delays", 1))
    schedule = str(found.value).split("schedule: ")[1].splitlines()[0]
    with pytest.raises(Wrong) as again:
        replay(folder, script, schedule)
    assert str(again.value) == str(found.value)
