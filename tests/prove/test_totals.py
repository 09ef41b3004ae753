"""Sums and counts over any number of members are exact: what is accounted for is proved, and what is not is refuted."""

from pathlib import PurePosixPath

import pytest
from quiesce.kernel.batches import state_batch
from quiesce.kernel.problem import problem_of, unassuming
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.prove.results import Verdict
from quiesce.prove.solving.z3_solver import Solver
from quiesce.spec.effects import ANY_MEMBER
from quiesce.spec.interpreter import Scope, evaluate, replay
from quiesce.spec.meaning.sums_of_totals import additions
from quiesce.spec.meaning.totals import facts, split
from quiesce.spec.model import BOOL, INT, Binary, Expr, Field, IfElse, IntType, Literal, Op, Quantified, Total, Variable
from quiesce.spec.reader import read_file, read_text
from quiesce.spec.state import State

from tests.by_day import by_day
from tests.machines import changed
from tests.reports import results_by_id, verdicts_by_id
from tests.twins import GOOD

pytestmark = pytest.mark.slow

LEDGER = GOOD["every_byte_accounted"]
ACCOUNT = "every_byte_is_accounted_for"

UNACCOUNTED = {
    "bytes taken and not written down": (
        "        s.unsent += n\n        self.accepted += n\n",
        "        s.unsent += n\n",
        f"step/send/{ACCOUNT}",
    ),
    "one byte too many is written down": (
        "        self.transmitted += n\n",
        "        self.transmitted += n + 1\n",
        f"step/transmit/{ACCOUNT}",
    ),
    "a reset is not written down": ("        self.lost += s.unsent\n", "", f"step/peer_resets/{ACCOUNT}"),
    "soft sockets count as lost, too": (
        "sum(s.unsent for s in self.sockets if s.hard)",
        "sum(s.unsent for s in self.sockets)",
        f"step/stop/{ACCOUNT}",
    ),
    "hard sockets are dropped in silence": (
        "        self.lost += sum(s.unsent for s in self.sockets if s.hard)\n",
        "",
        f"step/stop/{ACCOUNT}",
    ),
    "the bound counts sockets in place of bytes": (
        "self.lost += sum(s.unsent for s in self.sockets)\n",
        "self.lost += sum(1 for s in self.sockets if s.unsent > 0)\n",
        f"step/bound_expires/{ACCOUNT}",
    ),
    "bytes are left at the release": (
        "self.phase == Phase.DRAINING and all(s.unsent == 0 for s in self.sockets)",
        "self.phase == Phase.DRAINING",
        "step/release/released_with_nothing_left",
    ),
}


def test_every_byte_is_accounted_for() -> None:
    report = verify(read_file(LEDGER))
    assert {result.verdict for result in report.results} == {Verdict.PROVED}
    assert report.hints.helpers == ()


def assert_refuted_with_a_run(name: str, options: Effort) -> None:
    right, wrong, broken = UNACCOUNTED[name]
    text = changed(LEDGER.read_text(encoding="utf-8"), (right, wrong))
    machine = read_text(text, PurePosixPath("ledger.py"))
    result = results_by_id(verify(machine, options))[broken]
    assert result.verdict is Verdict.REFUTED
    assert result.run is not None
    replay(machine, result.run)


@pytest.mark.parametrize("name", by_day(UNACCOUNTED, 3))
def test_what_is_unaccounted_for_is_refuted_with_a_run(name: str) -> None:
    """A fault is found without helpers; looking for some would only take time."""
    assert_refuted_with_a_run(name, Effort(strengthen=False))


def test_no_helper_accounts_for_what_is_lost() -> None:
    assert_refuted_with_a_run("soft sockets count as lost, too", Effort())


# --- the facts themselves, tried on families of every small size --------------------------------------------------

NUMBER = Field(ANY_MEMBER, "sockets", "unsent", INT)
HARD = Field(ANY_MEMBER, "sockets", "hard", BOOL)
ZERO = Literal(0, INT)
ALL = Total(ANY_MEMBER, "sockets", NUMBER)
HARD_ONES = Total(ANY_MEMBER, "sockets", IfElse(HARD, NUMBER, ZERO))
SOFT_ONES = Total(ANY_MEMBER, "sockets", IfElse(HARD, ZERO, NUMBER))
HARD_COUNT = Total(ANY_MEMBER, "sockets", IfElse(HARD, Literal(1, INT), ZERO))
DOUBLE = Total(ANY_MEMBER, "sockets", Binary(Op.ADD, NUMBER, NUMBER))
SIGNED = Total(ANY_MEMBER, "sockets", IfElse(HARD, Binary(Op.SUB, ZERO, NUMBER), NUMBER))
TOTALS = (ALL, HARD_ONES, SOFT_ONES, HARD_COUNT, DOUBLE, SIGNED)


def families(most: int) -> list[State]:
    """Every family of up to so many members with a few numbers of bytes, from 0 up."""
    members = [{"unsent": n, "hard": hard} for n in (0, 1, 3) for hard in (False, True)]
    found: list[tuple[dict[str, bool | int | str], ...]] = [()]
    states: list[State] = []
    for _ in range(most + 1):
        states.extend(State({}, {"sockets": family}) for family in found)
        found = [(*family, dict(member)) for family in found for member in members]
    return states


def test_only_what_adds_up_is_added() -> None:
    assert list(additions(TOTALS)) == [(ALL, HARD_ONES, SOFT_ONES), (SOFT_ONES, HARD_ONES, SIGNED)]


def test_every_fact_holds_in_every_family() -> None:
    pairs = [(left, right) for left in TOTALS for right in TOTALS if left != right]
    claims = list(facts(TOTALS, pairs))
    assert len(claims) > 20
    for state in families(3):
        for claim in claims:
            assert evaluate(claim, Scope(state)), (claim, state)


