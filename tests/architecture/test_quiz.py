"""The functions that readers of ARCHITECTURE.md are asked for are drawn from all that there are, and can be guessed."""

import pytest

from tests.architecture.quiz import DRAWN, Drawn, drawn, functions, main


def test_every_function_and_method_can_be_drawn_and_what_python_calls_is_not() -> None:
    every = list(functions())
    assert len(every) > 1500
    names = {one.name for one in every}
    assert {"verify", "Problem.invariants", "_ProposalReading.proposal"} <= names
    assert not any(name.rpartition(".")[2].startswith("__") for name in names)
    assert {one.file for one in every} >= {"kernel/rules/steps", "console/commands/build", "prove/prover"}


def test_a_seed_stands_for_the_same_functions_each_time() -> None:
    first = drawn("a seed")
    assert len(first) == DRAWN == len(set(first))
    assert first == drawn("a seed") != drawn("another")


@pytest.mark.parametrize("answers", [False, True], ids=["questions", "answers"])
def test_only_the_answers_tell_files(capsys: pytest.CaptureFixture[str], *, answers: bool) -> None:
    main("a seed", answers=answers)
    shown = capsys.readouterr().out
    asked: list[Drawn] = drawn("a seed")
    assert all(one.name in shown for one in asked)
    assert [one.file in shown for one in asked] == [answers] * DRAWN
