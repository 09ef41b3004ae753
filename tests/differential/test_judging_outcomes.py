"""Wrong answers about promises of what calls are answered, what is possible, and how all begins, are noticed."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import pytest
from quiesce.kernel import enabled, shown
from quiesce.kernel import steps as conditions
from quiesce.kernel.batches import Batch, start_batch
from quiesce.kernel.enabled import goals_of
from quiesce.kernel.kinds import Subject
from quiesce.kernel.problem import Problem
from quiesce.kernel.state_goals import StateGoal
from quiesce.prove.explain import diagnosis
from quiesce.prove.results import Report, Verdict
from quiesce.spec.model import FALSE, TRUE, Expr, Machine, Promise
from quiesce.spec.state import Run

from tests.differential.oracle import Knowledge
from tests.differential.reports import changed, judged, result_of, run_of, wrong

SHELF = '''
from typing import Annotated

from quiesce.spec import (
    Family, Machine, Member, New, Range, always, answers, assume, call, environment, initially, possible, retire, when,
)


class Book(Member):
    """Is there, or is lent."""

    there: bool = False
    pages: Annotated[int, Range(0, 2)] = 0


class Shelf(Machine):
    """Has room for two books."""

    room: Annotated[int, Range(0, 2)] = 2
    is_open: bool = False

    books: Family[Book]

    @environment
    def unlock(self) -> None:
        when(not self.is_open)
        self.is_open = True

    @environment
    def tear(self, book: Book, n: Annotated[int, Range(1, 2)]) -> None:
        when(book.there and n <= book.pages)
        assume(n == 1, "nobody tears out two")
        book.pages -= n

    @call("put")
    def put(self, book: New[Book]) -> None:
        when(self.is_open and self.room > 0)
        book.there = True
        book.pages = 2
        self.room -= 1

    @call("put", fails="FULL")
    def put_too_many(self) -> None:
        when(self.is_open and self.room == 0)

    @call("put", "take", fails="CLOSED")
    def shut(self) -> None:
        when(not self.is_open)

    @call("take")
    def take(self, book: Book) -> None:
        when(self.is_open and book.there)
        retire(book)

    @call("take", fails="GONE")
    def take_in_vain(self, book: Book) -> None:
        when(self.is_open and not book.there)

    @always
    def pages_are_there(self) -> bool:
        return all(book.there or book.pages == 0 for book in self.books)

    @answers("put", "take", fails="CLOSED")
    def closed(self) -> bool:
        return not self.is_open

    @answers("take")
    def taken(self, book: Book) -> bool:
        return self.is_open and book.pages > 0

    @answers("put", fails="FULL")
    def no_room(self) -> bool:
        return self.is_open and self.room < 2

    @possible(tear)
    def torn(self, book: Book, n: Annotated[int, Range(1, 2)]) -> bool:
        return book.there and book.pages == 2

    @possible(tear)
    def torn_often(self, book: Book, n: Annotated[int, Range(1, 2)]) -> bool:
        return book.there and book.pages > 0

    @initially
    def begins_shut(self) -> bool:
        return not self.is_open

    @initially
    def begins_full(self) -> bool:
        return self.room == 0
'''


KEPT = ("answers/closed/put", "answers/closed/take", "answers/taken/take", "possible/torn/tear", "start/begins_shut")
BROKEN = ("answers/no_room/put", "possible/torn_often/tear", "start/begins_full")


@pytest.fixture(scope="module")
def shelf() -> tuple[Report, Knowledge]:
    return judged(SHELF, strengthen=False)


def test_a_true_report_agrees(shelf: tuple[Report, Knowledge]) -> None:
    report, known = shelf
    assert wrong(report, known) == []
    assert {id_: result_of(report, id_).verdict for id_ in KEPT} == dict.fromkeys(KEPT, Verdict.PROVED)
    assert {id_: result_of(report, id_).verdict for id_ in BROKEN} == dict.fromkeys(BROKEN, Verdict.REFUTED)


def test_the_search_finds_what_is_broken_and_nothing_else(shelf: tuple[Report, Knowledge]) -> None:
    _, known = shelf
    assert set(known.broken) == set(BROKEN)


@pytest.mark.parametrize("id_", BROKEN)
def test_a_proof_of_what_is_broken(id_: str, shelf: tuple[Report, Knowledge]) -> None:
    report, known = shelf
    assert wrong(changed(report, id_, verdict=Verdict.PROVED, run=None), known) == [id_]


@pytest.mark.parametrize("id_", KEPT)
def test_a_refutation_of_what_holds(id_: str, shelf: tuple[Report, Knowledge]) -> None:
    """Without a run, or with any run that the search knows of."""
    report, known = shelf
    for run in (None, *known.broken.values(), *known.shown.values()):
        assert wrong(changed(report, id_, verdict=Verdict.REFUTED, run=run), known) == [id_]


@pytest.mark.parametrize("id_", BROKEN[:2])
def test_a_run_that_ends_where_the_promise_holds(id_: str, shelf: tuple[Report, Knowledge]) -> None:
    report, known = shelf
    run = run_of(report, id_)
    assert run.moves
    for length in range(len(run.moves)):
        assert wrong(changed(report, id_, run=Run(run.start, run.moves[:length])), known) == [id_]


def test_a_run_for_the_start_that_goes_on(shelf: tuple[Report, Knowledge]) -> None:
    report, known = shelf
    assert not run_of(report, "start/begins_full").moves
    assert wrong(changed(report, "start/begins_full", run=run_of(report, "witness/unlock")), known) == [
        "start/begins_full"
    ]


@pytest.mark.parametrize("id_", ["witness/closed applies", "witness/taken applies", "witness/torn applies"])
def test_a_promise_that_says_something_is_called_vacuous(id_: str, shelf: tuple[Report, Knowledge]) -> None:
    report, known = shelf
    assert wrong(changed(report, id_, verdict=Verdict.VACUOUS, run=None), known) == [id_]


# --- faults of the prover ----------------------------------------------------------------------------------------


def _with_goals(monkeypatch: pytest.MonkeyPatch, change: Callable[[StateGoal], StateGoal | None]) -> None:
    """Every part of the prover sees other goals."""

    def goals(problem: Problem, promise: Promise) -> Iterator[StateGoal]:
        return (new for goal in goals_of(problem, promise) if (new := change(goal)) is not None)

    for module in (enabled, diagnosis, shown):
        monkeypatch.setattr(module, "goals_of", goals)


def _everything_applies(monkeypatch: pytest.MonkeyPatch) -> None:
    _with_goals(monkeypatch, lambda goal: replace(goal, claim=TRUE))


def _nothing_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    _with_goals(monkeypatch, lambda goal: replace(goal, where=FALSE))


def _nothing_applies(monkeypatch: pytest.MonkeyPatch) -> None:
    _with_goals(monkeypatch, lambda goal: replace(goal, claim=FALSE))


def _nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    _with_goals(monkeypatch, lambda _: None)


def _any_answer_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Machine, "answering", lambda self, call, _: self.calls[call])


def _assumptions_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def trusting(problem: Problem, promise: Promise) -> Iterator[StateGoal]:
        actions = tuple(replace(action, when=action.guard) for action in problem.machine.actions)
        return goals_of(replace(problem, machine=replace(problem.machine, actions=actions)), promise)

    for module in (enabled, diagnosis, shown):
        monkeypatch.setattr(module, "goals_of", trusting)


def _the_start_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    def known(problem: Problem, start: Expr, goals: Iterable[tuple[Subject, Expr]]) -> Batch[Subject]:
        return start_batch(problem, start, [(about, TRUE) for about, _ in goals])

    monkeypatch.setattr(conditions, "start_batch", known)


def _the_start_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Problem, "initial_promises", ())


FAULTS = {
    _everything_applies: BROKEN[:2],
    _nothing_is_claimed: BROKEN[:2],
    _nothing_applies: KEPT[:4],
    _nothing_is_asked: BROKEN[:2],
    _any_answer_will_do: BROKEN[:1],
    _assumptions_are_asked_for: ("possible/torn/tear",),
    _the_start_is_not_looked_at: BROKEN[2:],
    _the_start_is_forgotten: BROKEN[2:],
}


@pytest.mark.parametrize(("fault", "ids"), FAULTS.items())
def test_a_fault_of_the_prover_is_found(
    fault: Callable[[pytest.MonkeyPatch], None], ids: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The search does not ask the prover what such a promise means."""
    fault(monkeypatch)
    assert set(ids) <= set(wrong(*judged(SHELF, strengthen=False)))
