"""What is proved holds for families of any size, none included."""

from pathlib import PurePosixPath

import pytest
from quiesce.kernel.batches import state_batch
from quiesce.kernel.problem import problem_of
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.prove.results import Verdict
from quiesce.prove.solving.z3_solver import Solver
from quiesce.spec.effects import ANY_MEMBER
from quiesce.spec.meaning.totals import split
from quiesce.spec.model import INT, TRUE, Binary, Expr, Field, IntType, Literal, Not, Op, Quantified, Quantifier, Total
from quiesce.spec.reader import read_text

from tests.reports import verdicts_by_id

JOBS = """
from quiesce.spec import Family, Machine, Member, Nat, always, call, internal, leads_to, recoverable, when


class Job(Member):
    left: Nat = 0


class Works(Machine):
    busy: bool = False
    jobs: Family[Job]

    @call("add")
    def add(self, j: Job) -> None:
        j.left += 1

    @call("begin")
    def begin(self) -> None:
        when(not self.busy)
        self.busy = True

    @call("begin", fails="BUSY")
    def begin_again(self) -> None:
        when(self.busy)

    @internal
    def work(self, j: Job) -> None:
        when(self.busy)
        self.busy = False

"""


def verdicts(promises: str) -> dict[str, Verdict]:
    report = verify(read_text(JOBS + promises, PurePosixPath("works.py")))
    return verdicts_by_id(report)


def test_no_member_has_what_some_member_is_said_to_have() -> None:
    found = verdicts("    @always\n    def some(self) -> bool:\n        return any(j.left >= 0 for j in self.jobs)\n")
    assert found["start/some"] is Verdict.REFUTED


def test_what_all_members_have_is_proved() -> None:
    found = verdicts("    @always\n    def each(self) -> bool:\n        return all(j.left >= 0 for j in self.jobs)\n")
    assert set(found.values()) == {Verdict.PROVED}


def test_a_wait_for_an_action_about_some_member_needs_one() -> None:
    ends = "    def ends(self) -> tuple[bool, bool]:\n        return self.busy, not self.busy\n"
    assert verdicts(f"    @leads_to(fair=[work])\n{ends}")["leads_to/ends/possible"] is Verdict.UNKNOWN


def test_a_run_to_a_goal_may_bring_the_first_member() -> None:
    found = verdicts("    @recoverable\n    def idle(self) -> bool:\n        return not self.busy\n")
    assert found["recoverable/idle/(everywhere)"] is Verdict.PROVED


LEFT = Field(ANY_MEMBER, "jobs", "left", INT)
SUM = Total(ANY_MEMBER, "jobs", LEFT)
ODD_SUM = Total(ANY_MEMBER, "jobs", Binary(Op.SUB, LEFT, Literal(1, INT)))
NATURAL_SUM = Total(ANY_MEMBER, "jobs", Field(ANY_MEMBER, "jobs", "left", IntType(0)))
NOBODY = Not(Quantified(Quantifier.ANY, ANY_MEMBER, "jobs", TRUE))


@pytest.mark.parametrize("total", [SUM, ODD_SUM, NATURAL_SUM])
@pytest.mark.parametrize("value", [0, 1, -1])
def test_a_sum_over_nobody_is_zero(total: Expr, value: int) -> None:
    problem = problem_of(read_text(JOBS, PurePosixPath("works.py")))
    claim = Binary(Op.IMPLIES, NOBODY, Binary(Op.EQ, total, Literal(value, INT)))
    (check,) = Solver(Effort()).check(state_batch(problem, [("sum", split(claim))]))
    assert check.proved == (value == 0)


def test_all_of_nobody_and_none_of_nobody() -> None:
    problem = problem_of(read_text(JOBS, PurePosixPath("works.py")))
    every = Quantified(Quantifier.ALL, "j", "jobs", Binary(Op.LT, Field("j", "jobs", "left", INT), Literal(0, INT)))
    some = Quantified(Quantifier.ANY, "j", "jobs", Binary(Op.GE, Field("j", "jobs", "left", INT), Literal(0, INT)))
    goals = [("every", Binary(Op.IMPLIES, NOBODY, every)), ("some", Binary(Op.IMPLIES, NOBODY, some))]
    assert [check.proved for check in Solver(Effort()).check(state_batch(problem, goals))] == [True, False]
