"""Calls that are answered later: a caller waits after a call and before its answer, and nowhere else.

In which states that is, the prover guesses. A guess that is too wide must refute nothing, and one that is too narrow
must prove nothing.
"""

from pathlib import PurePosixPath

import pytest
from quiesce.kernel import activities
from quiesce.prove.prover import verify
from quiesce.prove.results import Report, Result, Verdict
from quiesce.spec.interpreter import replay
from quiesce.spec.model import FALSE, TRUE, Expr, Variable
from quiesce.spec.reader import read_text

from tests.machines import changed, text_of
from tests.reports import not_proved, results_by_id, verdicts_by_id

WORKER = text_of("worker")


def report(text: str) -> Report:
    return verify(read_text(text, PurePosixPath("who_waits.py")))


def call(name: str, until: str, body: str) -> tuple[str, str]:
    """A further call of the worker."""
    return (
        '    @call("start")',
        f'    @call("{name}"{until})\n    def {name}(self) -> None:\n{body}\n\n    @call("start")',
    )


HALT_AS_WELL = call(
    "halt",
    ", until=[halted, not_booted]",
    "        when(self.phase == Phase.READY)\n        self.phase = Phase.HALTING\n        self.wanted = False",
)
NOTHING_TO_HALT = call("halt_not", "", "        when(self.phase != Phase.READY)")
ASKED_TO_HALT = (NOTHING_TO_HALT[0], NOTHING_TO_HALT[1].replace('"halt_not"', '"halt", fails="NOT_READY"'))

LAMP = """
from quiesce.spec import Machine, activity, always, call, when


class Lamp(Machine):
    on: bool = False
    hot: bool = False

    @activity("cool")
    def cooled(self) -> None:
        when(self.hot and not self.on)
        self.hot = False

    @call("start")
    def start(self) -> None:
        when(not self.on and not self.hot)
        self.on = True
        self.hot = True

    @call("start", fails="BUSY")
    def start_again(self) -> None:
        when(self.on or self.hot)

    @call("stop", until=[cooled])
    def stop(self) -> None:
        when(self.on)
        self.on = False

    @call("stop", fails="NOT_ON")
    def stop_nothing(self) -> None:
        when(not self.on)

    @always
    def hot_while_on(self) -> bool:
        return not self.on or self.hot
"""

GUESTS = """
from enum import Enum, auto

from quiesce.spec import Family, Machine, Member, New, activity, call, when


class Door(Enum):
    OPEN = auto()
    SHUTTING = auto()


class Guest(Member):
    inside: bool = False


class House(Machine):
    door: Door = Door.OPEN
    locked: bool = False
    guests: Family[Guest]

    @activity("lock")
    def was_locked(self) -> None:
        when(self.door == Door.SHUTTING)
        self.door = Door.OPEN

    @call("come")
    def come(self, guest: New[Guest]) -> None:
        guest.inside = True

    @call("leave", until=[was_locked])
    def leave(self, guest: Guest, for_good: bool) -> None:
        when(guest.inside)
        guest.inside = False
        self.door = Door.SHUTTING
        self.locked = for_good

    @call("leave", fails="NOT_INSIDE")
    def leave_nothing(self, guest: Guest, for_good: bool) -> None:
        when(not guest.inside)
"""

ANSWERED: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "an enum variable and a truth value tell together": (WORKER, ()),
    "two calls share the variables": (WORKER, (HALT_AS_WELL, ASKED_TO_HALT)),
    "what the call writes is as at the start again": (LAMP, ()),
    "a call that is given a member": (GUESTS, ()),
}


@pytest.mark.parametrize("name", ANSWERED)
def test_who_waits_is_answered(name: str) -> None:
    text, changes = ANSWERED[name]
    assert not_proved(report(changed(text, *changes))) == []


