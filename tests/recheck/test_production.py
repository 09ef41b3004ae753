"""Refutations are found for the conditions of specs, are small, and lean on everything that they say."""

import re
from collections.abc import Callable

import pytest
from quiesce.certify.refute import produce, produce_short, producing
from quiesce.certify.refute.farkas import contradiction
from quiesce.recheck import Rejected, check
from quiesce.recheck.sums import Sum, add

from tests.by_day import by_day

CONDITION = """(set-logic ALL)
(declare-sort member.s 0)
(declare-const x Int)
(declare-const y Int)
(declare-const a member.s)
(declare-fun f (member.s) Int)
(assert (> x y))
(assert (forall ((m member.s)) (<= (f m) y)))
(assert {})
(check-sat)
"""


def refuses(script: str, refutation: str) -> bool:
    try:
        check(script, refutation)
    except Rejected:
        return True
    return False


@pytest.fixture(scope="module")
def examples(flagship_conditions: dict[str, str]) -> list[tuple[str, str]]:
    """Some conditions of the flagship, with their refutations; each is followed at night by `quiesce recheck`."""
    chosen = list(flagship_conditions.values())[::27]
    found = [(script, produce_short(script)) for script in chosen]
    return [(script, refutation) for script, refutation in found if refutation is not None]


@pytest.mark.slow
def test_conditions_of_the_flagship_are_refuted(
    flagship_conditions: dict[str, str], examples: list[tuple[str, str]]
) -> None:
    assert len(flagship_conditions) >= 290
    assert len(examples) == len(range(0, len(flagship_conditions), 27))
    for script, refutation in examples:
        check(script, refutation)
        assert len(refutation) < 3_000
    words = {line.split()[0] for _, refutation in examples for line in refutation.splitlines()}
    assert words >= {"use", "at", "name", "split", "else"}


@pytest.mark.slow
@pytest.mark.parametrize("spec", by_day(["trusted_borrowers", "counted_drain", "every_byte_accounted"], 3))
def test_conditions_of_a_good_spec_are_refuted(spec: str, conditions_of: Callable[[str], dict[str, str]]) -> None:
    conditions = conditions_of(f"tests/specs/good/{spec}.py")
    assert conditions
    assert [name for name, script in conditions.items() if produce(script) is None] == []


def test_that_an_offer_can_be_shared_is_refuted(flagship_conditions: dict[str, str]) -> None:
    scripts = [script for name, script in flagship_conditions.items() if name.startswith("refinement/(shared) ")]
    assert scripts
    for script in scripts:
        refutation = produce(script)
        assert refutation is not None
        check(script, refutation)


def test_a_way_back_that_needs_a_member_is_refuted_where_that_there_is_one_is_said(
    conditions_of: Callable[[str], dict[str, str]],
) -> None:
    conditions = conditions_of("model/clients.py")
    script = next(s for name, s in conditions.items() if name.startswith("recoverable/can_always_run_again/UNLOADED"))
    refutation = produce(script)
    assert refutation is not None
    check(script, refutation)
    supposed = "(assert (and some.clients (exists ((at.* member.clients)) true)))\n"
    assert script.count(supposed) == 1
    assert produce(script.replace(supposed, "")) is None


def test_a_member_that_a_solver_takes_for_granted_is_looked_for_in_all_assertions() -> None:
    # The shortest contradiction needs a member. That there is one, only an assertion says that it leaves out.
    script = CONDITION.replace("(declare-const a member.s)\n", "").replace("(assert {})", "(assert {})\n(assert {})")
    short, other = "(not (exists ((m member.s)) (<= (f m) y)))", "(not (forall ((m member.s)) (< (f m) x)))"
    assert produce(script.format(short, "true")) is None
    assert produce(script.format(short, other)) is not None


