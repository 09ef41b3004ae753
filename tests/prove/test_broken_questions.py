"""A question that breaks down leaves nothing behind in its solver: what is asked next is not proved by it."""

from pathlib import PurePosixPath
from typing import NoReturn

import pytest
import z3
from quiesce.prove.answers import Answer
from quiesce.prove.claims import problem_of
from quiesce.prove.queries import Batch, state_batch
from quiesce.prove.solver import Solver
from quiesce.spec.model import FALSE, TRUE, Expr
from quiesce.spec.reader import read_text

SPEC = '''
from quiesce.spec import Machine, Nat, call


class Counter(Machine):
    """Counts."""

    number: Nat = 0

    @call("add")
    def add(self) -> None:
        """One more."""
        self.number += 1
'''


class Defect(Exception):
    """The solver broke down."""


def asking(goal: Expr, *where: Expr) -> Batch:
    return state_batch(problem_of(read_text(SPEC, PurePosixPath("counter.py"))), [("goal", goal)], where=where)


def broken_down(*_: object) -> NoReturn:
    raise Defect


@pytest.mark.parametrize("engine", ["check", "falsified"])
def test_premises_of_a_question_that_broke_down_are_forgotten(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    solver = Solver()
    with monkeypatch.context() as patch:
        patch.setattr(Solver, "_check", broken_down)
        with pytest.raises(Defect):
            getattr(solver, engine)(asking(TRUE, FALSE))
    (answer,) = solver.check(asking(FALSE))
    assert answer.answer is Answer.SATISFIABLE
    assert solver.falsified(asking(FALSE)) == {0}


def test_premises_that_are_not_forgotten_would_prove_what_is_false(monkeypatch: pytest.MonkeyPatch) -> None:
    solver = Solver()
    with monkeypatch.context() as patch:
        patch.setattr(Solver, "_check", broken_down)
        patch.setattr(z3.Solver, "pop", lambda *_: None)
        with pytest.raises(Defect):
            solver.check(asking(TRUE, FALSE))
    (answer,) = solver.check(asking(FALSE))
    assert answer.proved


def test_a_search_that_broke_down_does_not_narrow_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    bounded = Solver().bounded()
    bounded.declare(["(declare-const x Int)"])
    with monkeypatch.context() as patch:
        patch.setattr(Solver, "_check", broken_down)
        with pytest.raises(Defect):
            bounded.model(["(= x 1)"])
    assert bounded.model(["(= x 2)"]) == {"x": "2"}