def test_a_false_fact_would_be_noticed() -> None:
    claims: list[Expr] = [Binary(Op.EQ, ALL, Binary(Op.ADD, HARD_ONES, HARD_COUNT)), Binary(Op.LT, HARD_ONES, ALL)]
    for claim in claims:
        assert not all(evaluate(claim, Scope(state)) for state in families(3))


def test_facts_about_quantified_terms_are_about_the_same_members() -> None:
    quantified = [claim for claim in facts(TOTALS) if isinstance(claim, Quantified)]
    assert {claim.family for claim in quantified} == {"sockets"}


JARS = """
from quiesce.spec import Family, Machine, Member, Nat, assume, environment, recoverable

class Jar(Member):
    n: Nat = 0

class Shelf(Machine):
    jars: Family[Jar]

    @environment
    def put(self, jar: Jar) -> None:
        jar.n += 1

    @environment
    def take(self, jar: Jar) -> None:
        assume(jar.n > 0, "nobody takes what is not there")
        jar.n -= 1
"""


@pytest.mark.parametrize("trusting", [True, False])
def test_a_declared_range_bounds_a_total_only_where_it_is_proved(*, trusting: bool) -> None:
    """Without what `take` assumes, a jar may owe something, whatever its type says."""
    problem = problem_of(read_text(JARS, PurePosixPath("shelf.py")))
    total = Total(ANY_MEMBER, "jars", Field(ANY_MEMBER, "jars", "n", IntType(0)))
    goal = ("no debts", Binary(Op.GE, total, Literal(0, INT)))
    batch = state_batch(problem if trusting else unassuming(problem), [goal])
    assert [check.proved for check in Solver(Effort()).check(batch)] == [trusting]


# --- totals that cannot be encoded -------------------------------------------------------------------------------


ODD = """
from quiesce.spec import Family, Machine, Member, Nat, always, call, count


class S(Member):
    a: bool = False


class Counts(Machine):
    n: Nat = 0
    ss: Family[S]

    @call("go")
    def go(self, s: S) -> None:
        s.a = True
        self.n += 1

    @always
    def never_negative(self) -> bool:
        return self.n >= 0

    @always
    def odd(self) -> bool:
        return count(any(t is s and s.a for t in self.ss) for s in self.ss) <= self.n
"""


def test_one_total_that_cannot_be_encoded_leaves_the_other_promises_alone() -> None:
    report = verify(read_text(ODD, PurePosixPath("counts.py")))
    undecided = {r.obligation.id: r.detail for r in report.results if r.verdict is not Verdict.PROVED}
    assert set(undecided) == {"start/odd", "step/go/odd"}
    reason = "a sum or count over `ss` reads all members of `ss`, which cannot be encoded"
    assert all(reason in detail for detail in undecided.values())


def test_what_rests_on_a_promise_that_cannot_be_encoded_says_so() -> None:
    needs_it = "    @always\n    def rests(self) -> bool:\n        return self.n >= count(s.a for s in self.ss)\n"
    flipped = ODD.replace("        s.a = True\n", "        s.a = not s.a\n")
    results = results_by_id(verify(read_text(flipped + needs_it, PurePosixPath("counts.py"))))
    assert "`odd` is not used as a premise" in results["start/odd"].detail or results["step/go/rests"].verdict is (
        Verdict.PROVED
    )


def test_a_premise_that_cannot_be_encoded_is_not_used_and_a_goal_is_refused() -> None:
    problem = problem_of(read_text(ODD, PurePosixPath("counts.py")))
    odd = next(invariant.claim for invariant in problem.invariants if invariant.name == "odd")
    wrong = Binary(Op.LT, Variable("n", INT), Literal(0, INT))
    for where in ([odd], [Binary(Op.AND, odd, wrong)]):
        batch = state_batch(problem, [("odd", split(odd)), ("wrong", wrong)], where=where)
        odd_answer, wrong_answer = Solver(Effort()).check(batch)
        assert not odd_answer.proved  # though the premises contradict each other in the second case
        assert odd_answer.refused
        assert wrong_answer.proved == (len(where) and where[0] != odd)
        assert set(batch.refused) == {0}


def test_two_totals_are_compared_in_one_family_only() -> None:
    by = Total(ANY_MEMBER, "ss", Literal(1, INT))
    with pytest.raises(ValueError, match="one family"):
        list(facts([], [(by, Total(ANY_MEMBER, "us", Literal(1, INT)))]))


def test_a_total_is_compared_with_the_one_in_its_place_alone() -> None:
    """What an action puts into a field may hold totals of other families, which say nothing of this one."""
    text = NESTED
    problem = problem_of(read_text(text, PurePosixPath("nested.py")))
    pairs = [pair for pairs in problem.compared.values() for pair in pairs]
    assert all(before.family == now.family for before, now in pairs)
    verdicts = verdicts_by_id(verify(problem.machine))
    assert verdicts["step/copy/alike"] is not Verdict.PROVED


NESTED = """
from quiesce.spec import Family, Machine, Member, Nat, always, call, count, implies, step


class S(Member):
    a: bool = False


class U(Member):
    c: bool = False


class Two(Machine):
    b: bool = False
    ss: Family[S]
    us: Family[U]

    @call("flip")
    def flip(self) -> None:
        self.b = not self.b

    @call("copy")
    def copy(self) -> None:
        self.b = count(self.b for s in self.ss) > count(self.b for u in self.us)

    @step
    def alike(self, old: "Two") -> bool:
        return implies(old.b, count(old.b for s in old.ss) == count(old.b for u in old.us))
"""
