"""Specs whose shells are right although they look as if they were not: the search raises no alarm."""

from pathlib import Path

import pytest

from tests.by_day import at_night, by_day
from tests.schedules.packages import run, shell_tests

MANNERS = ["threads", "asyncio"]
SPECS = ["asked", "heart", "idle", "narrows", "poll", "restart", "stubborn"]

FAULTS = {
    "a call returns before work is run once more": (
        "poll",
        "threads",
        ("_work.py", "further.extend(tickets)", "further += [each for each in tickets if each.key != ticket.key]"),
        "which it made due, is not over",
    ),
    "a call in a task returns before work is run once more": (
        "poll",
        "asyncio",
        ("_work.py", "further.extend(tickets)", "further += [each for each in tickets if each.key != ticket.key]"),
        "which it made due, is not over",
    ),
    "a thread goes on for ever until a timeout comes": (
        "restart",
        "threads",
        ("_threads.py", "clock.sleep(deadline, deadline.at - self.time())", "clock.sleep(deadline, 0.0)"),
        "go(es)? on for ever",
    ),
    "a thread goes on for ever when a timeout has come": (
        "restart",
        "threads",
        (
            "_threads.py",
            "None, accepted):\n                return\n",
            "None, accepted):\n                while not self._help(self.now(), 0.0):\n                    pass\n",
        ),
        "go(es)? on for ever",
    ),
    "a task goes on for ever when a timeout has come": (
        "restart",
        "asyncio",
        ("_tasks.py", "        if accepted.forget():\n", "        while accepted.happened:\n"),
        "go on for ever",
    ),
    "a timeout comes again at once": (
        "heart",
        "threads",
        (
            "_moments.py",
            "elif work.key not in pending or work.outcome.action == action:",
            "elif work.key not in pending:",
        ),
        "beat happens too early",
    ),
}


@pytest.mark.parametrize("manner", MANNERS)
def test_work_that_is_due_once_more_is_run_once_more_before_the_call_returns(manner: str, tmp_path: Path) -> None:
    """In `asked`, work may say that it has to be done again, as often as it likes."""
    with shell_tests("asked", tmp_path, manner=manner) as tests:
        exploring = tests.exploring
        found = exploring.explore(
            tests.TESTED, tests.model.Plan(1, 1, tests.MOVES), exploring.Bounds(), exploring.Grain.CHANGES
        )
    assert found.seen["once_more"] > 1
    assert found.seen["begin raises Failed"] > 1
    assert found.left_off
    assert f"{found.left_off} of them up to where the same happens on and on" in str(found)


@pytest.mark.parametrize("manner", ["asyncio", at_night("threads")])
def test_a_timeout_may_begin_work_anew_for_ever(manner: str, tmp_path: Path) -> None:
    """In `restart`, work that has failed begins once more after a while, if nobody stops it."""
    with shell_tests("restart", tmp_path, manner=manner) as tests:
        tests.test_whoever_goes_on()


@pytest.mark.parametrize("manner", ["asyncio", at_night("threads")])
def test_a_search_begins_behind_each_end_of_work(manner: str, tmp_path: Path) -> None:
    """In `narrows`, one end of the first work leads to more, but neither its first answer nor a failure: and so on."""
    with shell_tests("narrows", tmp_path, manner=manner) as tests:
        found = tests.exploring.situations(tests.MODEL, tests.MOVES, 1)
        tests.test_whoever_goes_on()
    deep = {action: [str(made) for made in before] for before, actions in found.items() for action in actions if before}
    assert deep["slammed"] == ["open() (measure returns False)", "go_on()"]
    assert deep["polished"] == ["open() (measure raises Failed)", "go_on()"]


@pytest.mark.parametrize("manner", ["asyncio", at_night("threads")])
def test_a_search_begins_after_time_has_passed(manner: str, tmp_path: Path) -> None:
    """In `idle`, there is work to be done only some calls after a timeout."""
    with shell_tests("idle", tmp_path, manner=manner) as tests:
        found = tests.exploring.situations(tests.MODEL, tests.MOVES, 1)
        tests.test_whoever_goes_on()
        tests.test_whoever_is_interrupted()
    deep = {action: [str(made.move) for made in before] for before, actions in found.items() for action in actions}
    assert deep["tended"] == ["use()", str(tests.model.LATE.move), "wake()"]


@pytest.mark.parametrize("name", by_day(FAULTS, 3))
def test_what_is_wrong_is_found_beside_what_is_right(name: str, tmp_path: Path) -> None:
    spec, manner, (page, old, new), told = FAULTS[name]
    with (
        shell_tests(spec, tmp_path, {page: (old, new)}, manner) as tests,
        pytest.raises(AssertionError, match=told),
    ):
        tests.test_whoever_goes_on()


@pytest.mark.nightly
@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize("spec", SPECS)
def test_no_alarm_is_raised(spec: str, manner: str, tmp_path: Path) -> None:
    with shell_tests(spec, tmp_path, manner=manner) as tests:
        run(tests)
