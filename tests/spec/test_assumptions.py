"""What actions assume, and promises about their arguments: how they are read, and what they mean."""

from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
from quiesce.spec.arguments import enabled
from quiesce.spec.interpreter import NotEnabled, holds, initial_states, is_enabled, step
from quiesce.spec.model import Binary, Field, IntType, Machine, MemberType, Op, Parameter, Step
from quiesce.spec.reader import read_file, read_text

SHELF = Path(__file__).parents[1] / "specs" / "good" / "trusted_borrowers.py"
HAS = Field("r", "readers", "has", IntType(0))
N = Parameter("n", IntType(0))


@pytest.fixture(scope="module")
def shelf() -> Machine:
    return read_file(SHELF)


def claim_of(machine: Machine, name: str) -> Step:
    (claim,) = (promise.claim for promise in machine.promises if promise.name == name)
    assert isinstance(claim, Step)
    return claim


# --- assumptions ------------------------------------------------------------------------------------------------


def test_an_assumption_is_read_with_its_reason_and_its_place(shelf: Machine) -> None:
    (assumption,) = shelf.actions_by_name["bring_back"].assumes
    assert assumption.claim == Binary(Op.LE, N, HAS)
    assert assumption.because == "readers bring back what they borrowed, and nothing else"
    line = SHELF.read_text(encoding="utf-8").splitlines()[assumption.span.line - 1]
    assert line[assumption.span.column - 1 : assumption.span.end_column - 1].startswith("assume(n <= r.has, ")


def test_an_assumption_is_no_part_of_when(shelf: Machine) -> None:
    action = shelf.actions_by_name["bring_back"]
    assert len(action.when) == 1
    assert action.guard == (*action.when, action.assumes[0].claim)


def test_guards_and_assumptions_stand_in_any_order() -> None:
    text = SHELF.read_text(encoding="utf-8")
    guard = "        when(n <= self.out)\n"
    turned = text.replace(guard, "").replace("        self.out -= n\n", f"{guard}        self.out -= n\n")
    assert turned != text
    assert read_text(turned, PurePosixPath("spec.py")).actions == read_file(SHELF).actions


def test_a_step_that_breaks_an_assumption_cannot_be_taken(shelf: Machine) -> None:
    (start,) = initial_states(shelf, 2)
    lent = step(shelf, start, shelf.actions_by_name["borrow"], {"r": 0, "n": 2})
    action = shelf.actions_by_name["bring_back"]
    assert is_enabled(shelf, lent, action, {"r": 0, "n": 2})
    assert not is_enabled(shelf, lent, action, {"r": 1, "n": 1})
    with pytest.raises(NotEnabled):
        step(shelf, lent, action, {"r": 1, "n": 1})
    offered = [(arguments["r"], arguments["n"]) for found, arguments in enabled(shelf, lent) if found == action]
    assert offered == [(0, 0), (0, 1), (0, 2), (1, 0)]


def test_without_assumptions_it_can_and_all_else_stays(shelf: Machine) -> None:
    (start,) = initial_states(shelf, 2)
    lent = step(shelf, start, shelf.actions_by_name["borrow"], {"r": 0, "n": 2})
    free = shelf.unassuming
    end = step(free, lent, free.actions_by_name["bring_back"], {"r": 1, "n": 1})
    assert [reader["has"] for reader in end.families["readers"]] == [2, -1]
    assert free == replace(shelf, actions=free.actions)
    assert [replace(action, assumes=()) for action in shelf.actions] == list(free.actions)


def test_a_promise_may_be_declared_false_without_assumptions(shelf: Machine) -> None:
    declared = {promise.name: (promise.holds, promise.assuming) for promise in shelf.promises}
    assert declared["nobody_has_fewer_than_none"] == (False, False)
    assert set(declared.values()) == {(True, True), (False, False)}


# --- arguments --------------------------------------------------------------------------------------------------


def test_only_is_read_as_unless_all_others(shelf: Machine) -> None:
    assert claim_of(shelf, "borrowed_books_are_written_down").unless == ("bring_back", "bring_back_too_many")
    assert claim_of(shelf, "only_the_reader_who_calls_has_more_or_less").unless == ("bring_back_too_many",)


def test_the_parameters_of_a_promise_are_those_of_its_actions(shelf: Machine) -> None:
    claim = claim_of(shelf, "borrowed_books_are_written_down")
    assert [(p.name, p.type) for p in claim.parameters] == [("r", MemberType("Reader")), ("n", IntType(0))]
    before = replace(HAS, old=True)
    assert isinstance(claim.claim, Binary)
    assert claim.claim.right == Binary(Op.EQ, HAS, Binary(Op.ADD, before, N))


def test_a_promise_is_asked_of_the_arguments_of_the_step(shelf: Machine) -> None:
    claim = claim_of(shelf, "borrowed_books_are_written_down")
    (start,) = initial_states(shelf, 2)
    end = step(shelf, start, shelf.actions_by_name["borrow"], {"r": 1, "n": 2})
    truths = {
        (r, n): holds(claim.claim, end, start, claim.parameters, {"r": r, "n": n}) for r in (0, 1) for n in (0, 1, 2)
    }
    assert [given for given, truth in truths.items() if truth] == [(1, 2)]


def test_a_promise_may_name_its_only_action_without_brackets() -> None:
    text = SHELF.read_text(encoding="utf-8")
    bracketed = text.replace("only=borrow)", "only=[borrow])")
    assert bracketed != text
    assert read_text(bracketed, PurePosixPath("spec.py")).promises == read_file(SHELF).promises
