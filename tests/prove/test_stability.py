"""What seeds may change and what they may not: luck is told by name and number, and never looks like a proof."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import z3
from quiesce.kernel.subjects import Initial
from quiesce.prove import stability as under_test
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.prove.results import Report, Result, Verdict
from quiesce.prove.solving.z3_solver import Solver
from quiesce.prove.stability import Costs, Stability, compared, costs_of, stability
from quiesce.spec.model import TRUE, Machine
from quiesce.spec.reader import read_file, read_text

ROOT = Path(__file__).parents[2]
BUDGET = 100_000

LAMP = """
from quiesce.spec import Machine, Nat, always, call, implies, when


class Lamp(Machine):
    users: Nat = 0
    lit: bool = False

    @call("on")
    def on(self) -> None:
        self.users += 1
        self.lit = True

    @call("off")
    def off(self) -> None:
        when(self.users > 0)
        self.users -= 1
        self.lit = self.users > 0

    @call("off", fails="DARK")
    def off_too_often(self) -> None:
        when(self.users == 0)

    @always
    def used_means_lit(self) -> bool:
        return implies(self.users > 0, self.lit)
"""
KEPT = "step/off/used_means_lit"


def lamp() -> Machine:
    return read_text(LAMP, PurePosixPath("lamp.py"))


def flagship() -> Machine:
    return read_file(ROOT / "model/winsock.py", PurePosixPath("model/winsock.py"))


@pytest.fixture(scope="module")
def proved() -> Report:
    return verify(lamp())


def changed(report: Report, change: Callable[[Result], Result], name: str = KEPT) -> Report:
    """The report as another run of the solver might give it: the result on one obligation is another."""
    assert name in [result.obligation.id for result in report.results]
    return replace(report, results=tuple(change(r) if r.obligation.id == name else r for r in report.results))


def with_costs(report: Report, costs: Sequence[int]) -> Stability:
    """As many runs as there are costs, which are those of one obligation."""
    runs = []
    for cost in costs:

        def priced(result: Result, cost: int = cost) -> Result:
            return replace(result, rlimit=cost)

        runs.append(changed(report, priced))
    return compared(runs, range(len(costs)), BUDGET)


def with_verdicts(report: Report, verdicts: Sequence[Verdict]) -> Stability:
    runs = []
    for verdict in verdicts:

        def judged(result: Result, verdict: Verdict = verdict) -> Result:
            return replace(result, verdict=verdict)

        runs.append(changed(report, judged))
    return compared(runs, range(len(verdicts)), BUDGET)


def names(found: Stability) -> list[str]:
    return [item.obligation.id for item in found.brittle]


def worst(found: Stability, name: str = KEPT) -> Result:
    return next(result for result in found.worst.results if result.obligation.id == name)


# --- the seed arrives ---------------------------------------------------------------------------------------------


def seeds_that_arrive(monkeypatch: pytest.MonkeyPatch, work: Callable[[], object]) -> list[tuple[str, int]]:
    """All settings with `seed` in their names that solvers of Z3 are given meanwhile."""
    seen: list[tuple[str, int]] = []
    usual = z3.Solver.set

    def told(solver: z3.Solver, *settings: Any) -> None:
        if "seed" in str(settings[0]):
            seen.append((str(settings[0]), settings[1]))
        usual(solver, *settings)

    with monkeypatch.context() as patch:
        patch.setattr(z3.Solver, "set", told)
        work()
    return seen


def test_the_seed_arrives_at_every_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    usual = z3.SimpleSolver

    def counted(*arguments: Any, **options: Any) -> z3.Solver:
        made.append(None)
        return usual(*arguments, **options)

    monkeypatch.setattr(z3, "SimpleSolver", counted)
    seen = seeds_that_arrive(monkeypatch, lambda: verify(lamp(), Effort(seed=7)))
    assert made
    assert seen == [("random_seed", 7)] * len(made)


def test_the_seed_arrives_at_the_solver_of_horn_clauses(monkeypatch: pytest.MonkeyPatch) -> None:
    clauses = "(declare-fun p (Int) Bool) (assert (p 0)) (assert (forall ((x Int)) (=> (and (p x) (> x 0)) false)))"
    seen = seeds_that_arrive(monkeypatch, lambda: Solver(Effort(seed=7)).solution(clauses, "p"))
    assert seen == [("random_seed", 7), ("spacer.random_seed", 7)]


def test_every_run_has_its_own_seed(monkeypatch: pytest.MonkeyPatch, proved: Report) -> None:
    given: list[Effort] = []

    def noted(machine: Machine, options: Effort) -> Report:
        assert machine == proved.machine
        given.append(options)
        return proved

    monkeypatch.setattr(under_test, "verify", noted)
    usual, told = Effort(budget=123, depth=4), list[str]()
    assert stability(lamp(), usual, (5, 3, 8), told.append).seeds == (5, 3, 8)
    assert given == [replace(usual, seed=seed) for seed in (5, 3, 8)]
    assert told == ["seed 1 of 3", "seed 2 of 3", "seed 3 of 3"]


@pytest.mark.nightly
@pytest.mark.slow
def test_a_seed_changes_the_search_and_nothing_else_does() -> None:
    found = stability(flagship(), Effort(), (0, 1))
    assert not found.indifferent
    first, second = found.reports
    assert [result.verdict for result in first.results] == [result.verdict for result in second.results]
    assert [r.rlimit for r in first.results] == [r.rlimit for r in verify(flagship(), Effort(seed=0)).results]


@pytest.mark.slow
def test_a_seed_that_does_not_arrive_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = Solver.__init__

    def forgetful(solver: Solver, effort: Effort, budget: int | None = None) -> None:
        usual(solver, replace(effort, seed=0), budget)

    monkeypatch.setattr(Solver, "__init__", forgetful)
    assert seeds_that_arrive(monkeypatch, lambda: verify(lamp(), Effort(seed=7))).count(("random_seed", 7)) == 0
    assert stability(flagship(), Effort(), (0, 1)).indifferent


# --- costs --------------------------------------------------------------------------------------------------------


def test_costs_are_the_least_the_middle_and_the_most() -> None:
    assert costs_of([30, 10, 50]) == Costs(10, 30, 50)
    assert costs_of([10, 30, 20, 40]) == Costs(10, 20, 40)
    assert (Costs(10, 20, 40).spread, Costs(10, 20, 40).share) == (30, 1.5)
    assert Costs(0, 0, 3).share == 3


def test_equal_runs_are_not_brittle(proved: Report) -> None:
    found = compared([proved] * 3, range(3), BUDGET)
    assert (names(found), found.worst, found.others) == ([], proved, ())
    assert found.indifferent
    assert found.costs.spread == 0


@pytest.mark.parametrize(
    ("costs", "brittle"),
    [
        ((30_000, 32_000, 90_000), True),
        ((30_000, 30_000, 31_501), True),  # just over 5 % of the median
        ((30_000, 30_000, 31_500), False),
        ((300, 400, 1_300), False),  # four times as much, but only 1 % of the budget
        ((300, 400, 1_301), True),
    ],
)
def test_costs_far_apart_are_brittle_if_that_matters(proved: Report, costs: tuple[int, ...], *, brittle: bool) -> None:
    found = with_costs(proved, costs)
    assert names(found) == [KEPT] * brittle
    assert found.worst.results == with_costs(proved, costs[:1] * 2).worst.results  # a cost changes no verdict
    assert found.widest is not None
    assert (found.widest.obligation.id, found.widest.costs) == (KEPT, costs_of(costs))


def test_the_costs_of_a_run_are_those_of_all_its_obligations(proved: Report) -> None:
    others = sum(result.rlimit for result in proved.results if result.obligation.id != KEPT)
    assert with_costs(proved, [5, 9, 7]).costs == Costs(others + 5, others + 7, others + 9)


# --- verdicts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [verdict for verdict in Verdict if verdict is not Verdict.PROVED])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_bad_verdict_among_good_ones_is_not_green(proved: Report, bad: Verdict, place: int) -> None:
    verdicts = [Verdict.PROVED] * 3
    verdicts[place] = bad
    found = with_verdicts(proved, verdicts)
    assert names(found) == [KEPT]
    assert found.brittle[0].verdicts[bad] == (place,)
    assert worst(found).verdict is not Verdict.PROVED


@pytest.mark.parametrize("bad", [Verdict.REFUTED, Verdict.VACUOUS])
def test_seeds_that_contradict_each_other_are_an_error(proved: Report, bad: Verdict) -> None:
    result = worst(with_verdicts(proved, [Verdict.PROVED, bad, Verdict.UNKNOWN]))
    assert result.verdict is Verdict.ERROR
    assert result.detail == f"proved with seed 0, {bad.value} with seed 1: one of both is wrong"


def test_a_bad_verdict_with_every_seed_is_not_brittle_and_not_green(proved: Report) -> None:
    found = with_verdicts(proved, [Verdict.REFUTED] * 3)
    assert names(found) == []
    assert worst(found).verdict is Verdict.REFUTED


@pytest.mark.parametrize("place", [0, 1])
def test_an_obligation_that_a_run_lacks_is_undecided(proved: Report, place: int) -> None:
    lacking = replace(proved, results=tuple(r for r in proved.results if r.obligation.id != KEPT))
    runs = [proved, proved]
    runs[place] = lacking
    found = compared(runs, (4, 6), BUDGET)
    assert names(found) == [KEPT]
    assert (worst(found).verdict, worst(found).detail) == (Verdict.UNKNOWN, f"no answer with seed {(4, 6)[place]}")


def helped(report: Report, verdict: Verdict) -> Report:
    """A run that needed a helper."""
    last = report.results[-1]
    obligation = replace(last.obligation, about=Initial("helper 1"))
    result = replace(last, obligation=obligation, verdict=verdict)
    return replace(report, results=(*report.results, result), hints=replace(report.hints, helpers=(TRUE,)))


def test_a_helper_of_one_run_alone_is_told_and_no_fault(proved: Report) -> None:
    found = compared([proved, helped(proved, Verdict.PROVED), proved], range(3), BUDGET)
    assert (names(found), found.others) == ([], (1,))
    assert worst(found, "start/helper 1").verdict is Verdict.PROVED


def test_a_helper_that_is_not_proved_is_no_help(proved: Report) -> None:
    found = compared([proved, helped(proved, Verdict.UNKNOWN), proved], range(3), BUDGET)
    assert worst(found, "start/helper 1").verdict is Verdict.UNKNOWN


# --- what cannot be compared --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seeds", [(), (3,), (3, 3)])
def test_too_few_seeds_are_refused(proved: Report, seeds: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="at least two different seeds"):
        stability(lamp(), Effort(), seeds)
    with pytest.raises(ValueError, match="at least two different seeds"):
        compared([proved] * len(seeds), seeds, BUDGET)


def test_reports_about_something_else_are_refused(proved: Report) -> None:
    with pytest.raises(ValueError, match="one report about the same machine"):
        compared([proved], (0, 1), BUDGET)
    with pytest.raises(ValueError, match="one report about the same machine"):
        compared([proved, replace(proved, machine=replace(proved.machine, name="Torch"))], (0, 1), BUDGET)


def test_an_obligation_answered_twice_is_refused(proved: Report) -> None:
    twice = replace(proved, results=(*proved.results, proved.results[0]))
    with pytest.raises(ValueError, match="answered twice"):
        compared([proved, twice], (0, 1), BUDGET)
