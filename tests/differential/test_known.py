"""Mistakes that the prover once made: the reference knows each of them, and the prover makes none of them again."""

import pytest
from quiesce.prove.effort import Effort

from tests.differential.comparing import wrong
from tests.differential.known import BREAKDOWNS, FORGETFUL, MISTAKES, Mistake
from tests.differential.not_yet import NOT_YET
from tests.differential.reference.knowledge import Knowledge, learn
from tests.differential.replies import NotRead, ask
from tests.differential.running import Rules, rules_without


def _kinds(known: Knowledge) -> set[str]:
    """The kinds of what is broken."""
    contract = {"contract"} if known.contracts else set[str]()
    return contract | {about.kind for about, _ in known.broken} | {about.kind for about in known.endless}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_the_reference_finds_what_is_wrong_with_the_spec(mistake: Mistake) -> None:
    assert mistake.kind in _kinds(learn(mistake.text, mistake.beside))


@pytest.mark.parametrize("name", MISTAKES)
def test_the_prover_does_not_call_it_right(name: str) -> None:
    """Of what is not mended yet, it is asked that the comparison sees it: who mends it takes the name off the list."""
    mistake = MISTAKES[name]
    known = learn(mistake.text, mistake.beside)
    try:
        found = list(wrong(ask(mistake.text, Effort(depth=5), mistake.beside), known, premises=True))
    except NotRead:
        found = []  # what the reader refuses is called right by nobody
    assert bool(found) == (name in NOT_YET), found


def breaks_down(text: str) -> bool:
    try:
        return any(reply.verdict == "error" for reply in ask(text, Effort(depth=5)))
    except Exception:  # whatever it is, a person who verifies a spec would see it
        return True


@pytest.mark.parametrize("name", BREAKDOWNS)
def test_the_prover_does_not_break_down(name: str) -> None:
    assert breaks_down(BREAKDOWNS[name]) == (name in NOT_YET)


def test_what_is_not_mended_yet_is_a_known_mistake() -> None:
    assert {*MISTAKES, *FORGETFUL, *BREAKDOWNS} >= NOT_YET


def test_nothing_is_left_out_of_random_specs_once_all_is_mended() -> None:
    assert rules_without(frozenset()) == Rules()
    every = frozenset({*MISTAKES, *BREAKDOWNS})
    refused = frozenset({"idle", "arg"})
    assert rules_without(every) == Rules(False, False, refused, False, every)
