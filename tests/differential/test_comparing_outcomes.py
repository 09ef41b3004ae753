"""Wrong replies about promises of what calls are answered, what is possible, and how all begins, are noticed."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import pytest
from quiesce.kernel.batches import Batch, start_batch
from quiesce.kernel.problem import Problem
from quiesce.kernel.rules import enabled
from quiesce.kernel.rules import steps as conditions
from quiesce.kernel.rules.enabled import goals_of
from quiesce.kernel.rules.state_goals import StateGoal
from quiesce.kernel.runs import shown
from quiesce.kernel.subjects import Subject
from quiesce.prove.effort import Effort
from quiesce.prove.explain import counterexamples
from quiesce.spec.model import FALSE, TRUE, Expr, Machine, Promise

from tests.differential.comparing import wrong
from tests.differential.reference.knowledge import Knowledge, learn
from tests.differential.replies import KINDS, Reply, ask
from tests.machines import text_of

SHELF = text_of("shelf")

KEPT = (("answer", "closed"), ("answer", "taken"), ("enabled", "torn"), ("start", "begins_shut"))
BROKEN = (("answer", "no_room"), ("enabled", "torn_often"), ("start", "begins_full"))

Report = tuple[tuple[Reply, ...], Knowledge]


def report() -> Report:
    return ask(SHELF, Effort(depth=5, strengthen=False)), learn(SHELF)


def wrong_names(replies: tuple[Reply, ...], known: Knowledge) -> set[str | None]:
    return {found.what.split(" (")[0] for found in wrong(replies, known, premises=False)}


def changed(replies: tuple[Reply, ...], what: tuple[str, str], **new: object) -> tuple[Reply, ...]:
    assert any((r.kind, r.promise) == what for r in replies)
    return tuple(replace(r, **new) if (r.kind, r.promise) == what else r for r in replies)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def shelf() -> Report:
    return report()


def test_a_true_report_agrees(shelf: Report) -> None:
    replies, known = shelf
    assert list(wrong(replies, known, premises=True)) == []
    for what in KEPT:
        assert {r.verdict for r in replies if (r.kind, r.promise) == what} == {"proved"}
    for what in BROKEN:
        assert {r.verdict for r in replies if (r.kind, r.promise) == what} == {"refuted"}


def test_the_search_finds_what_is_broken_and_nothing_else(shelf: Report) -> None:
    _, known = shelf
    found = {(KINDS[about.kind][0], about.promise) for about, _ in known.broken}
    assert found == set(BROKEN)


@pytest.mark.parametrize("what", BROKEN)
def test_a_proof_of_what_is_broken(what: tuple[str, str], shelf: Report) -> None:
    replies, known = shelf
    said = wrong_names(changed(replies, what, verdict="proved", run=None), known)
    assert len(said) == 1
    assert {name and name.startswith(" ".join(what)) for name in said} == {True}


@pytest.mark.parametrize("what", KEPT)
def test_a_refutation_of_what_holds(what: tuple[str, str], shelf: Report) -> None:
    """Without a run, or with any run that the report shows of something else."""
    replies, known = shelf
    for run in (None, *(r.run for r in replies if r.run is not None)):
        assert len(wrong_names(changed(replies, what, verdict="refuted", run=run), known)) >= 1


@pytest.mark.parametrize("what", BROKEN[:2])
def test_a_run_that_ends_where_the_promise_holds(what: tuple[str, str], shelf: Report) -> None:
    replies, known = shelf
    run = next(r.run for r in replies if (r.kind, r.promise) == what)
    assert run is not None
    assert run["steps"]
    for length in range(len(run["steps"])):
        cut = {**run, "steps": run["steps"][:length]}
        assert len(wrong_names(changed(replies, what, run=cut), known)) == 1


def test_a_run_for_the_start_that_goes_on(shelf: Report) -> None:
    replies, known = shelf
    longer = next(r.run for r in replies if r.kind == "witness" and r.action == "unlock")
    assert wrong_names(changed(replies, BROKEN[2], run=longer), known) == {"start begins_full"}


@pytest.mark.parametrize("promise", ["closed", "taken", "torn"])
def test_a_promise_that_says_something_is_called_vacuous(promise: str, shelf: Report) -> None:
    replies, known = shelf
    other = changed(replies, ("witness", promise), verdict="vacuous", run=None)
    assert wrong_names(other, known) == {f"witness {promise}"}


# --- faults of the prover ----------------------------------------------------------------------------------------


def _with_goals(monkeypatch: pytest.MonkeyPatch, change: Callable[[StateGoal], StateGoal | None]) -> None:
    """Every part of the prover sees other goals."""

    def goals(problem: Problem, promise: Promise) -> Iterator[StateGoal]:
        return (new for goal in goals_of(problem, promise) if (new := change(goal)) is not None)

    for module in (enabled, counterexamples, shown):
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

    for module in (enabled, counterexamples, shown):
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
    _nothing_applies: KEPT[:3],
    _nothing_is_asked: (("refuses", "no_room"), ("enabled", "torn_often")),
    _any_answer_will_do: BROKEN[:1],
    _assumptions_are_asked_for: KEPT[2:3],
    _the_start_is_not_looked_at: BROKEN[2:],
    _the_start_is_forgotten: BROKEN[2:],
}


@pytest.mark.parametrize(("fault", "what"), FAULTS.items())
def test_a_fault_of_the_prover_is_found(
    fault: Callable[[pytest.MonkeyPatch], None], what: tuple[tuple[str, str], ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reference does not ask the prover what such a promise means."""
    fault(monkeypatch)
    replies, known = report()
    said = " ".join(found.what for found in wrong(replies, known, premises=False))
    for _, promise in what:
        assert promise in said
