"""Calls of a contract that are answered by a later step: where that is allowed, and where it is not."""

from pathlib import Path

import pytest

from tests.kernel.offering import offers, server, with_change
from tests.machines import changed

STARTING = """
from quiesce.spec import Answer, Machine, Nat, call, when


class Service(Machine):
    held: Nat = 0

    @call("Start")
    def start(self, ready: Answer[bool]) -> None:
        when(ready)
        self.held += 1

    @call("Start", fails="LATER")
    def later(self, ready: Answer[bool]) -> None:
        when(not ready)
"""


BEGINS = """
from enum import Enum, auto

from service import Service
from quiesce.spec import Machine, Nat, call, environment, internal, policy, when


class Phase(Enum):
    IDLE = auto()
    STARTING = auto()
    RUNNING = auto()


class Server(Machine, provides=Service):
    phase: Phase = Phase.IDLE
    held: Nat = 0
    tries: Nat = 0

    @call("Start")
    def begin(self) -> None:
        when(self.phase == Phase.IDLE)
        self.phase = Phase.STARTING

    @call("Start")
    def again(self) -> None:
        when(self.phase == Phase.RUNNING)
        self.held += 1

    @call("Start", fails="LATER")
    def busy(self) -> None:
        when(self.phase == Phase.STARTING)

    @internal
    def ready(self) -> None:
        when(self.phase == Phase.STARTING)
        self.phase = Phase.RUNNING
        self.held += 1

    @internal
    def fails(self) -> None:
        when(self.phase == Phase.STARTING)
        self.phase = Phase.IDLE

    @internal
    def tries_again(self) -> None:
        when(self.phase == Phase.STARTING)
        self.tries += 1
"""


BEGUN = {
    "as agreed": ((), []),
    "begins at the start": (("phase: Phase = Phase.IDLE", "phase: Phase = Phase.STARTING"), ["refinement/(start)"]),
    "is answered without a count": (
        ("self.phase = Phase.RUNNING\n        self.held += 1", "self.phase = Phase.RUNNING\n        self.held += 0"),
        [],
    ),
    "counts twice": (
        ("self.phase = Phase.RUNNING\n        self.held += 1", "self.phase = Phase.RUNNING\n        self.held += 2"),
        ["refinement/ready"],
    ),
    "counts while it is still under way": (
        ("self.tries += 1", "self.tries += 1\n        self.held += 1"),
        ["refinement/tries_again"],
    ),
    "a failure that counts down": (
        ("self.phase = Phase.IDLE\n", "self.phase = Phase.IDLE\n        self.held -= 1\n"),
        ["refinement/fails"],
    ),
    "a second call begins while one is under way": (
        ("when(self.phase == Phase.IDLE)\n", "when(self.phase != Phase.RUNNING)\n"),
        ["refinement/begin"],
    ),
    "one comes from nowhere": (
        ("when(self.phase == Phase.STARTING)\n        self.tries += 1", "self.phase = Phase.STARTING"),
        ["refinement/tries_again"],
    ),
    "another call ends it": (
        (
            "when(self.phase == Phase.RUNNING)\n        self.held += 1",
            "when(self.phase == Phase.RUNNING)\n        self.phase = Phase.IDLE\n        self.held += 1",
        ),
        [],
    ),
    "a call ends another": (
        (
            "when(self.phase == Phase.RUNNING)\n        self.held += 1",
            "when(self.phase != Phase.IDLE)\n        self.phase = Phase.IDLE\n        self.held += 1",
        ),
        ["refinement/again"],
    ),
    "whether it begins depends": (
        ("self.phase = Phase.STARTING\n", "self.phase = Phase.STARTING if self.tries > 0 else Phase.RUNNING\n"),
        ["refinement/begin", "refinement/ready"],
    ),
    "it begins and counts": (
        ("self.phase = Phase.STARTING\n", "self.phase = Phase.STARTING\n        self.held += 1\n"),
        ["refinement/ready"],
    ),
}


