"""The shells of good specs keep the rules in every schedule."""

import asyncio
from pathlib import Path
from typing import Any
from unittest import SkipTest

import pytest
from quiesce.generate.shells._schedules.exploring import MUCH_MORE

from tests.by_day import at_night
from tests.schedules.packages import MORE, run, search_more, shell_tests

GOOD = ("device", "lines", "drained", "counted_drain", "pooled", "lease")


@pytest.mark.nightly
@pytest.mark.parametrize("spec", GOOD)
def test_a_good_shell_keeps_the_rules(spec: str, tmp_path: Path) -> None:
    with shell_tests(spec, tmp_path) as tests:
        run(tests)


@pytest.mark.nightly
@pytest.mark.parametrize("number", range(MORE["threads"]))
@pytest.mark.parametrize("spec", GOOD)
def test_a_good_shell_keeps_the_rules_in_many_more_schedules(spec: str, number: int, tmp_path: Path) -> None:
    with shell_tests(spec, tmp_path) as tests:
        search_more(tests, number)


def test_whoever_sleeps_is_woken_by_a_reported_step_that_is_interrupted(tmp_path: Path) -> None:
    """The step is taken, and who has reported it is interrupted before he has woken the others."""
    with shell_tests("counted_drain", tmp_path) as tests:
        tests.test_whoever_is_interrupted()


def test_what_the_search_reads_itself_is_no_place_to_switch(tmp_path: Path) -> None:
    """Whoever looks at what has happened reads moments; where the code under test does so, others can go on."""
    with shell_tests("lines", tmp_path) as tests:
        exploring = tests.exploring
        plan = exploring.Plan(2, 1, tests.TESTED.moves)
        found = exploring.explore(tests.TESTED, plan, exploring.Bounds(), exploring.Grain.READS, 20)
    assert found.runs > 10


def test_the_seconds_of_a_timeout_are_counted_from_its_step_on(tmp_path: Path) -> None:
    """Another thread may sleep for long before the step that it has made ready happens."""
    with shell_tests("lease", tmp_path) as tests:
        tests.test_whoever_gives_up()


@pytest.mark.parametrize("manner", ["asyncio", at_night("threads")])
def test_a_spec_that_was_not_proved_is_told_from_a_shell_that_is_wrong(manner: str, tmp_path: Path) -> None:
    """In `hub`, a link of speed 0 is neither up nor down; the prover refutes it."""
    with (
        shell_tests("hub", tmp_path, manner=manner) as tests,
        pytest.raises(AssertionError, match="no outcome of connect provides for the answer 0; prove the spec first"),
    ):
        tests.test_whoever_goes_on()


def test_what_was_searched_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with shell_tests("device", tmp_path) as tests:
        tests.test_whoever_gives_up()
    assert "1 times earlier than need be, switches before changes: all " in capsys.readouterr().out


def test_a_search_that_is_cut_short_warns(tmp_path: Path) -> None:
    with shell_tests("device", tmp_path) as tests:
        exploring = tests.exploring
        plan = exploring.Plan(2, 1, tests.TESTED.moves)
        with pytest.warns(exploring.SearchedInPart, match="too much to search whole: 2 callers, .*: in part only, 2 "):
            exploring._search(tests.TESTED, plan, exploring.Bounds(), 2)


@pytest.mark.parametrize("manner", MORE)
def test_each_search_that_takes_minutes_is_a_test(manner: str, tmp_path: Path) -> None:
    with shell_tests("device", tmp_path, manner=manner) as tests:
        assert len(tests.exploring.more(tests.TESTED)) == MORE[manner]


def test_what_is_not_searched_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(MUCH_MORE, raising=False)
    with shell_tests("device", tmp_path) as tests:
        tests.test_much_more()
    assert f"not searched without {MUCH_MORE}" in capsys.readouterr().out


@pytest.mark.parametrize("manner", ["threads", "asyncio"])
def test_a_python_that_lacks_what_the_search_needs_skips_it_with_a_reason(
    manner: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asyncio, "Task", Untold)
    with (
        shell_tests("seats", tmp_path, manner=manner) as tests,
        pytest.raises(SkipTest, match="schedules cannot be searched: this asyncio does not tell which task goes on"),
    ):
        tests.test_whoever_goes_on()


class Untold(asyncio.Task):  # type: ignore[type-arg]  # it is never run
    """A task of an asyncio that gives its loop a plain function."""

    def __init__(self, coroutine: Any, *, loop: Any) -> None:
        real = loop.call_soon
        loop.call_soon = lambda _, *given, **named: real(lambda: None, *given, **named)
        super().__init__(coroutine, loop=loop)
