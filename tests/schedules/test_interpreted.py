"""What shells do in every schedule, compared with the interpreter of their specs."""

from pathlib import Path, PurePosixPath

import pytest
from quiesce.spec.reader import read_text

from tests.schedules.interpreted import interpreted
from tests.schedules.packages import machine_of, path_of, run, shell_tests

CASES = [(spec, each) for spec in ("device", "lines", "drained", "counted_drain") for each in ("threads", "asyncio")]


def test_each_step_of_calls_is_one_of_the_spec(tmp_path: Path) -> None:
    with (
        shell_tests("seats", tmp_path, manner="asyncio") as tests,
        interpreted(tests, machine_of("seats")) as compared,
    ):
        tests.test_whoever_goes_on()
    assert set(compared) == {"sit_down", "get_up", "make_room"}


@pytest.mark.nightly
@pytest.mark.parametrize(("spec", "manner"), CASES)
def test_each_step_is_one_of_the_spec(spec: str, manner: str, tmp_path: Path) -> None:
    machine = machine_of(spec)
    with shell_tests(spec, tmp_path, manner=manner) as tests, interpreted(tests, machine) as compared:
        run(tests)
    moving = {action for actions in tests.MODEL.calls.values() for action in actions}
    moving |= {each for activity in tests.MODEL.activities.values() for each in (*activity.succeeds, *activity.fails)}
    moving |= set(tests.MODEL.timeouts.values())
    called = {method for move in tests.MOVES for method in tests.MODEL.calls[move.call]}
    assert set(compared) <= moving
    assert called & set(compared) == called


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("when(self.taken == 2)\n        self.taken = 1", "when(self.taken == 2)\n        self.taken = 0"),
        ("when(self.taken < 2)", "when(self.taken < 1)"),
    ],
    ids=["another effect", "another guard"],
)
def test_a_step_of_another_spec_is_noticed(old: str, new: str, tmp_path: Path) -> None:
    text = path_of("seats").read_text(encoding="utf-8")
    assert text.count(old) == 1
    other = read_text(text.replace(old, new), PurePosixPath("seats.py"))
    with (
        shell_tests("seats", tmp_path, manner="asyncio") as tests,
        interpreted(tests, other),
        pytest.raises(AssertionError, match="the spec itself says otherwise"),
    ):
        run(tests)
