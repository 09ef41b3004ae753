"""Where a machine can be while a caller waits: the places that steps lead to from where the call has led."""

from pathlib import PurePosixPath

import pytest
from quiesce.spec import places
from quiesce.spec.activities import trusted_to_answer
from quiesce.spec.model import TRUE
from quiesce.spec.places import places_of_waiting
from quiesce.spec.reader import read_text
from quiesce.spec.show import show

from tests.machines import changed, text_of

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
    "perhaps": (((BEGINS, CLOSES_IF_BROKEN),), {"UP", "CLOSING", "ODD"}),
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


def test_a_place_that_an_argument_decides_may_be_any_and_tells_nothing() -> None:
    any_place = changed(
        PUMP, ("def stop(self)", "def stop(self, to: Phase)"), ("Phase.DRAINING\n\n    @call", "to\n\n    @call")
    )
    assert waiting(any_place) == {"True"}


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
    assert waiting(SWITCH) == {"self.closing"}


WORKER = text_of("worker")
GOES_ON = """    @call("go_on")
    def go_on(self) -> None:
        when(self.phase == Phase.BOOTING)
        self.wanted = True

    @call("start")
"""
HALTS = "\n        if self.phase == Phase.READY:\n            self.phase = Phase.HALTING"
BY_ANSWER = "booted(self, works: Answer[bool]) -> None:\n        when(self.phase == Phase.BOOTING)\n        if works:"
PROMISE = WORKER[WORKER.index("    @always") :]

OF_THE_WORKER: dict[str, tuple[tuple[tuple[str, str], ...], set[str]]] = {
    "an enum variable and a truth value": ((), {"BOOTING, not wanted", "HALTING, not wanted"}),
    "one that only what answers asks for": (
        (
            ("when(self.wanted)", "when(self.phase == Phase.READY)"),
            ("\n        self.wanted = False\n        if", "\n        if"),
        ),
        {"HALTING"},
    ),
    "one that the call only asks for": (
        ((HALTS, ""),),
        {f"{phase}, not wanted" for phase in ("BOOTING", "READY", "HALTING")},
    ),
    "one that another step changes back": (
        (('    @call("start")\n', GOES_ON),),
        {"BOOTING, not wanted", "HALTING, not wanted", "BOOTING, wanted", "READY, wanted"},
    ),
    "where a promise does not rule out the start": (
        ((PROMISE, ""),),
        {"OFF, not wanted", "BOOTING, not wanted", "HALTING, not wanted", "BOOTING, wanted", "READY, wanted"},
    ),
}


def waiting_in_words(text: str) -> set[str]:
    machine = read_text(text, PurePosixPath("worker.py"))
    said = show(places_of_waiting(machine, machine.actions_by_name["stop"])).replace("self.phase == Phase.", "")
    return {place.replace(" and", ",").replace("self.", "") for place in said.split(" or ")}


@pytest.mark.parametrize("name", OF_THE_WORKER)
def test_places_are_told_by_all_that_the_call_writes_and_that_it_or_its_answer_asks_for(name: str) -> None:
    changes, expected = OF_THE_WORKER[name]
    assert waiting_in_words(changed(WORKER, *changes)) == expected


def test_what_one_condition_decides_of_two_variables_goes_together() -> None:
    """Taken each by itself, two more places were said to be there."""
    together = (
        "            self.phase = Phase.READY\n",
        "            self.phase = Phase.READY\n            self.wanted = True\n",
    )
    header = "booted(self) -> None:\n        when(self.phase == Phase.BOOTING)\n        if self.wanted:"
    text = changed(
        WORKER, together, (f"def {header}", f"def {BY_ANSWER}"), ("import Machine", "import Answer, Machine")
    )
    assert waiting_in_words(text) == {"BOOTING, not wanted", "HALTING, not wanted", "READY, wanted"}


def test_where_there_are_too_many_places_fewer_variables_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    asks = (BEGINS, BEGINS.replace("Phase.UP)", "Phase.UP and (self.a or self.b or self.c))"))
    text = changed(PUMP, asks, ("    level:", "".join(f"    {name}: bool = False\n" for name in "abc") + "    level:"))
    found = {}
    for most in (30, 20, 3):
        monkeypatch.setattr(places, "MOST", most)
        found[most] = waiting(text)
    assert len(found[30]) == 3 * 7
    assert (found[20], found[3]) == ({"DRAINING", "RINSING", "CLOSING"}, {"True"})


def test_a_call_with_more_places_than_anybody_could_list_is_read_at_once() -> None:
    """Thirty truth values that arguments decide, together or one by one, have a milliard of places."""
    names = [f"t{number}" for number in range(30)]
    declared = "".join(f"    {name}: bool = False\n" for name in names) + "    level:"
    taken = "".join(f", a{name}: bool" for name in names)
    written = "".join(f"\n        self.{name} = a{name}" for name in names)
    chosen = "".join(f"\n        if a{name}:\n            self.{name} = True" for name in names)
    for body in (written, chosen):
        text = changed(
            PUMP, ("    level:", declared), ("def stop(self", f"def stop(self{taken}"), (BEGINS, BEGINS + body)
        )
        assert waiting(text) == {"DRAINING", "RINSING", "CLOSING"}
