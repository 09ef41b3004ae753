"""A shell with a fault, one at a time: each is found by the generated tests of the package, alone and by day."""

import tomllib
from pathlib import Path

import pytest

from tests.by_day import at_night, by_day
from tests.schedules.packages import pages, run, shell_tests

TABLE = Path(__file__).parent / "faults.toml"
FAULTS = {each["name"]: each for each in tomllib.loads(TABLE.read_text(encoding="utf-8"))["fault"]}

QUICK = [name for name, fault in FAULTS.items() if not fault.get("late")]
LATE = [at_night(name) for name in FAULTS if name not in QUICK]


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_has_its_place(name: str) -> None:
    fault = FAULTS[name]
    (page,) = (text for path, text in pages("device", "threads").items() if str(path) == fault["page"])
    assert page.count(fault["old"]) == 1


@pytest.mark.parametrize("name", [*by_day(QUICK, 4), *LATE])
def test_a_fault_is_found(name: str, tmp_path: Path) -> None:
    fault = FAULTS[name]
    edit = {fault["page"]: (fault["old"], fault["new"])}
    with shell_tests("device", tmp_path, edit) as tests, pytest.raises(AssertionError):
        run(tests)
