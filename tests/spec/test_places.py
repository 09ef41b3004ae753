"""Where a machine can be while a caller waits: the places that steps lead to from where the call has led."""

from pathlib import PurePosixPath

import pytest
from quiesce.spec import places
from quiesce.spec.activities import trusted_to_answer
from quiesce.spec.model import TRUE
from quiesce.spec.places import places_of_waiting
from quiesce.spec.reader import read_text
from quiesce.spec.show import show

from tests.machines import changed

PUMP = """
from enum import Enum, auto

from quiesce.spec import Machine, Nat, activity, call, environment, timeout, when


class Phase(Enum):
    UP = auto()
    DRAINING = auto()
    RINSING = auto()
    CLOSING = auto()
    DOWN = auto()
    ODD = auto()


class Pump(Machine):
    phase: Phase = Phase.UP
    level: Nat = 0
    broken: bool = False

    @activity("close")
    def closed(self) -> None:
        when(self.phase == Phase.CLOSING)
        self.phase = Phase.DOWN

    @environment
    def drained(self) -> None:
        when(self.phase == Phase.DRAINING and self.level == 0)
        self.phase = Phase.RINSING if self.broken else Phase.CLOSING

    @environment
    def rinsed(self) -> None:
        when(self.phase == Phase.RINSING)
        self.phase = Phase.CLOSING

    @timeout("long")
    def given_up(self) -> None:
        when(self.phase == Phase.DRAINING)
        self.phase = Phase.CLOSING

    @environment
    def breaks(self) -> None:
        when(self.phase == Phase.UP)
        self.phase = Phase.ODD

    @call("stop", until=[closed], fair=[drained])
    def stop(self) -> None:
        when(self.phase == Phase.UP)
        self.phase = Phase.DRAINING

    @call("stop", fails="NOT_UP")
    def not_up(self) -> None:
        when(self.phase != Phase.UP)
"""

UNTIL = "until=[closed], fair=[drained]"


def waiting(text: str) -> set[str]:
    machine = read_text(text, PurePosixPath("pump.py"))
    claim = places_of_waiting(machine, machine.actions_by_name["stop"])
    return {part.removeprefix("self.phase == Phase.") for part in show(claim).split(" or ")}


BEGINS = "when(self.phase == Phase.UP)\n        self.phase = Phase.DRAINING"
CLOSES_AT_ONCE = BEGINS.replace("DRAINING", "CLOSING")
CLOSES_IF_BROKEN = BEGINS.replace(
    "self.phase = Phase.DRAINING", "if self.broken:\n            self.phase = Phase.CLOSING"
)
TURNS = "Phase.RINSING if self.broken else Phase.CLOSING"

CHANGES = {
    "none": ((), {"DRAINING", "RINSING", "CLOSING"}),
    "answered early": (((UNTIL, "until=[drained, given_up]"),), {"DRAINING"}),
    "not answered by the work": (((UNTIL, "until=[rinsed]"),), {"DRAINING", "RINSING", "CLOSING", "DOWN"}),
    "at once": (((BEGINS, CLOSES_AT_ONCE),), {"CLOSING"}),
    "perhaps": (((BEGINS, CLOSES_IF_BROKEN),), {"UP", "ODD", "DRAINING", "RINSING", "CLOSING", "DOWN"}),
    "one way": (((TURNS, "Phase.CLOSING"),), {"DRAINING", "CLOSING"}),
    "known way": (((TURNS, TURNS.replace("self.broken", "self.phase == Phase.UP")),), {"DRAINING", "CLOSING"}),
    "other known way": (
        ((TURNS, TURNS.replace("self.broken", "self.phase != Phase.UP")),),
        {"DRAINING", "RINSING", "CLOSING"},
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_places_follow_from_each_other(name: str) -> None:
    changes, expected = CHANGES[name]
    assert waiting(changed(PUMP, *changes)) == expected


def test_a_place_that_an_argument_decides_may_be_any() -> None:
    any_place = changed(
        PUMP, ("def stop(self)", "def stop(self, to: Phase)"), ("Phase.DRAINING\n\n    @call", "to\n\n    @call")
    )
    assert waiting(any_place) == {"UP", "DRAINING", "RINSING", "CLOSING", "DOWN", "ODD"}


def test_too_many_places_are_not_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = read_text(PUMP, PurePosixPath("pump.py"))
    monkeypatch.setattr(places, "MOST", 3)
    assert places_of_waiting(machine, machine.actions_by_name["stop"]) == TRUE
    monkeypatch.setattr(places, "MOST", 4)
    assert places_of_waiting(machine, machine.actions_by_name["stop"]) != TRUE


@pytest.mark.parametrize(
    ("until", "trusted"),
    [
        (UNTIL, ("closed", "drained")),
        ("until=[closed]", ("closed",)),
        ("until=[closed, given_up]", ("closed", "given_up")),
        ("until=[closed, rinsed]", ("closed",)),
        ("until=[rinsed, given_up], fair=[drained, breaks]", ("given_up", "drained", "breaks")),
    ],
)
def test_nobody_is_trusted_but_work_timeouts_and_who_is_named(until: str, trusted: tuple[str, ...]) -> None:
    """An action of the world outside that answers a call need not come."""
    machine = read_text(changed(PUMP, (UNTIL, until)), PurePosixPath("pump.py"))
    assert trusted_to_answer(machine, machine.actions_by_name["stop"]) == trusted


SWITCH = """
from quiesce.spec import Machine, activity, call, when


class Switch(Machine):
    closing: bool = False

    @activity("close")
    def closed(self) -> None:
        when(self.closing)
        self.closing = False

    @call("stop", until=[closed])
    def stop(self) -> None:
        when(not self.closing)
        self.closing = True

    @call("stop", fails="BUSY")
    def busy(self) -> None:
        when(self.closing)
"""


def test_a_truth_value_is_a_place_where_the_call_writes_no_enum() -> None:
    assert waiting(SWITCH) == {"self.closing == True"}