@pytest.mark.parametrize("name", BEGUN)
def test_a_call_that_is_answered_later(tmp_path: Path, name: str) -> None:
    change, wrong = BEGUN[name]
    assert offers(server(tmp_path, with_change(BEGINS, change), STARTING)) == wrong


NOT_LATER = {
    "it may not be refused": (
        STARTING[STARTING.index('    @call("Start", fails="LATER")') :],
        "",
    ),
    "what it counts depends on an argument": ("self.held += 1", "self.held += 2 if ready else 1"),
    "it depends on the state": ("when(ready)", "when(ready and self.held >= 0)"),
    "it counts nothing": ("self.held += 1", "pass"),
}


@pytest.mark.parametrize("name", NOT_LATER)
def test_a_contract_that_does_not_allow_it(tmp_path: Path, name: str) -> None:
    before, now = NOT_LATER[name]
    found = offers(server(tmp_path, BEGINS, changed(STARTING, (before, now))))
    assert {"refinement/begin"} <= {*found} or {"refinement/ready"} <= {*found}


def test_a_call_with_two_ways_to_succeed_is_not_answered_later(tmp_path: Path) -> None:
    twice = STARTING.replace(', fails="LATER"', "")
    assert {"refinement/begin", "refinement/ready"} & {
        *offers(server(tmp_path, BEGINS.replace(', fails="LATER"', ""), twice))
    }


AGAIN = "when(self.phase == Phase.RUNNING)\n        self.held += 1"


ODDLY = {
    "a second one begins and counts": f"{AGAIN}\n        self.held += 1\n        self.phase = Phase.STARTING",
    "one is accepted and neither counts nor begins": "when(self.phase == Phase.RUNNING)",
}


@pytest.mark.parametrize("name", ODDLY)
def test_a_call_that_begins_does_nothing_else(tmp_path: Path, name: str) -> None:
    assert "refinement/again" in offers(server(tmp_path, with_change(BEGINS, (AGAIN, ODDLY[name])), STARTING))


@pytest.mark.parametrize(("guard", "good"), [("ready", True), ("n > 3", False)])
def test_a_call_begins_only_where_it_may_end_well(tmp_path: Path, guard: str, *, good: bool) -> None:
    contract = STARTING.replace("ready: Answer[bool]", "ready: Answer[bool], n: Nat").replace(
        "when(ready)", f"when({guard})"
    )
    contract = contract.replace("when(not ready)", "when(ready or not ready)")
    text = BEGINS.replace("def begin(self)", "def begin(self, n: Nat)")
    assert ("refinement/begin" not in offers(server(tmp_path, text, contract))) == good


OTHER = '\n    @call("Other")\n    def other(self) -> None:\n'


def test_only_a_call_that_may_be_answered_later_begins(tmp_path: Path) -> None:
    """What callers of `Other` have to keep could not be told later, as it depends on the state in which it began."""
    other = OTHER.replace("(self)", "(self, ready: Answer[bool])")
    contract = (
        f"{STARTING}{other}        when(ready)\n        assume(self.held > 0, 'agreed')\n        self.held += 1\n"
    )
    none = other.replace('"Other"', '"Other", fails="NONE"').replace("def other", "def none")
    contract = f"{contract}{none}        when(not ready)\n".replace("Nat, call", "Nat, assume, call")
    begins = f"{BEGINS}{OTHER}        when(self.phase == Phase.IDLE)\n        self.phase = Phase.STARTING\n"
    assert "refinement/other" in offers(server(tmp_path, begins, contract))


def test_a_call_that_succeeds_in_two_ways_is_not_answered_later_even_if_they_do_the_same(tmp_path: Path) -> None:
    """Which of them applies depends on the state in which the call began."""
    first = STARTING.replace("when(ready)", "when(ready and self.held == 0)")
    second = '\n    @call("Start")\n    def more(self, ready: Answer[bool]) -> None:\n'
    contract = f"{first}{second}        when(ready and self.held > 0)\n        self.held += 1\n"
    assert {"refinement/begin", "refinement/ready"} <= {*offers(server(tmp_path, BEGINS, contract))}