BOOTED_IN_VAIN = "        else:\n            self.phase = Phase.HALTING"
FORGOTTEN: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "one end of the work is no answer": (WORKER, (("until=[halted, not_booted]", "until=[not_booted]"),)),
    "nobody halts what has booted in vain": (WORKER, ((BOOTED_IN_VAIN, BOOTED_IN_VAIN.replace("HALTING", "READY")),)),
    "another caller has it go on": (
        WORKER,
        (
            call(
                "go_on", "", "        when(self.phase == Phase.BOOTING and not self.wanted)\n        self.wanted = True"
            ),
            call("go_on_not", "", "        when(self.phase != Phase.BOOTING or self.wanted)"),
        ),
    ),
    "two calls share the variables, and one of them is answered": (
        WORKER,
        (
            (HALT_AS_WELL[0], HALT_AS_WELL[1].replace("until=[halted, not_booted]", "until=[not_booted]")),
            ASKED_TO_HALT,
        ),
    ),
    "what the call writes is as at the start again": (LAMP, (("self.hot and not self.on", "self.hot and self.on"),)),
    "a call that is given a member": (
        GUESTS,
        (("when(self.door == Door.SHUTTING)", "when(self.door == Door.SHUTTING and not self.locked)"),),
    ),
}


def refuted_waits(found: Report) -> list[Result]:
    return [r for r in found.results if r.verdict is Verdict.REFUTED and ".answered.ends/possible" in r.obligation.id]


@pytest.mark.parametrize("name", FORGOTTEN)
def test_who_is_forgotten_is_shown_by_a_run_with_the_call_and_without_an_answer(name: str) -> None:
    text, changes = FORGOTTEN[name]
    found = report(changed(text, *changes))
    refuted = refuted_waits(found)
    assert refuted
    for result in refuted:
        assert result.run is not None
        replay(found.machine, result.run)
        waits = result.obligation.id.split("/")[1].split(".")[0]
        steps = [move.action for move in result.run.moves]
        assert waits in steps
        assert not {*steps[steps.index(waits) :]} & {*found.machine.actions_by_name[waits].until}


COUNTER = """
from quiesce.spec import Machine, Nat, activity, call, when


class Gate(Machine):
    leaving: Nat = 0

    @activity("see_off")
    def gone(self) -> None:
        when(self.leaving > 0)
        self.leaving = 0

    @call("leave", until=[gone])
    def leave(self) -> None:
        self.leaving += 1
"""

UNPROMISED = LAMP[: LAMP.index("    @always")]

NOT_TOLD = {
    "a number tells": (
        COUNTER,
        "nothing that `leave` writes or asks for tells where its caller waits: let it write an",
    ),
    "a promise would tell": (
        UNPROMISED,
        (
            "the caller of `stop` is taken to wait wherever "
            "not self.on and not self.hot or not self.on and self.hot or self.on and self.hot: "
            "where nobody does, let `stop` write what tells so, ask for it in `when`, or promise it of"
        ),
    ),
}


@pytest.mark.parametrize("name", NOT_TOLD)
def test_a_state_where_nobody_can_wait_refutes_nothing_and_the_advice_says_what_to_write(name: str) -> None:
    """At the start, before any call, a caller was said to wait for ever."""
    text, advice = NOT_TOLD[name]
    found = report(text)
    assert Verdict.REFUTED not in verdicts_by_id(found).values()
    open_ = {r.obligation.id: r.detail for r in found.results if r.verdict is Verdict.UNKNOWN}
    assert open_
    assert all(advice in detail for detail in open_.values())


def test_what_rests_on_a_promise_that_fails_is_no_fault_of_the_call() -> None:
    """Where a caller waits is told by promises; a state that they exclude, and that is reached, refutes them alone."""
    found = results_by_id(report(changed(LAMP, ("        self.hot = True\n", ""))))
    assert {name for name, r in found.items() if r.verdict is Verdict.REFUTED} == {"step/start/hot_while_on"}
    begins = found["step/stop/stop.answered.begins"]
    assert (begins.verdict, begins.run, begins.detail) == (Verdict.UNKNOWN, None, "rests on hot_while_on")


ON, HOT = (Variable(name, TRUE.type) for name in ("on", "hot"))


@pytest.mark.parametrize(
    ("guess", "unproved"),
    [(FALSE, "begins"), (ON, "begins"), (TRUE, "ends"), (HOT, "ends")],
    ids=["nobody", "not yet", "anybody", "too many"],
)
def test_a_wrong_guess_proves_nothing(monkeypatch: pytest.MonkeyPatch, guess: Expr, unproved: str) -> None:
    def places_of_waiting(*_: object) -> Expr:
        return guess

    monkeypatch.setattr(activities, "places_of_waiting", places_of_waiting)
    found = report(LAMP)
    assert any(f"stop.answered.{unproved}" in name for name in not_proved(found))
    assert Verdict.REFUTED not in verdicts_by_id(found).values()
