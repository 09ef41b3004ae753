"""Sums over any number of members, declared ranges and policies: what they are worth in proofs."""

import pytest
from quiesce.kernel.batches import Batch, start_batch, state_batch
from quiesce.kernel.plan import Plan
from quiesce.kernel.problem import problem_of, unassuming
from quiesce.spec.effects import ANY_MEMBER
from quiesce.spec.model import INT, TRUE, Binary, Expr, Field, IntType, Literal, Op, Total, Variable

from tests.kernel.answers import Confirmed
from tests.kernel.judging import judged, read, reasons, still_open
from tests.prove.test_totals import NESTED, ODD

# --- totals ------------------------------------------------------------------------------------------------------


def test_what_cannot_be_encoded_is_neither_shown_nor_used() -> None:
    found = reasons(judged(read(ODD)))
    assert list(found) == ["start/odd", "step/go/odd"]
    assert set(problem_of(read(ODD)).not_assumed) == {"odd"}
    batches = [batch for _, batch in Plan(problem_of(read(ODD))).local]
    assert sum(len(batch.refused) for batch in batches) == 2
    assert all("cannot be encoded" in text for batch in batches for text in batch.refused.values())
    assert "step/copy/alike" in still_open(read(NESTED))


SUMS = """
from quiesce.spec import Family, Machine, Member, Nat, always, assume, count, environment, implies, step, when


class Jar(Member):
    n: Nat = 0
    big: bool = False


class Shelf(Machine):
    total: Nat = 0
    jars: Family[Jar]

    @environment
    def put(self, jar: Jar, k: Nat) -> None:
        jar.n += k
        self.total += k

    @environment
    def take(self, jar: Jar) -> None:
        when(jar.n > 0)
        jar.n -= 1
        self.total -= {less}

    @environment
    def empty(self) -> None:
        when(self.total >= 0)
        self.total -= sum(jar.n for jar in self.jars{some})
        for jar in self.jars:
            jar.n = 0

    @always
    def exact(self) -> bool:
        return sum(jar.n for jar in self.jars) == self.total

    @step(only=take)
    def less(self, old: "Shelf") -> bool:
        return sum(jar.n for jar in self.jars) < sum(old[jar].n for jar in self.jars)

    @always
    def each(self) -> bool:
        return all(jar.n <= self.total for jar in self.jars)
"""


@pytest.mark.parametrize(
    ("less", "some", "wrong"),
    [
        ("1", "", []),
        ("0", "", ["step/take/exact"]),
        ("1", " if jar.big", ["step/empty/each", "step/empty/exact", "step/empty/total in range"]),
    ],
    ids=["exact", "one too many", "only the big ones"],
)
def test_sums_are_exact(less: str, some: str, wrong: list[str]) -> None:
    found = [name for name in still_open(read(SUMS.format(less=less, some=some))) if "forgettable" not in name]
    assert sorted(found) == sorted(wrong)


# --- ranges and policies -----------------------------------------------------------------------------------------

RANGES = """
from enum import Enum, auto
from typing import Annotated

from quiesce.spec import Family, Machine, Member, Nat, Range, always, environment, policy, when


class Size(Enum):
    SMALL = auto()
    LARGE = auto()
    HUGE = auto()


SIZE = policy(Size.SMALL{others})


class Tank(Member):
    level: Annotated[int, Range(0, 5)] = {level}


class Plant(Machine):
    pressure: Annotated[int, Range(1, 9)] = 1
    tanks: Family[Tank]

    @environment
    def fill(self, t: Tank) -> None:
        when(t.level < {most})
        t.level += 1

    @environment
    def press(self) -> None:
        when(self.pressure < 9 and SIZE != Size.HUGE)
        self.pressure += 1

    @environment
    def burst(self) -> None:
        when(SIZE == Size.HUGE)
        self.pressure = 0
"""


@pytest.mark.parametrize(
    ("others", "level", "most", "wrong"),
    [
        (", Size.LARGE", 0, 5, []),
        (", Size.LARGE, Size.HUGE", 0, 5, ["step/burst/pressure in range"]),
        (", Size.HUGE", 0, 5, ["step/burst/pressure in range"]),
        (", Size.LARGE", 0, 6, ["step/fill/tanks.level in range"]),
    ],
)
def test_declared_ranges_and_policies(others: str, level: int, most: int, wrong: list[str]) -> None:
    text = RANGES.format(others=others, level=level, most=most)
    found = still_open(read(text))
    assert found == wrong


def test_of_a_premise_that_cannot_be_encoded_the_parts_are_used_that_can() -> None:
    problem = problem_of(read(ODD))
    odd = next(invariant.claim for invariant in problem.invariants if invariant.name == "odd")
    wrong = Binary(Op.LT, Variable("n", INT), Literal(0, INT))
    # Where premises contradict each other, everything follows, whether it can be encoded or not.
    for where, good in ((odd, False), (Binary(Op.AND, odd, wrong), True), (Binary(Op.OR, odd, wrong), False)):
        goals: list[tuple[str, Expr]] = [("odd", odd), ("wrong", wrong)]
        batch = state_batch(problem, goals, where=[where])
        assert [condition in Confirmed() for condition in batch.conditions] == [good, good]
        assert set(batch.refused) == {0}


def test_a_declared_range_that_fell_bounds_nothing() -> None:
    machine = read(RANGES.format(others=", Size.LARGE", level=0, most=5))
    assert problem_of(machine).in_range
    for name in ("pressure in range", "tanks.level in range"):
        assert not problem_of(machine, fallen=frozenset({name})).in_range
    problem = problem_of(read(SUMS.format(less="1", some="")))
    jars = Total(ANY_MEMBER, "jars", Field(ANY_MEMBER, "jars", "n", IntType(0)))
    goal = ("no debts", Binary(Op.GE, jars, Literal(0, INT)))
    fallen = problem_of(problem.machine, fallen=frozenset({"jars.n in range", "exact", "each", "total in range"}))
    batches: list[Batch[str]] = [
        state_batch(problem, [goal]),
        state_batch(fallen, [goal]),
        state_batch(unassuming(problem), [goal]),
        start_batch(problem, TRUE, [goal]),
    ]
    assert [batch.conditions[0] in Confirmed() for batch in batches] == [True, False, False, False]


ONE_SUM = SUMS[: SUMS.index("    @always\n    def exact")]


@pytest.mark.parametrize(("less", "good"), [("jar.n -= 1", True), ("jar.n += 1", False), ("jar.big = True", False)])
def test_a_sum_that_only_a_promise_about_steps_speaks_of(less: str, *, good: bool) -> None:
    text = ONE_SUM[: ONE_SUM.index("    @environment\n    def empty")].replace("jar.n -= 1", less)
    text = text.format(less=1).replace("self.total -= 1\n", "") + (
        '    @step(only=take)\n    def p(self, old: "Shelf") -> bool:\n'
        "        return sum(jar.n for jar in self.jars) < sum(old[jar].n for jar in self.jars)\n"
    )
    assert ("step/take/p" not in still_open(read(text))) == good


@pytest.mark.parametrize(("guard", "good"), [("== 0", True), (">= 0", False)])
def test_a_sum_that_only_a_guard_speaks_of(guard: str, *, good: bool) -> None:
    text = ONE_SUM[: ONE_SUM.index("    @environment\n    def put")] + (
        f"    @environment\n    def acts(self, jar: Jar) -> None:\n        when(sum(j.n for j in self.jars) {guard})\n"
        "        self.total = jar.n\n\n    @always\n    def p(self) -> bool:\n        return self.total == 0\n"
    )
    assert ("step/acts/p" not in still_open(read(text))) == good
