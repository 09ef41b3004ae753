"""Runs are read as they were written, and a text that is no run of the machine is refused."""

import json

import pytest
from quiesce.spec.runs_json import NotARun, read_run, run_json

from tests.prove.test_cache import GIVEN, OTHER, one_step


def test_a_run_is_read_as_it_was_written() -> None:
    written = json.loads(json.dumps(run_json(one_step())))
    assert read_run(OTHER, written) == one_step()
    assert read_run(OTHER, written).start.key() == one_step().start.key()


MISSHAPEN: dict[str, tuple[tuple[str | int, ...], object]] = {
    "no object": ((), []),
    "no steps": (("steps",), None),
    "a step that is none": (("steps", 0), "start"),
    "an unknown action": (("steps", 0, "action"), "stop"),
    "an action without a name": (("steps", 0, "action"), ["start"]),
    "a missing argument": (("steps", 0, "arguments"), {"ticket": 0}),
    "an argument too many": (("steps", 0, "arguments"), {**GIVEN, "more": 1}),
    "an argument of another type": (("steps", 0, "arguments", "amount"), True),
    "a member that is a name": (("steps", 0, "arguments", "ticket"), "first"),
    "a truth value that is a number": (("start", "on"), 0),
    "a number that is a fraction": (("start", "users"), 0.0),
    "an unknown name of an enum": (("start", "MODE"), "LAZY"),
    "a variable too many": (("start", "more"), 1),
    "a family that is no list": (("start", "tickets"), {"0": {"used": False}}),
    "a member with another field": (("start", "tickets", 0), {"new": True}),
    "another number of members": (("start", "tickets"), []),
}


@pytest.mark.parametrize("how", MISSHAPEN)
def test_what_is_not_a_run_of_the_machine_is_refused(how: str) -> None:
    way, value = MISSHAPEN[how]
    content: dict[str, object] = {"run": json.loads(json.dumps(run_json(one_step())))}
    place, last = content, "run"
    for name in way:
        place, last = place[last], name  # type: ignore[assignment]
    place[last] = value
    with pytest.raises(NotARun):
        read_run(OTHER, content["run"])
