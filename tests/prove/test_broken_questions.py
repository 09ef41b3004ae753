"""Questions that break down leave nothing behind in their solver, and those that lack goals prove nothing."""

from dataclasses import replace
from pathlib import PurePosixPath
from typing import NoReturn

import pytest
import z3
from quiesce.kernel.batches import Batch, state_batch
from quiesce.kernel.problem import problem_of
from quiesce.prove.effort import Effort
from quiesce.prove.solving.answers import Answer, Model
from quiesce.prove.solving.request import Text, text_of
from quiesce.prove.solving.z3_solver import Solver
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


def asking(goal: Expr, *where: Expr) -> Batch[str]:
    return state_batch(problem_of(read_text(SPEC, PurePosixPath("counter.py"))), [("goal", goal)], where=where)


def broken_down(*_: object) -> NoReturn:
    raise Defect


@pytest.mark.parametrize("engine", ["check", "falsified"])
def test_premises_of_a_question_that_broke_down_are_forgotten(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    solver = Solver(Effort())
    with monkeypatch.context() as patch:
        patch.setattr(Solver, "_check", broken_down)
        with pytest.raises(Defect):
            getattr(solver, engine)(asking(TRUE, FALSE))
    (answer,) = solver.check(asking(FALSE))
    assert answer.answer is Answer.SATISFIABLE
    assert solver.falsified(asking(FALSE)) == {0}


def test_premises_that_are_not_forgotten_would_prove_what_is_false(monkeypatch: pytest.MonkeyPatch) -> None:
    solver = Solver(Effort())
    with monkeypatch.context() as patch:
        patch.setattr(Solver, "_check", broken_down)
        patch.setattr(z3.Solver, "pop", lambda *_: None)
        with pytest.raises(Defect):
            solver.check(asking(TRUE, FALSE))
    (answer,) = solver.check(asking(FALSE))
    assert answer.proved


def test_a_search_that_broke_down_does_not_narrow_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    bounded = Solver(Effort()).bounded()
    bounded.declare(["(declare-const x Int)"])
    with monkeypatch.context() as patch:
        patch.setattr(Solver, "_check", broken_down)
        with pytest.raises(Defect):
            bounded.model(["(= x 1)"])
    assert bounded.model(["(= x 2)"]) == Model({"x": "2"})


UNREADABLE = ("false", "nothing")
"""Premises of which the second cannot be read, when the first has been."""


def test_a_text_that_cannot_be_read_leaves_nothing_behind() -> None:
    solver = Solver(Effort())
    with pytest.raises(z3.Z3Exception, match="nothing"):
        solver.check(Text(("goal",), (), (), UNREADABLE, ("true",)))
    (answer,) = solver.check(Text(("goal",), (), (), (), ("true",)))
    assert answer.answer is Answer.SATISFIABLE


def test_a_parser_of_z3_would_leave_it_behind() -> None:
    """So the test before looks at the right place."""
    parser = z3.ParserContext()
    with pytest.raises(z3.Z3Exception, match="nothing"):
        parser.from_string("".join(f"(assert {term})" for term in UNREADABLE))
    assert [str(term) for term in parser.from_string("(assert true)")] == ["False", "True"]


def test_a_text_that_says_more_than_its_terms_is_a_defect() -> None:
    with pytest.raises(ValueError, match="2 terms were read as 3"):
        Solver(Effort()).check(Text(("goal",), (), (), ("true) (assert false",), ("true",)))


# --- goals that are not there ------------------------------------------------------------------------------------


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that reaches Z3."""
    seen: list[str] = []
    parse, read_on = z3.parse_smt2_string, z3.ParserContext.from_string

    def noted(text: str, **options: object) -> object:
        seen.append(text)
        return parse(text, **options)

    def noted_too(parser: z3.ParserContext, text: str) -> object:
        seen.append(text)
        return read_on(parser, text)

    monkeypatch.setattr(z3, "parse_smt2_string", noted)
    monkeypatch.setattr(z3.ParserContext, "from_string", noted_too)
    return seen


def without_goals(batch: Batch[str]) -> Batch[str]:
    return replace(batch, goals=())


def test_goals_are_denied_together(sent: list[str]) -> None:
    """So the next test looks at the right place."""
    assert Solver(Effort()).check(asking(TRUE))[0].proved
    assert [text.count("(or ") for text in sent if "(or " in text] == [1]


@pytest.mark.parametrize("premise", [TRUE, FALSE])
def test_a_question_without_goals_is_not_asked_and_proves_nothing(premise: Expr, sent: list[str]) -> None:
    """To deny one of no goals would be to claim what is false, from which anything follows."""
    nothing = without_goals(asking(TRUE, premise))
    assert Solver(Effort()).check(nothing) == Solver(Effort()).check(text_of(nothing)) == ()
    assert Solver(Effort()).falsified(nothing) == frozenset()
    assert not any("(or )" in text for text in sent)
    sent.clear()
    assert list(Solver(Effort()).check_all([nothing, nothing])) == [(), ()]
    assert sent == []


@pytest.mark.parametrize("negations", [(), ("false", "false")])
def test_goals_that_lost_their_negation_are_a_defect_and_not_proved(
    negations: tuple[str, ...], sent: list[str]
) -> None:
    for premises in ((), ("false",)):
        with pytest.raises(ValueError, match=f"1 goals came with {len(negations)} negations"):
            Solver(Effort()).check(Text(("goal",), (), (), premises, negations))
    assert sent == []


def test_a_goal_with_its_negation_is_answered() -> None:
    """The good twin of the one above."""
    (answer,) = Solver(Effort()).check(Text(("goal",), (), (), (), ("false",)))
    assert answer.proved
