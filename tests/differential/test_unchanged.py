"""What is unchanged: the reference runs the methods in both states, and breaks the promises that the prover refutes."""

import pytest
from quiesce.prove.effort import Effort

from tests.differential.comparing import wrong
from tests.differential.reference.knowledge import Knowledge, learn
from tests.differential.replies import ask
from tests.prove.test_unchanged import BROKEN, DESK

pytestmark = pytest.mark.slow


def broken(known: Knowledge) -> set[str | None]:
    return {about.promise for about, _ in known.broken if about.kind == "step"}


def test_the_reference_finds_nothing_wrong_where_all_stays() -> None:
    known = learn(DESK)
    assert broken(known) == set()
    assert list(wrong(ask(DESK, Effort(depth=5)), known, premises=True)) == []


@pytest.mark.parametrize("name", [name for name in BROKEN if "a third" not in name])  # it looks at two members
def test_the_reference_finds_what_does_not_stay_and_the_prover_agrees(name: str) -> None:
    before, after, wanted = BROKEN[name]
    text = DESK.replace(before, after)
    known = learn(text)
    assert broken(known) == {id_.split("/")[2] for id_ in wanted or {"step/open_loan/today", "step/open_loan/fines"}}
    assert list(wrong(ask(text, Effort(depth=5)), known, premises=True)) == []


def test_a_member_may_be_called_as_the_state_before_is() -> None:
    """Lending changes the books of the loan that it is given, whatever that is called."""
    before = DESK[DESK.index("    def lend(self") : DESK.index('    @call("lend", fails')]
    text = DESK.replace(before, before.replace("x", "old"))
    nothing = DESK[DESK.index("    def lend_nothing") : DESK.index('    @call("move")')]
    text = text.replace(nothing, nothing.replace("x", "old"))
    assert text.count("old: Loan") == 2
    assert broken(learn(text)) == set()
