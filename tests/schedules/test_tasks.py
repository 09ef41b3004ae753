"""The generated tests of a package for asyncio: they pass for good shells, and find faults alone and by day."""

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from quiesce.generate.shells._schedules.loading import Grain
from quiesce.generate.shells._schedules.search import ANYBODY, Bounds
from quiesce.generate.shells._schedules.turns import Turns

from tests.by_day import at_night
from tests.schedules.packages import MORE, pages, run, search_more, shell_tests

Fault = Mapping[str, str]


def table(path: Path) -> list[Fault]:
    found: list[Fault] = tomllib.loads(path.read_text(encoding="utf-8"))["fault"]
    return found


HERE = Path(__file__).parent
KNOWN = [fault for fault in table(HERE.parent / "tasks" / "faults.toml") if "not_searched" not in fault]
OWN = table(HERE / "faults_of_tasks.toml")
FAULTS: Mapping[str, tuple[str, str, str, str]] = {
    **{
        each["what"]: (
            each.get("searched", "device"),
            each.get("module", "_tasks.py"),
            each["is_there"],
            each["instead"],
        )
        for each in KNOWN
    },
    **{each["name"]: (each["spec"], each["page"], each["old"], each["new"]) for each in OWN},
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_has_its_place(name: str) -> None:
    spec, page, old, _ = FAULTS[name]
    (text,) = (text for path, text in pages(spec, "asyncio").items() if str(path) == page)
    assert text.count(old) == 1


QUICK = ("a step that happens is told to nobody", "work begins twice", "a task outlives the call that waits for it")


@pytest.mark.parametrize("name", [*QUICK, *(at_night(name) for name in FAULTS if name not in QUICK)])
def test_a_fault_is_found(name: str, tmp_path: Path) -> None:
    spec, page, old, new = FAULTS[name]
    with shell_tests(spec, tmp_path, {page: (old, new)}, "asyncio") as tests, pytest.raises(AssertionError):
        run(tests)


GOOD = ("seats", "pooled", "lease", "server", "device", "lines", "drained", "counted_drain", "trusted_borrowers")


@pytest.mark.nightly
@pytest.mark.parametrize("spec", GOOD)
def test_a_good_shell_keeps_the_rules(spec: str, tmp_path: Path) -> None:
    with shell_tests(spec, tmp_path, manner="asyncio") as tests:
        run(tests)


@pytest.mark.nightly
@pytest.mark.parametrize("number", range(MORE["asyncio"]))
@pytest.mark.parametrize("spec", GOOD)
def test_a_good_shell_keeps_the_rules_in_many_more_schedules(spec: str, number: int, tmp_path: Path) -> None:
    with shell_tests(spec, tmp_path, manner="asyncio") as tests:
        search_more(tests, number)


def test_a_schedule_that_goes_wrong_is_told_step_by_step(tmp_path: Path) -> None:
    edit = {"_loop.py": ("        for change in tuple(self._sleepers):\n            _ring(change)\n", "")}
    with (
        shell_tests("device", tmp_path, edit, "asyncio") as tests,
        pytest.raises(AssertionError, match=r"waits for ever.*\n(.*\n)*B: calls start"),
    ):
        tests.test_whoever_goes_on()


@pytest.mark.parametrize("bounds", [Bounds(cancellations=1), at_night(Bounds()), at_night(Bounds(interrupts=1))])
def test_states_that_are_left_out_lead_nowhere_else(
    bounds: Bounds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the comparison of states the search sees the same things happen."""
    with shell_tests("device", tmp_path, manner="asyncio") as tests:
        plan = tests.model.Plan(2, 1, tests.MOVES)
        within = tests.exploring.Bounds(bounds.interrupts, 0, 0, bounds.cancellations)
        with_states = tests.exploring.explore(tests.TESTED, plan, within, Grain.CHANGES)
        monkeypatch.setattr(tests.turns.Turns, "_state", _all_different)
        without = tests.exploring.explore(tests.TESTED, plan, within, Grain.CHANGES)
    assert with_states.within == without.within == math.inf
    assert set(with_states.seen) == set(without.seen)
    assert with_states.runs < without.runs


def _all_different(world: Turns) -> tuple[bytes, int]:
    return repr((world._taken, world.runs)).encode(), ANYBODY


def test_the_end_of_a_session_may_be_work_that_can_fail(tmp_path: Path) -> None:
    with shell_tests("ledger", tmp_path, manner="asyncio") as tests:
        tests.test_whoever_holds_a_session()


def test_the_first_call_of_a_session_may_raise_and_leave_nothing_to_end(tmp_path: Path) -> None:
    """The desk is shaky, and cleared at once; clearing it raises, and the desk is gone."""
    with shell_tests("pooled", tmp_path, manner="asyncio") as tests:
        tests.test_whoever_holds_a_session()


@pytest.mark.parametrize("spec", ["lease", "server"])
def test_the_task_of_a_timeout_may_be_cut_off(spec: str, tmp_path: Path) -> None:
    """Work of a lease that can fail does so without having begun; a server has to be shut all the same."""
    with shell_tests(spec, tmp_path, manner="asyncio") as tests:
        tests.test_whoever_is_interrupted()