@pytest.mark.parametrize("bound", ["SPLITS", "MOST"])
def test_only_splits_are_bounded(bound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    long = " ".join(f"(distinct x (+ y {number}))" for number in range(1000))
    splitting = CONDITION.format("(or (>= (f a) x) (and (= x 3) (= x 4)) (and (= y 3) (= y 4)))")
    assert produce(splitting) is not None
    monkeypatch.setattr(producing, bound, 0)
    assert produce(splitting) is None
    assert produce(CONDITION.format(f"(not (or (< (f a) x) {long}))")) is not None


def test_no_line_can_be_spared(examples: list[tuple[str, str]]) -> None:
    for script, refutation in examples:
        lines = refutation.splitlines(keepends=True)
        for number in range(len(lines)):
            assert refuses(script, "".join((*lines[:number], *lines[number + 1 :]))), lines[number]


def test_a_refutation_fits_no_script_without_the_denied_goal(examples: list[tuple[str, str]]) -> None:
    for script, refutation in examples:
        goal = re.findall(r"^\(assert .*\)$", script, re.MULTILINE)[-1]
        if goal != "(assert (not false))":  # to deny that says nothing: no state is like that, and no goal is needed
            assert refuses(script.replace(goal, "(assert true)"), refutation), goal


def test_branches_in_the_wrong_order_are_rejected(examples: list[tuple[str, str]]) -> None:
    swapped = 0
    for script, refutation in examples:
        if refutation.count("split") != 1:
            continue
        head, tail = refutation.split("split ", 1)
        formula, branches = tail.split("\n", 1)
        holds, fails = branches.split("else\n", 1)
        if sorted(holds.split()) != sorted(fails.split()):
            swapped += 1
            assert refuses(script, f"{head}split {formula}\n{fails}else\n{holds}"), refutation
    assert swapped


def test_a_refutation_is_the_same_each_time(
    flagship_conditions: dict[str, str], examples: list[tuple[str, str]]
) -> None:
    assert flagship_conditions
    for script, refutation in examples[::8]:
        assert produce_short(script) == refutation


@pytest.mark.parametrize(
    "script", ["", "(assert false)", CONDITION.format("(> (f a) "), CONDITION.format("(bvult x y)")]
)
def test_what_is_no_condition_has_no_refutation(script: str) -> None:
    assert produce(script) is None


@pytest.mark.parametrize("goal", ["true", "(= (f a) y)", "(exists ((m member.s)) (< (f m) x))"])
def test_what_can_be_satisfied_has_no_refutation(goal: str) -> None:
    assert produce(CONDITION.format(goal)) is None


def test_what_is_out_of_reach_has_no_refutation() -> None:
    # No number is both even and odd, but fractions solve each equation.
    parity = "(and (= x (* 2 y)) (= x (+ (* 2 (f a)) 1)))"
    assert produce(CONDITION.format(parity)) is None


@pytest.mark.parametrize(
    "goal",
    [
        "(>= (f a) x)",
        "(exists ((m member.s)) (>= (f m) x))",
        "(or (>= (f a) x) (and (= x 3) (= x 4)))",
        "(> (ite (= x 3) (f a) (- (f a) 1)) y)",
        "(and (> (* 2 (f a)) (+ x y)) (distinct x (+ y 7)))",
    ],
)
def test_what_cannot_be_satisfied_is_refuted(goal: str) -> None:
    script = CONDITION.format(goal)
    refutation = produce(script)
    assert refutation is not None
    check(script, refutation)


def inequality(constant: int, **factors: int) -> Sum:
    return Sum(frozenset(factors.items()), constant)


def test_multipliers_add_up_to_a_contradiction() -> None:
    given = [
        inequality(-5, x=2, y=3),
        inequality(1, x=-1),
        inequality(2, y=-1),
        inequality(-9, x=1),
        inequality(0, z=1),
    ]
    times = contradiction(given)
    assert times is not None
    total = add((factor, given[index]) for index, factor in times.items())
    assert min(times.values()) > 0
    assert total.coefficients == frozenset()
    assert total.constant > 0


def test_inequalities_with_a_solution_have_no_multipliers() -> None:
    assert contradiction([inequality(-5, x=2, y=3), inequality(1, x=-1), inequality(1, y=-1)]) is None
    assert contradiction([]) is None
