"""Calls to a layer below are legal, and every answer is dealt with; each table holds pairs that differ in one thing."""

from pathlib import Path

import pytest
from quiesce.spec.model import Machine

from tests.kernel.judging import read, still_open
from tests.prove.small_layers import SENDING, WORKS, Spec, lost, outcome, text_of
from tests.prove.test_answers_from_below import (
    ANSWERS,
    ARGUMENTS,
    BEFORE,
    COUNTED,
    HISTORIES,
    KINDS,
    LEVELS,
    SETTING,
    THREE,
    THREE_ACCEPTED,
    TRIANGLE,
    asks,
    below,
)

TWO_LAYERS = "lower: Uses[Service]\nbeside: Uses[Service]"


def machine_of(folder: Path, spec: Spec) -> Machine:
    return read(text_of(folder, spec), folder)


def owed_below(folder: Path, spec: Spec) -> list[str]:
    return [name for name in still_open(machine_of(folder, spec)) if name.startswith("precondition/")]


@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_is_dealt_with_under_every_name(tmp_path: Path, name: str) -> None:
    machine, wrong = ANSWERS[name]
    assert owed_below(tmp_path, Spec(SENDING, machine)) == wrong


@pytest.mark.parametrize("name", ARGUMENTS)
def test_every_answer_is_the_answer_to_one_argument(tmp_path: Path, name: str) -> None:
    good, bad, wrong = ARGUMENTS[name]
    machine = (
        outcome("sent", "send", *good.splitlines(), arguments=WORKS)
        + outcome("lost", "send", *bad.splitlines(), arguments=WORKS, fails="LOST")
        + outcome("more", "more", "self.n += 1")
    )
    assert owed_below(tmp_path, Spec(LEVELS, machine)) == wrong


@pytest.mark.parametrize("name", BEFORE)
def test_every_answer_comes_after_the_same_calls(tmp_path: Path, name: str) -> None:
    machine, wrong = BEFORE[name]
    assert owed_below(tmp_path, Spec(COUNTED, machine, declared=TWO_LAYERS)) == wrong


@pytest.mark.parametrize("name", HISTORIES)
def test_calls_before_are_compared_one_by_one(tmp_path: Path, name: str) -> None:
    mine, theirs, good = HISTORIES[name]
    sending = [*mine.splitlines(), "self.lower.send(works)"]
    losing = [*theirs.splitlines(), "self.lower.lost(works)"]
    machine = (
        outcome("sent", "", *sending, arguments=WORKS, kind="internal")
        + outcome("later", "", *losing, arguments=WORKS, kind="internal")
        + outcome("more", "more", "self.n += 1")
    )
    found = owed_below(tmp_path, Spec(KINDS, machine, declared=TWO_LAYERS))
    assert len([name for name in found if "send/answered" in name]) == (not good)


@pytest.mark.parametrize("contract", [THREE, THREE_ACCEPTED], ids=["refused", "accepted"])
def test_answers_of_different_calls_are_not_the_answers_to_one(tmp_path: Path, contract: str) -> None:
    names = ["zero", "first", "second"]
    found = owed_below(tmp_path, Spec(contract, "".join(map(below, names))))
    assert found == [f"precondition/{name}/lower.{name}/answered_1" for name in names]


def test_refusals_are_dealt_with_if_those_of_some_call_are(tmp_path: Path) -> None:
    assert owed_below(tmp_path, Spec(THREE, below("zero") + below("one") + below("second"))) == []


def test_what_is_given_is_one_thing_for_all_answers_together(tmp_path: Path) -> None:
    equal = asks("one_f", "one", "False", "False") + asks("one_t", "one", "True", "True")
    equal += asks("two_f", "two", "False", "False") + asks("two_t", "two", "True", "True")
    odd = asks("three_f", "three", "False", "True") + asks("three_t", "three", "True", "False")
    assert "precondition/one_f/lower.one/answered_1" in owed_below(tmp_path, Spec(TRIANGLE, equal + odd))
    right = asks("three_f", "three", "False", "False") + asks("three_t", "three", "True", "True")
    assert owed_below(tmp_path, Spec(TRIANGLE, equal + right)) == []


def test_what_an_outcome_does_not_look_at_is_as_the_others_give_it(tmp_path: Path) -> None:
    contract = (
        LEVELS.replace("def lost(self, level: Nat, works", "def lost(self, works")
        .replace("when(not works or level <= 1)", "when(not works)")
        .replace("when(works and level > 1)", "when(works)")
    )
    arms = [
        outcome("low", "", "when(self.n == 0)", "self.lower.send(1, works)", arguments=WORKS, kind="internal"),
        outcome("high", "", "when(self.n > 0)", "self.lower.send(2, works)", arguments=WORKS, kind="internal"),
        lost("later", "", kind="internal"),
        outcome("more", "more", "self.n += 1"),
    ]
    assert owed_below(tmp_path, Spec(contract, "".join(arms))) == []


def test_what_a_call_is_given_may_read_an_answer_that_came_before(tmp_path: Path) -> None:
    machine = outcome(
        "sent", "send", "self.lower.send(2, works)", "self.lower.set(3 if works else 2)", arguments=WORKS
    ) + outcome("lost", "send", "self.lower.lost(2, works)", arguments=WORKS, fails="LOST")
    assert owed_below(tmp_path, Spec(SETTING, machine)) == []


