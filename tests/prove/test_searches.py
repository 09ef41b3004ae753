"""Searches find what is there, and where they find nothing they say how far they really looked."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from quiesce.kernel.problem import problem_of
from quiesce.kernel.subjects import Initial
from quiesce.prove.attempt import Walks
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.prove.results import Result, Verdict
from quiesce.prove.search.bounded import BoundedSearch
from quiesce.prove.search.directed import directed
from quiesce.prove.search.runs import Runs
from quiesce.prove.search.search_outcomes import Cut, Excluded, Extent, Found, Why, looked, together
from quiesce.prove.search.targets import Target
from quiesce.prove.solving.answers import Answer, Check, Model, NoModel, Undecided
from quiesce.prove.solving.engine import Engine
from quiesce.prove.solving.z3_solver import BoundedSolver, Solver
from quiesce.spec.interpreter import replay
from quiesce.spec.model import (
    FALSE,
    INT,
    TRUE,
    Always,
    Binary,
    IntType,
    Literal,
    Machine,
    Not,
    Op,
    Parameter,
    ParameterDecl,
    Variable,
)
from quiesce.spec.rewrite import equal
from quiesce.spec.state import Run

from tests.by_day import by_day
from tests.prove.long_runs import (
    count,
    crowd,
    crowded_range,
    dead_phase,
    empty_only,
    jobs_that_are,
    one_name_twice,
    path,
    switches,
)


def refutations(machine: Machine, effort: Effort | None = None) -> list[Result]:
    report = verify(machine, effort or Effort())
    return [result for result in report.results if result.verdict is Verdict.REFUTED]


def broken(machine: Machine) -> Target:
    """What a run has to end with to break the promise."""
    (promise,) = machine.promises
    assert isinstance(promise.claim, Always)
    return Target(Not(promise.claim.claim))


def runs_of(machine: Machine, effort: Effort | None = None) -> Runs:
    problem = problem_of(machine)
    return Runs(problem, Engine(effort or Effort()), Walks(problem))


@pytest.fixture
def solver_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is found but by a solver."""
    monkeypatch.setattr(Runs, "seen", lambda *_: None)
    monkeypatch.setattr(Runs, "_directed", lambda *_: None)


# --- what is found ------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "steps"),
    by_day(
        [
            (lambda: path(3), 3),
            (lambda: path(13), 13),
            (lambda: path(20), 20),
            (lambda: path(60), 60),
            (lambda: count(12), 13),
            (lambda: count(500), 501),
            (lambda: switches(9), 9),
            (crowded_range, 21),
            (lambda: crowd(3), 4),
            (lambda: crowd(7), 8),
            (dead_phase, 2),
        ],
        4,
    ),
    ids=["path 3", "path 13", "path 20", "path 60", "count 12", "count 500", "switches", "range", "4", "8", "dead"],
)
def test_a_fault_that_takes_many_steps_or_members_is_shown(make: Callable[[], Machine], steps: int) -> None:
    machine = make()
    found = refutations(machine)
    assert found
    for result in found:
        assert result.run is not None
        replay(machine, result.run)
        surplus = len(result.run.moves) - steps
        assert surplus == 0 or (surplus == 1 and "a shorter run was not excluded" in result.detail)


def test_a_fault_without_members_is_found_without_members() -> None:
    machine = crowd(3)
    problem = problem_of(machine)
    search = BoundedSearch(problem, Solver(Effort()), 0)
    found = search.shortest(Target(TRUE), 2, 1_000_000)
    assert isinstance(found, Found)
    assert found.run.start.families == {"jobs": ()}
    assert search.shortest(Target(TRUE, actions=("add",)), 2, 1_000_000) == Excluded((Extent(2, 0),))
    assert search.shortest(broken(machine), 2, 1_000_000) == Excluded((Extent(2, 0),))


def test_a_run_without_members_has_no_arguments_of_actions_that_need_one() -> None:
    found = BoundedSearch(problem_of(empty_only()), Solver(Effort()), 0).shortest(broken(empty_only()), 3, 10**7)
    assert isinstance(found, Found)
    assert [move.action for move in found.run.moves] == ["open"]


