"""Ways to a green that is not earned, each of which once was one."""

from dataclasses import replace
from pathlib import PurePosixPath

import pytest
from quiesce.kernel.established import established
from quiesce.kernel.hints import NOTHING, Hints, Trap
from quiesce.kernel.plan import Plan
from quiesce.kernel.problem import problem_of
from quiesce.kernel.runs.shown import objection
from quiesce.kernel.subjects import Fails
from quiesce.prove.prover import verify
from quiesce.prove.results import Verdict
from quiesce.spec.interpreter import initial_states
from quiesce.spec.model import BOOL, Machine, Not, Quantified, Quantifier, Variable
from quiesce.spec.reader import read_text
from quiesce.spec.state import Run

from tests.machines import text_of
from tests.reports import verdicts_by_id


def machine(text: str) -> Machine:
    return read_text(text, PurePosixPath("spec.py"))


ROUND = text_of("round")


def test_to_wait_for_another_reason_is_no_end_of_a_wait() -> None:
    verdicts = verdicts_by_id(verify(machine(ROUND)))
    assert verdicts["leads_to/caller.stop_in_a/ab/decreases"] is not Verdict.PROVED
    back = 'self.phase = Phase.%s\n\n    @call("stop")'
    ended = ROUND.replace(back % "A", back % "IDLE")
    assert ended != ROUND
    assert all(result.verdict is Verdict.PROVED for result in verify(machine(ended)).results)


COUNT = """
from quiesce.spec import Machine, Nat, always, assume, call


class Count(Machine):
    n: Nat = 0

    @call("up")
    def up(self) -> None:
        self.n += 1

    @call("down")
    def down(self) -> None:
        assume(self.n > 0, "nobody goes down too often")
        self.n -= 1

    @always
    def small(self) -> bool:
        return self.n <= 3
"""


def test_what_has_to_be_proved_cannot_be_taken_out_of_a_plan() -> None:
    plan = Plan(problem_of(machine(COUNT)))
    for listed in (
        plan.due,
        plan.situations,
        plan.waits,
        plan.problem.effects,
        plan.problem.reads,
        plan.problem.compared,
    ):
        assert not hasattr(listed, "clear")
        assert not hasattr(listed, "__setitem__")


def test_a_plan_that_lists_nothing_establishes_nothing() -> None:
    class Nothing(Plan):
        due = {}  # noqa: RUF012 -- what somebody might try

    with pytest.raises(TypeError, match="in its own way"):
        established(Nothing(problem_of(machine(COUNT))), NOTHING, frozenset(), {})


def test_what_is_false_where_all_is_assumed_is_not_false_for_want_of_assumptions() -> None:
    text = COUNT.replace("@always\n", '@always(expect="refuted without assumptions")\n')
    verdicts = verdicts_by_id(verify(machine(text)))
    assert verdicts["expected/small"] is Verdict.REFUTED
    needed = (
        text.replace("return self.n <= 3", "return self.n >= 0").replace("n: Nat", "n: Int").replace(" Nat,", " Int,")
    )
    verdicts = verdicts_by_id(verify(machine(needed)))
    assert verdicts["expected/small"] is Verdict.PROVED


HOT = """
from quiesce.spec import Family, Machine, Member, call, environment, recoverable


class S(Member):
    used: bool = False


class Stove(Machine):
    hot: bool = False
    ss: Family[S]

    @call("heat")
    def heat(self, s: S) -> None:
        s.used = True
        self.hot = True

    @environment
    def cool(self) -> None:
        self.hot = False

    @recoverable(expect="refuted")
    def never_hot_again(self) -> bool:
        return self.hot
"""


def test_a_trap_without_members_is_none_where_callers_bring_some() -> None:
    plan = Plan(problem_of(machine(HOT)))
    facts = (
        Not(Variable("hot", BOOL)),
        Not(Quantified(Quantifier.ANY, "s", "ss", replace(Variable("hot", BOOL)))),
    )
    runs = {size: Run(next(initial_states(plan.problem.machine, {"ss": size}))) for size in (0, 1)}
    about = Fails("never_hot_again")
    told = {
        size: objection(plan, Hints(traps={about.promise: Trap(run, (), facts)}), about, run)
        for size, run in runs.items()
    }
    assert told == {0: "its run does not show it", 1: None}