HELD = SENDING + outcome("stop", "Stop", 'assume(self.held > 0, "whoever stops has started")', "self.held -= 1")
HELD += outcome("start", "Start", "self.held += 1")

LEGAL = {
    "once more than was started": (outcome("end", "end", "self.lower.stop()"), ["precondition/end/lower.stop/1"]),
    "where it is started": (outcome("end", "end", "self.lower.start()", "self.lower.stop()"), []),
    "twice where it is started once": (
        outcome("end", "end", "self.lower.start()", "self.lower.stop()", "self.lower.stop()"),
        ["precondition/end/lower.stop/2"],
    ),
    "where the guard says so": (outcome("end", "end", "when(self.lower.held > 0)", "self.lower.stop()"), []),
    "where callers are trusted to know": (
        outcome("end", "end", 'assume(self.lower.held > 0, "they know")', "self.lower.stop()"),
        [],
    ),
}


@pytest.mark.parametrize("name", LEGAL)
def test_a_call_is_legal_where_it_is_made(tmp_path: Path, name: str) -> None:
    machine, wrong = LEGAL[name]
    assert owed_below(tmp_path, Spec(HELD, machine)) == wrong


STOPS = "if self.n == 0:\n    self.lower.stop()"
LONGER = {
    "a step more before one that is skipped": (
        "self.lower.set(1)",
        f"self.lower.set(1)\nself.lower.start()\n{STOPS}",
        False,
    ),
    "a step less before one that is skipped": (
        f"self.lower.set(1)\nself.lower.start()\n{STOPS}",
        "self.lower.set(1)",
        False,
    ),
    "one that is skipped": ("self.lower.set(1)", "self.lower.set(1)\nif self.n < 0:\n    self.lower.stop()", True),
    "one that is skipped here": ("self.lower.set(1)\nif self.n < 0:\n    self.lower.stop()", "self.lower.set(1)", True),
    "two that differ before one that is the same": (
        "self.lower.start()\nself.lower.stop()\nself.lower.set(1)",
        "self.lower.stop()\nself.lower.stop()\nself.lower.set(1)",
        False,
    ),
    "the first of three differs": (
        "self.lower.set(1)\nself.lower.set(2)\nself.lower.set(3)",
        "self.lower.set(2)\nself.lower.set(2)\nself.lower.set(3)",
        False,
    ),
    "three that are the same": (
        "self.lower.set(1)\nself.lower.set(2)\nself.lower.set(3)",
        "self.lower.set(1)\nself.lower.set(2)\nself.lower.set(3)",
        True,
    ),
    "one that may be made, or not, in both": (
        f"self.lower.set(1)\n{STOPS}\nself.lower.start()",
        f"self.lower.set(1)\n{STOPS}\nself.lower.start()",
        True,
    ),
    "one that may be made here, and the other there": (
        f"self.lower.set(1)\n{STOPS}\nself.lower.start()",
        f"self.lower.set(1)\n{STOPS.replace('==', '>')}\nself.lower.start()",
        False,
    ),
}


@pytest.mark.parametrize("name", LONGER)
def test_longer_histories_are_compared_to_their_beginning(tmp_path: Path, name: str) -> None:
    mine, theirs, good = LONGER[name]
    machine = (
        outcome("sent", "", *mine.splitlines(), "self.lower.send(works)", arguments=WORKS, kind="internal")
        + outcome("later", "", *theirs.splitlines(), "self.lower.lost(works)", arguments=WORKS, kind="internal")
        + outcome("more", "more", "self.n += 1")
    )
    found = owed_below(tmp_path, Spec(KINDS, machine, declared=TWO_LAYERS))
    assert len([name for name in found if "send/answered" in name]) == (not good)


MEMBERS = """
class Job(Member):
    started: bool = False


class Upper(Machine):
    n: Nat = 0
    lower: Uses[Service]
    jobs: Family[Job]

    @internal
    def ends(self, j: Job) -> None:
        when(j.started{more})
        self.lower.stop()

    @internal
    def begins(self, j: {kind}) -> None:
        self.lower.send({works})
        j.started = True
"""


@pytest.mark.parametrize("more", ["", " and self.lower.held > 0"], ids=["anywhere", "where it is legal"])
def test_a_call_for_a_member_is_legal_where_it_is_made(tmp_path: Path, more: str) -> None:
    head, _, rest = text_of(tmp_path, Spec(HELD, "")).partition("\n\n\nclass Upper")
    assert rest
    text = f"{head}\nfrom quiesce.spec import Family, Member, New\n\n\n"
    text += MEMBERS.format(more=more, kind="Job", works="works").replace(
        "j: Job) -> None:\n        self.lower.send", f"j: Job, {WORKS}) -> None:\n        self.lower.send"
    )
    found = [name for name in still_open(read(text, tmp_path)) if name.startswith("precondition")]
    assert found == (["precondition/ends/lower.stop/1"] if not more else []) + [
        "precondition/begins/lower.send/answered_1"
    ]
