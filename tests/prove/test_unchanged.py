"""What is unchanged: proved of every step and every member, or refuted by the step that changes it."""

from pathlib import PurePosixPath

import pytest
from quiesce.kernel.kinds import id_of
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.prover import verify
from quiesce.prove.results import Report, Verdict
from quiesce.prove.search.runs import Runs
from quiesce.spec.interpreter import holds, replay
from quiesce.spec.model import Machine, Step
from quiesce.spec.reader import read_text
from quiesce.spec.show import show

from tests.machines import changed, text_of

pytestmark = pytest.mark.slow

DESK = text_of("desk")


def desk(text: str = DESK) -> Machine:
    return read_text(text, PurePosixPath("desk.py"))


def failures(report: Report) -> dict[str, Verdict]:
    return {id_of(r.obligation.about): r.verdict for r in report.results if r.verdict is not Verdict.PROVED}


def test_each_method_is_a_promise_and_one_more_for_actions_that_are_given_members() -> None:
    machine = desk()
    found = {p.name: p.claim for p in machine.promises if isinstance(p.claim, Step)}
    assert {name: show(step.claim) for name, step in found.items()} == {
        "what_is_lent": "all(implies(x.held, x.books == old[x].books) for x in self.loans)",
        "what_is_lent.but_x": "all(implies(other.held and not other == x, other.books == old[other].books) "
        "for other in self.loans)",
        "what_is_lent.but_x_and_y": "all(implies(other.held and not other == x and not other == y, "
        "other.books == old[other].books) for other in self.loans)",
        "fines": "all(implies(loan.held, loan.fine == old[loan].fine and "
        "(self.day > 0 or loan.fine > 0) == (old.day > 0 or old[loan].fine > 0)) for loan in self.loans)",
        "today": "self.day == old.day",
    }
    every = {action.name for action in machine.actions}
    about = {name: every - set(step.unless) for name, step in found.items()}
    assert about["what_is_lent"] == every - {"lend", "move"}
    assert (about["what_is_lent.but_x"], about["what_is_lent.but_x_and_y"]) == ({"lend"}, {"move"})
    assert about["fines"] == about["today"] == every - {"night"}


def test_the_further_promise_says_whose_values_may_change() -> None:
    docs = {p.name: p.doc for p in desk().promises}
    assert docs["what_is_lent"] == "A loan keeps its books."
    assert (
        docs["what_is_lent.but_x"]
        == "A step that is given `x`, and may change `what_is_lent`, changes it for `x` alone."
    )


def test_what_stays_is_proved() -> None:
    assert failures(CheckedMachine(verify(desk())).report) == {}


BROKEN = {
    "an action that is not excepted changes it": (
        "        x.held = True\n",
        "        x.held = True\n        x.books = 1\n",
        {"step/open_loan/what_is_lent"},
    ),
    "an action that is not excepted changes it of every member": (
        "                x.fine += 1\n",
        "                x.fine += 1\n                x.books -= 1\n",
        {"step/night/what_is_lent"},
    ),
    "an excepted action changes it of another member": (
        '        x.books += 1\n\n    @call("lend", f',
        '        for y in self.loans:\n            if y.held:\n                y.books += 1\n\n    @call("lend", f',
        {"step/lend/what_is_lent.but_x"},
    ),
    "an excepted action that is given two members changes a third": (
        "        y.books += 1\n",
        "        for z in self.loans:\n            if z != x and z.held:\n                z.books += 1\n",
        {"step/move/what_is_lent.but_x_and_y"},
    ),
    "a value of the machine changes": (
        "        x.held = True\n",
        "        x.held = True\n        self.day += 1\n",
        None,
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_does_not_stay_is_refuted_by_a_step(name: str) -> None:
    before, after, wanted = BROKEN[name]
    machine = desk(changed(DESK, (before, after)))
    report = verify(machine)
    found = {r.obligation.about: r for r in report.results if r.verdict is Verdict.REFUTED}
    ids = {id_of(about) for about in found}
    assert ids == (wanted or {"step/open_loan/today", "step/open_loan/fines"})
    for about, result in found.items():
        promise = next(p for p in machine.promises if p.name == about.promise)  # type: ignore[union-attr]
        run = result.run
        assert run is not None
        replay(machine, run)
        claim = promise.claim
        assert isinstance(claim, Step)
        assert not holds(claim.claim, run.states[-1], run.states[-2], claim.parameters, run.moves[-1].arguments)


REFUTED = ("@unchanged(unless=night)\n    def today", '@unchanged(unless=[], expect="refuted")\n    def today')
"""A night changes the day, so this is false."""


def test_what_is_declared_to_change_needs_a_run_that_changes_it() -> None:
    report = CheckedMachine(verify(desk(changed(DESK, REFUTED)))).report
    [result] = [r for r in report.results if r.obligation.id == "expected/today"]
    assert result.run is not None
    assert [move.action for move in result.run.moves] == ["night"]


def test_what_is_declared_to_change_and_stays_is_a_mistake() -> None:
    text = changed(DESK, ("@unchanged(unless=night)\n    def today", REFUTED[1].replace("[]", "night")))
    assert failures(verify(desk(text))) == {"expected/today": Verdict.UNKNOWN}


def test_what_is_declared_to_change_is_about_the_steps_that_are_not_excepted() -> None:
    """That an excepted action changes it for its own member alone is to hold all the same."""
    before, after, _ = BROKEN["an excepted action changes it of another member"]
    expected = ("unless=[lend, move])", 'unless=[lend, move], expect="refuted")')
    found = {p.name: p.holds for p in desk(changed(DESK, expected)).promises}
    assert [name for name, held in found.items() if not held] == ["what_is_lent"]
    open_ends = failures(verify(desk(changed(DESK, expected, (before, after)))))
    assert {"expected/what_is_lent", "step/lend/what_is_lent.but_x"} <= open_ends.keys()


WEEKDAYS = '''
from enum import Enum, auto

from quiesce.spec import Machine, Nat, environment, policy, unchanged


class Clock(Enum):
    STOPS = auto()
    GOES = auto()


CLOCK = policy(Clock.STOPS, Clock.GOES)


class Tower(Machine):
    """A tower with a clock."""

    hour: Nat = 0

    @environment
    def tick(self) -> None:
        """An hour passes."""
        if CLOCK == Clock.GOES:
            self.hour += 1

    @unchanged(expect={Clock.GOES: "refuted"})
    def the_hour(self) -> Nat:
        """The hour stays."""
        return self.hour
'''


def test_what_stays_under_one_alternative_alone_is_proved_of_that_and_refuted_of_the_other() -> None:
    machine = read_text(WEEKDAYS, PurePosixPath("tower.py"))
    assert [(p.name, p.holds) for p in machine.promises] == [("the_hour", True), ("the_hour under GOES", False)]
    assert failures(CheckedMachine(verify(machine)).report) == {}
    wrong = read_text(changed(WEEKDAYS, ("Clock.GOES: ", "Clock.STOPS: ")), PurePosixPath("tower.py"))
    assert "expected/the_hour under STOPS" in failures(verify(wrong))


def test_that_others_stay_as_they_are_is_shown_by_a_walk_with_few_members(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of a walk's members gets a twin, so nobody has to search for a run with two loans."""
    monkeypatch.setattr(Runs, "any", None)
    report = verify(desk())
    assert [result.obligation.id for result in report.results if result.verdict is not Verdict.PROVED] == []