def test_what_the_last_action_was_given_is_no_argument_of_a_claim_about_states() -> None:
    """The claim is about numbers up to 1, so a step that is given 2 does not reach it."""
    machine = one_name_twice()
    given = ParameterDecl("given", IntType(0, 1), False, machine.span)
    target = Target(Binary(Op.EQ, Parameter("given", IntType(0, 1)), Literal(2, INT)), (given,))
    problem = problem_of(machine)
    assert directed(problem, target, 50, 10).found is None
    by_step = replace(target, actions=("told",))
    assert directed(problem, by_step, 50, 10).found is None
    assert runs_of(machine).seen(by_step) is None


def test_where_nothing_can_happen_everything_is_answered() -> None:
    """There is a family, and no action at all: so the fields never have but one value, and the promise holds."""
    report = verify(replace(empty_only(), actions=()))
    assert {result.verdict for result in report.results} == {Verdict.PROVED, Verdict.VACUOUS}


def test_a_run_is_called_a_shortest_one_only_if_shorter_ones_were_excluded() -> None:
    (near,) = refutations(path(12))
    (far,) = refutations(path(20))
    assert near.detail == ""
    assert far.detail == "a shorter run was not excluded"


def test_a_longer_run_of_the_walk_does_not_hide_a_shorter_one(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = count(2)
    target, seen = broken(machine), Runs.seen
    detour = runs_of(machine).seen(Target(equal(Variable("n", INT), Literal(0, INT)), actions=("down",)))
    assert detour is not None

    def longer(runs: Runs, asked: Target, depth: int | None = None) -> Found | None:
        found = seen(runs, asked, depth)
        return (
            None if found is None else replace(found, run=Run(found.run.start, (*detour.run.moves, *found.run.moves)))
        )

    monkeypatch.setattr(Runs, "seen", longer)
    assert len(longer(runs_of(machine), target).run.moves) == 5  # type: ignore[union-attr]
    found = runs_of(machine).find(target)
    assert isinstance(found, Found)
    assert found.shortest
    assert len(found.run.moves) == 3


# --- how far was looked ---------------------------------------------------------------------------------------------


@pytest.mark.nightly
@pytest.mark.usefixtures("solver_alone")
def test_what_the_budget_cut_is_not_called_excluded() -> None:
    """The run has 21 steps. A search of up to 30 that gave up after a few once said that there is none."""
    (result,) = (r for r in verify(crowded_range(), Effort(depth=30)).results if r.verdict is not Verdict.PROVED)
    assert result.verdict is Verdict.UNKNOWN
    told = re.match(
        r"no run of up to (\d+) steps breaks it \(the solver's budget ended the search there\)", result.detail
    )
    assert told
    assert 2 < int(told[1]) < 21


@pytest.mark.usefixtures("solver_alone")
def test_a_fault_is_never_denied() -> None:
    """Whatever the budget: a search that did not find the run of 13 steps has not excluded 13 steps."""
    machine = count(12)
    for budget in (1, 1_000, 10_000, 100_000, 2_000_000):
        outcome = runs_of(machine, Effort(budget=budget, depth=20)).find(broken(machine))
        match outcome:
            case Found(run):
                assert len(run.moves) == 13
            case Excluded(extents) | Cut(extents):
                assert isinstance(outcome, Cut)
                assert all(extent.steps < 13 for extent in extents)


@pytest.mark.usefixtures("solver_alone")
def test_an_exclusion_has_its_steps_and_members() -> None:
    machine = crowd(20)
    outcome = runs_of(machine, Effort(depth=3)).find(broken(machine))
    assert outcome == Excluded(tuple(Extent(3, members) for members in (3, 0, 1, 2, 8)))
    told = looked(outcome, "breaks it")
    assert told == "no run of up to 3 steps with 0, 1, 2, 3 or 8 members of each family breaks it"
    assert runs_of(count(9), Effort(depth=3)).find(broken(count(9))) == Excluded((Extent(3, None),))


@pytest.mark.usefixtures("solver_alone")
def test_a_start_is_looked_at_with_each_small_number_of_members() -> None:
    machine = jobs_that_are("!= 1")
    outcome = runs_of(machine).find(broken(machine), 0)
    assert isinstance(outcome, Found)
    assert [len(members) for members in outcome.run.start.families.values()] == [1]


def test_no_step_is_said_to_stand_in_the_way_of_a_start() -> None:
    """With twelve jobs the promise is broken at once; that a job may be on later says nothing of that."""
    machine = jobs_that_are("< 12 and all(not j.on for j in self.jobs)")
    (start,) = (r for r in verify(machine).results if isinstance(r.obligation.about, Initial))
    assert start.verdict is Verdict.UNKNOWN
    assert start.cti is None


@pytest.mark.usefixtures("solver_alone")
def test_what_all_searches_may_cost_ends_a_search() -> None:
    machine = count(9)
    search = BoundedSearch(problem_of(machine), Solver(Effort()), 0)
    outcome = search.shortest(broken(machine), 9, 1)
    assert isinstance(outcome, Cut)
    assert outcome.why is Why.SEARCHES
    assert [extent.steps for extent in outcome.extents] == [0]


def test_a_solver_that_does_not_know_is_not_taken_for_one_that_says_no(monkeypatch: pytest.MonkeyPatch) -> None:
    """The defect itself: an answer `unknown` became `there is no run of this length`."""
    check = Check(Answer.UNKNOWN, 7, "incomplete")
    monkeypatch.setattr(BoundedSolver, "model", lambda *_: Undecided(check))
    machine = count(0)
    search = BoundedSearch(problem_of(machine), Solver(Effort()), 0)
    assert search.shortest(broken(machine), 5, 1_000) == Cut((), Why.SOLVER)


def test_the_three_answers_of_a_solver_are_told_apart() -> None:
    solver = Solver(Effort(budget=1_000)).bounded()
    solver.declare(["(declare-const x Int)", "(declare-const y Int)"])
    assert solver.model(["(= x 2)"]) == Model({"x": "2"})
    assert solver.model(["(= x 2)", "(= x 3)"]) == NoModel()
    hard = solver.model(["(= (* x x x) (+ (* y y) 1000003))", "(> x 5)", "(> y 7)"])
    assert isinstance(hard, Undecided)


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        (Excluded((Extent(1, None),)), "no run of up to 1 step breaks it"),
        (Excluded((Extent(12, 1),)), "no run of up to 12 steps with 1 member of each family breaks it"),
        (Excluded((Extent(0, None),)), "no initial state breaks it"),
        (
            Excluded((Extent(0, 3), Extent(0, 0), Extent(0, 8))),
            "no initial state with 0, 3 or 8 members of each family breaks it",
        ),
        (
            Cut((Extent(12, 3), Extent(0, 1)), Why.BUDGET),
            (
                "no run of up to 12 steps with 3 members of each family and no initial state with 1 member of each "
                "family breaks it (the solver's budget ended the search there)"
            ),
        ),
        (Excluded(()), "no run that breaks it was looked for"),
        (
            Cut((), Why.BUDGET),
            "no run that breaks it was found, and none was excluded (the solver's budget ended the search there)",
        ),
        (
            Cut((Extent(12, 3), Extent(12, 0), Extent(4, 8)), Why.SEARCHES),
            (
                "no run of up to 12 steps with 0 or 3 members of each family and of up to 4 steps with 8 members of "
                "each family breaks it (what such searches may cost ended it there)"
            ),
        ),
    ],
)
def test_the_sentence_says_how_far_was_looked(outcome: Excluded | Cut, sentence: str) -> None:
    assert looked(outcome, "breaks it") == sentence


def test_several_searches_are_cut_if_one_is() -> None:
    one, other = Excluded((Extent(5, 3),)), Cut((Extent(2, 8),), Why.BUDGET)
    assert together([one, other]) == Cut((Extent(5, 3), Extent(2, 8)), Why.BUDGET)
    assert together([one]) == one


def test_nothing_is_searched_for_twice() -> None:
    machine = count(9)
    runs = runs_of(machine, Effort(depth=3))
    first = runs.find(Target(FALSE))
    spent = runs.spent
    assert runs.find(Target(FALSE)) is first
    assert runs.spent == spent


# --- refute first, look for helpers last ---------------------------------------------------------------------------


@pytest.mark.slow
def test_what_a_run_breaks_gets_no_helper(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> tuple[()]:
        raise AssertionError("helpers were looked for")

    monkeypatch.setattr("quiesce.prove.strengthen._SOURCES", (never,))
    for machine in (path(20), count(40), switches(6), crowd(2)):
        assert {r.verdict for r in verify(machine).results} == {Verdict.PROVED, Verdict.REFUTED}
