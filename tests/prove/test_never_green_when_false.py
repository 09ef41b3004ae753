"""Promises that a run of the interpreter breaks, in spots where a proof is easily mistaken. None may look proved."""

from pathlib import PurePosixPath

import pytest
from quiesce.kernel.kinds import Kind
from quiesce.kernel.problem import problem_of
from quiesce.prove.prover import verify
from quiesce.prove.results import Result, Verdict
from quiesce.spec.effects import ANY_MEMBER
from quiesce.spec.interpreter import Scope, evaluate, holds, initial_states, step
from quiesce.spec.meaning.totals import split
from quiesce.spec.model import INT, Always, Expr, Field, IfElse, Literal, Machine, Same, Total
from quiesce.spec.reader import read_text
from quiesce.spec.state import Arguments, State

from tests.machines import changed
from tests.reports import results_by_id
from tests.twins import BROKEN, machine_of


def broken(name: str) -> Machine:
    return machine_of(BROKEN[name])


def results_of(machine: Machine) -> dict[str, Result]:
    return results_by_id(verify(machine))


def end_of(machine: Machine, *moves: tuple[str, Arguments]) -> State:
    state = next(initial_states(machine, 2))
    for name, arguments in moves:
        state = step(machine, state, machine.actions_by_name[name], arguments)
    return state


def claim_of(machine: Machine) -> Expr:
    (promise,) = machine.promises
    assert isinstance(promise.claim, Always)
    return promise.claim.claim


def test_a_total_counts_both_members_that_one_action_changes() -> None:
    machine = broken("moved_twice")
    end = end_of(machine, ("put", {"slot": 1, "n": 1}), ("swap_for_one", {"source": 0, "target": 1}))
    assert not holds(claim_of(machine), end)
    result = results_of(machine)["step/swap_for_one/conserved"]
    assert result.verdict is Verdict.REFUTED
    assert result.run is not None
    assert len(result.run.moves) == 2
    assert result.run.moves[-1].action == "swap_for_one"


def test_splitting_leaves_a_question_about_two_named_members_open() -> None:
    machine = broken("moved_twice")
    (family,) = machine.families
    held = Field(ANY_MEMBER, family.name, "held", family.fields[0].type)
    ten = IfElse(Same("b", "a", family.name), Literal(10, INT), held)
    total = Total(ANY_MEMBER, family.name, IfElse(Same(ANY_MEMBER, "b", family.name), ten, held))
    state = end_of(machine, ("put", {"slot": 0, "n": 3}), ("put", {"slot": 1, "n": 5}))
    for a in (0, 1):
        for b in (0, 1):
            scope = Scope(state, members={"a": a, "b": b})
            assert evaluate(split(total), scope) == evaluate(total, scope), (a, b)


def test_members_of_two_quantifiers_are_not_mixed_up() -> None:
    machine = broken("overlooked_laggard")
    end = end_of(machine, ("work", {"worker": 0, "done": False}), ("work", {"worker": 1, "done": True}), ("look", {}))
    assert not holds(claim_of(machine), end)
    result = results_of(machine)["step/look/nobody_is_ever_behind"]
    assert result.verdict is Verdict.REFUTED
    assert result.run is not None
    assert [move.action for move in result.run.moves] == ["work", "work", "look"]


def test_the_update_read_from_statements_is_what_they_do() -> None:
    machine = broken("overlooked_laggard")
    before = end_of(machine, ("work", {"worker": 0, "done": False}), ("work", {"worker": 1, "done": True}))
    effect = problem_of(machine).effects["look"]
    after = step(machine, before, machine.actions_by_name["look"], {})
    assert evaluate(effect.scalars["level"], Scope(before)) == after.scalars["level"]


@pytest.mark.parametrize("name", ["needless_alarm", "needless_alarm_of_newcomers"])
def test_a_wait_that_ends_is_no_expected_failure(name: str) -> None:
    assert results_of(broken(name))["expected/wait_ends"].verdict is not Verdict.PROVED


@pytest.mark.parametrize("name", ["needless_alarm", "needless_alarm_of_newcomers"])
def test_a_wait_that_ends_is_not_refuted(name: str) -> None:
    text = changed(BROKEN[name].text, (', expect="refuted"', ""))
    results = results_of(read_text(text, PurePosixPath(f"{name}.py")))
    assert results["leads_to/wait_ends/possible"].verdict is not Verdict.REFUTED


def test_a_trap_does_not_rest_on_a_promise_that_is_broken() -> None:
    """`a` leaves its range, so the range is no reason why there should be no way back; and there is one."""
    text = '''from typing import Annotated

from quiesce.spec import Machine, Range, internal, recoverable, when


class Lift(Machine):
    """A lift that may stick."""

    a: Annotated[int, Range(0, 1)] = 0
    stuck: bool = False

    @internal
    def up(self) -> None:
        """Much too far up."""
        when(self.a == 0)
        self.a = 5

    @internal
    def jam(self) -> None:
        """It sticks."""
        when(self.a == 5)
        self.stuck = True

    @internal
    def wobble(self) -> None:
        """Free again."""
        when(self.a == 1)
        self.stuck = False

    @internal
    def back(self) -> None:
        """Down again."""
        when(self.a == 5 and not self.stuck)
        self.a = 0

    @recoverable
    def down(self) -> bool:
        """It can always come down."""
        return self.a == 0
'''
    report = verify(read_text(text, PurePosixPath("lift.py")))
    for result in report.results:
        if result.obligation.kind is Kind.RECOVERABLE and result.run is not None:
            assert result.run.end.scalars["stuck"], "there is a way back from here"


def test_what_is_wrong_at_the_start_is_not_shown_by_a_later_state() -> None:
    """A sum of nothing but zeros is zero, also where it could be negative later."""
    text = '''from quiesce.spec import Family, Int, Machine, Member, always, environment


class Part(Member):
    """A part."""

    y: Int = 0


class Whole(Machine):
    """Parts."""

    parts: Family[Part]

    @environment
    def lower(self, p: Part) -> None:
        """Down."""
        p.y -= 1

    @always
    def high(self) -> bool:
        """Not for long."""
        return sum(p.y for p in self.parts) > -2
'''
    results = results_by_id(verify(read_text(text, PurePosixPath("whole.py"))))
    assert results["start/high"].verdict is Verdict.PROVED
    assert results["step/lower/high"].verdict is Verdict.REFUTED
