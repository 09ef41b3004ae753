"""Every answer to a call below is dealt with by a step that a program could take there."""

from pathlib import Path

import pytest
from quiesce.spec.diagnostics import SpecError

from tests.prove.small_layers import SENDING, WORKS, Spec, lost, outcome, sent, unproved

# --- every answer, under every name ------------------------------------------------------------------------------

ANSWERS = {
    "both names, both answers": (sent("sent", "send sendto") + lost("send_lost", "send sendto", fails="LOST"), []),
    "each name has a refusal of its own": (
        sent("sent", "send sendto")
        + lost("send_lost", "send", fails="LOST")
        + lost("sendto_lost", "sendto", fails="GONE"),
        [],
    ),
    "one name skips the call below": (
        sent("sent", "send sendto")
        + lost("send_lost", "send", fails="LOST")
        + outcome("sendto_skipped", "sendto", "when(not works)", arguments=WORKS, fails="LOST"),
        ["precondition/sent/lower.send/answered_1"],
    ),
    "the answer is known before the call": (
        sent("sent", "send", "when(works)")
        + outcome("skipped", "send", "when(not works)", arguments=WORKS, fails="LOST"),
        ["precondition/sent/lower.send/answered_1"],
    ),
    "the call is made in one arm, if the answer is good": (
        outcome("sent", "send", "if works:", "    self.lower.send(works)", arguments=WORKS),
        ["precondition/sent/lower.send/answered_1"],
    ),
    "the steps of the machine itself are no answer to a caller": (
        sent("sent", "send")
        + lost("later", "", kind="internal")
        + outcome("skipped", "send", "when(not works)", arguments=WORKS, fails="LOST"),
        ["precondition/sent/lower.send/answered_1", "precondition/later/lower.lost/answered_1"],
    ),
    "the world outside is no answer to the machine itself": (
        sent("sent", "", kind="internal") + lost("later", "", kind="environment"),
        ["precondition/sent/lower.send/answered_1", "precondition/later/lower.lost/answered_1"],
    ),
    "the machine itself deals with both": (
        sent("sent", "", kind="internal") + lost("later", "", kind="internal"),
        [],
    ),
    "a wait is no answer to a refusal": (
        sent("sent", "send")
        + outcome("wait", "send", "when(not works)", arguments=WORKS).replace(")", ", blocks=True, fair=[sent])", 1),
        ["precondition/sent/lower.send/answered_1"],
    ),
    "it is trusted that no refusal comes": (
        sent("sent", "", kind="internal")
        + lost("later", "", 'assume(self.n > 0, "lucky")', kind="internal")
        + outcome("more", "more", "self.n += 1"),
        ["precondition/sent/lower.send/answered_1"],
    ),
    "a step with fewer choices is no answer": (
        outcome("sent", "", "self.lower.send(works)", arguments=f"{WORKS}, k: int", kind="internal")
        + outcome("later", "", "self.lower.lost(works)", arguments=f"{WORKS}, k: Nat", kind="internal"),
        ["precondition/sent/lower.send/answered_1", "precondition/later/lower.lost/answered_1"],
    ),
    "the machine trusts in what it is given": (
        sent("sent", "send", 'assume(self.n > 0, "they count first")')
        + lost("send_lost", "send", fails="LOST")
        + outcome("more", "more", "self.n += 1"),
        [],
    ),
    "the machine trusts in the answer": (
        sent("sent", "send")
        + outcome(
            "kept",
            "send",
            "when(self.n < 5)",
            'assume(works or self.n > 3, "they are lucky")',
            "self.lower.lost(works)",
            arguments=WORKS,
        )
        + lost("send_lost", "send", "when(self.n >= 5)", fails="LOST")
        + outcome("more", "more", "self.n += 1"),
        ["precondition/sent/lower.send/answered_1", "precondition/kept/lower.lost/answered_1"],
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_is_dealt_with_under_every_name(tmp_path: Path, name: str) -> None:
    machine, wrong = ANSWERS[name]
    assert [id_ for id_ in unproved(tmp_path, Spec(SENDING, machine)) if id_.startswith("precondition/")] == wrong


# --- a refusal that several calls share --------------------------------------------------------------------------


def _of_three(calls: str, name: str, when: str, fails: str | None = None) -> str:
    return outcome(name, calls, f"when({when})", arguments="q: Answer[Annotated[int, Range(0, 2)]]", fails=fails)


THREE = (
    _of_three("One", "one", "q == 1")
    + _of_three("Two", "two", "q == 2")
    + _of_three("Three", "three", "q == 0")
    + _of_three("One Two", "zero", "q == 0", "A")
    + _of_three("Two Three", "first", "q == 1", "B")
    + _of_three("One Three", "second", "q == 2", "C")
)
"""Three calls, each of which can be refused in two of three ways."""

THREE_ACCEPTED = THREE.replace(', fails="A"', "").replace(', fails="B"', "").replace(', fails="C"', "")
"""The same, where these ways are no refusals."""


def below(name: str, kind: str = "internal") -> str:
    return outcome(name, "", f"self.lower.{name}(q)", arguments="q: Answer[Annotated[int, Range(0, 2)]]", kind=kind)


@pytest.mark.parametrize("contract", [THREE, THREE_ACCEPTED], ids=["refused", "accepted"])
def test_answers_of_different_calls_are_not_the_answers_to_one(tmp_path: Path, contract: str) -> None:
    machine = below("zero") + below("first") + below("second")
    assert unproved(tmp_path, Spec(contract, machine)) == [
        "precondition/zero/lower.zero/answered_1",
        "precondition/first/lower.first/answered_1",
        "precondition/second/lower.second/answered_1",
    ]


def test_refusals_are_dealt_with_if_those_of_some_call_are(tmp_path: Path) -> None:
    assert unproved(tmp_path, Spec(THREE, below("zero") + below("one") + below("second"))) == []


# --- what a call is given ----------------------------------------------------------------------------------------

LEVELS = outcome("send", "Send", "when(works and level > 1)", arguments=f"level: Nat, {WORKS}") + outcome(
    "lost", "Send", "when(not works or level <= 1)", arguments=f"level: Nat, {WORKS}", fails="LOST"
)
"""A call that is given something, on which the answer depends."""

ARGUMENTS = {
    "one argument for both answers": ("self.lower.send(2, works)", "self.lower.lost(2, works)", []),
    "another argument for each answer": (
        "self.lower.send(2, works)",
        "self.lower.lost(3, works)",
        ["precondition/sent/lower.send/answered_1", "precondition/lost/lower.lost/answered_1"],
    ),
    "arguments that are equal where the call is made": (
        "when(self.n == 2)\nself.lower.send(self.n, works)",
        "when(self.n == 2)\nself.lower.lost(2, works)",
        [],
    ),
    "arguments that are equal in some states": (
        "self.lower.send(self.n, works)",
        "self.lower.lost(2, works)",
        ["precondition/sent/lower.send/answered_1", "precondition/lost/lower.lost/answered_1"],
    ),
}


def answered(good: str, bad: str) -> Spec:
    """A call with two outcomes, each of which makes the call below for the answer that it takes."""
    return Spec(
        LEVELS,
        outcome("sent", "send", *good.splitlines(), arguments=WORKS)
        + outcome("lost", "send", *bad.splitlines(), arguments=WORKS, fails="LOST")
        + outcome("more", "more", "self.n += 1"),
    )


@pytest.mark.parametrize("name", ARGUMENTS)
def test_every_answer_is_the_answer_to_one_argument(tmp_path: Path, name: str) -> None:
    good, bad, wrong = ARGUMENTS[name]
    assert [id_ for id_ in unproved(tmp_path, answered(good, bad)) if id_.startswith("precondition/")] == wrong


FORESEEING = {
    "in the argument": ("self.lower.send(3 if works else 2, works)", 1),
    "by way of a variable": ("self.n = 3 if works else 2\nself.lower.send(self.n, works)", 2),
    "in an earlier call": ("self.lower.set(3 if works else 2)\nself.lower.send(2, works)", 1),
    "in one arm": ("if self.n == 0:\n    self.lower.send(2, works)\nself.lower.set(3 if works else 2)", 3),
    "in another answer that nobody has given": ("self.lower.send(3 if other else 2, works)", 1),
}
SETTING = LEVELS + outcome("set", "Set", "self.held = self.held + level", arguments="level: Nat")


@pytest.mark.parametrize("name", FORESEEING)
def test_what_a_call_is_given_reads_no_answer_that_is_still_to_come(tmp_path: Path, name: str) -> None:
    body, line = FORESEEING[name]
    machine = outcome("sent", "send", *body.splitlines(), arguments=f"{WORKS}, other: Answer[bool]")
    with pytest.raises(SpecError) as caught:
        unproved(tmp_path, Spec(SETTING, machine))
    [diagnostic] = caught.value.diagnostics
    # behind the imports, the head of the class with its variables, the decorator and the signature
    assert (diagnostic.code, diagnostic.span.line) == ("Q054", 11 + line)
    assert "answer" in diagnostic.message


def test_what_a_call_is_given_may_read_an_answer_that_came_before(tmp_path: Path) -> None:
    machine = outcome(
        "sent", "send", "self.lower.send(2, works)", "self.lower.set(3 if works else 2)", arguments=WORKS
    ) + outcome("lost", "send", "self.lower.lost(2, works)", arguments=WORKS, fails="LOST")
    assert unproved(tmp_path, Spec(SETTING, machine)) == []


# --- what was called before --------------------------------------------------------------------------------------

TWO_LAYERS = "lower: Uses[Service]\nbeside: Uses[Service]"
COUNTED = SENDING + outcome("start", "Start", "self.held += 1")

BEFORE = {
    "started before either answer": (
        outcome("sent", "", "self.lower.start()", "self.lower.send(works)", arguments=WORKS, kind="internal")
        + outcome("later", "", "self.lower.start()", "self.lower.lost(works)", arguments=WORKS, kind="internal"),
        [],
    ),
    "started only if the answer to come is good": (
        outcome("sent", "", "self.lower.start()", "self.lower.send(works)", arguments=WORKS, kind="internal")
        + outcome("later", "", "self.lower.lost(works)", arguments=WORKS, kind="internal"),
        [
            "precondition/sent/lower.start/answered_1",
            "precondition/sent/lower.send/answered_2",
            "precondition/later/lower.lost/answered_1",
        ],
    ),
    "started before one answer, and before nothing": (
        outcome("sent", "", "self.lower.start()", "self.lower.send(works)", arguments=WORKS, kind="internal")
        + outcome("later", "", "self.lower.lost(works)", arguments=WORKS, kind="internal")
        + outcome("never", "", "when(not works)", "self.lower.start()", arguments=WORKS, kind="internal"),
        ["precondition/sent/lower.send/answered_2", "precondition/later/lower.lost/answered_1"],
    ),
    "started in an arm that reads the answer to come": (
        outcome(
            "sent",
            "",
            "if works:",
            "    self.lower.start()",
            "self.lower.send(works)",
            arguments=WORKS,
            kind="internal",
        )
        + outcome("later", "", "self.lower.lost(works)", arguments=WORKS, kind="internal"),
        ["precondition/sent/lower.send/answered_2", "precondition/later/lower.lost/answered_1"],
    ),
    "the other arm makes another call": (
        outcome(
            "sent",
            "",
            "if self.n == 0:",
            "    self.lower.start()",
            "else:",
            "    self.lower.send(works)",
            arguments=WORKS,
            kind="internal",
        )
        + outcome("later", "", "when(self.n != 0)", "self.lower.lost(works)", arguments=WORKS, kind="internal")
        + outcome("more", "more", "self.n += 1"),
        [],
    ),
    "another layer was called before": (
        outcome("sent", "", "self.beside.start()", "self.lower.send(works)", arguments=WORKS, kind="internal")
        + outcome("later", "", "self.lower.lost(works)", arguments=WORKS, kind="internal")
        + outcome("never", "", "when(not works)", "self.beside.start()", arguments=WORKS, kind="internal"),
        ["precondition/sent/lower.send/answered_2", "precondition/later/lower.lost/answered_1"],
    ),
    "the refusal of another layer": (
        sent("sent", "", kind="internal")
        + outcome("later", "", "self.beside.lost(works)", arguments=WORKS, kind="internal"),
        ["precondition/sent/lower.send/answered_1", "precondition/later/beside.lost/answered_1"],
    ),
}


@pytest.mark.parametrize("name", BEFORE)
def test_every_answer_comes_after_the_same_calls(tmp_path: Path, name: str) -> None:
    machine, wrong = BEFORE[name]
    spec = Spec(COUNTED, machine, declared=TWO_LAYERS)
    assert [id_ for id_ in unproved(tmp_path, spec) if id_.startswith("precondition/")] == wrong


KINDS = COUNTED + outcome("stop", "Stop") + outcome("set", "Set", arguments="level: Nat")
IF_NONE = "if self.n == 0:\n    self.lower.start()"
IF_WORKS = "if works:\n    self.lower.start()"
HISTORIES = {
    "the same": ("self.lower.start()\nself.lower.set(1)", "self.lower.start()\nself.lower.set(1)", True),
    "another layer": ("self.lower.start()", "self.beside.start()", False),
    "another call": ("self.lower.start()", "self.lower.stop()", False),
    "another argument": ("self.lower.set(1)", "self.lower.set(2)", False),
    "another call before the last": (
        "self.lower.start()\nself.lower.set(1)",
        "self.lower.stop()\nself.lower.set(1)",
        False,
    ),
    "another order": ("self.lower.start()\nself.lower.set(1)", "self.lower.set(1)\nself.lower.start()", False),
    "one more": ("self.lower.start()", "self.lower.start()\nself.lower.start()", False),
    "one less": ("self.lower.start()\nself.lower.start()", "self.lower.start()", False),
    "where the other may not": (IF_NONE, "self.lower.start()", False),
    "where this one may not": ("self.lower.start()", IF_NONE, False),
    "where both do": (IF_NONE, IF_NONE, True),
    "where the answer is good": (IF_WORKS, IF_WORKS, False),
}


def after(mine: str, theirs: str) -> Spec:
    """Two steps that take the two answers to a call, each with calls of its own before."""
    return Spec(
        KINDS,
        outcome("sent", "", *mine.splitlines(), "self.lower.send(works)", arguments=WORKS, kind="internal")
        + outcome("later", "", *theirs.splitlines(), "self.lower.lost(works)", arguments=WORKS, kind="internal")
        + outcome("more", "more", "self.n += 1"),
        declared=TWO_LAYERS,
    )


@pytest.mark.parametrize("name", HISTORIES)
def test_calls_before_are_compared_one_by_one(tmp_path: Path, name: str) -> None:
    mine, theirs, good = HISTORIES[name]
    wrong = [id_ for id_ in unproved(tmp_path, after(mine, theirs)) if "send/answered" in id_]
    assert wrong == [] if good else len(wrong) == 1


def _side(name: str, answer: int, first: str, second: str) -> str:
    return outcome(
        name,
        "Ask",
        f"when(q == {answer})",
        arguments=f"q: Answer[Annotated[int, Range(0, 2)]], {first}: bool, {second}: bool",
    )


TRIANGLE = _side("one", 0, "x", "y") + _side("two", 1, "y", "z") + _side("three", 2, "x", "z")
"""A call that is given three things, of which each outcome looks at two."""


def asks(name: str, below: str, first: str, second: str) -> str:
    arguments = "q: Answer[Annotated[int, Range(0, 2)]]"
    return outcome(name, "", f"self.lower.{below}(q, {first}, {second})", arguments=arguments, kind="internal")


EACH = tuple(
    asks(f"{name}_{'t' if given else 'f'}", name, str(given), str(given))
    for name in ("one", "two", "three")
    for given in (False, True)
)
CROSSED = asks("three_f", "three", "False", "True") + asks("three_t", "three", "True", "False")
ABOUT_ONE_CALL = Spec(TRIANGLE, "".join(EACH))
ABOUT_NO_CALL = Spec(TRIANGLE, "".join(EACH[:4]) + CROSSED)
"""Any two of these steps can be about one call, but no three of them that are about all answers."""

UNSEEN = Spec(
    LEVELS.replace("def lost(self, level: Nat, works", "def lost(self, works")
    .replace("when(not works or level <= 1)", "when(not works)")
    .replace("when(works and level > 1)", "when(works)"),
    outcome("low", "", "when(self.n == 0)", "self.lower.send(1, works)", arguments=WORKS, kind="internal")
    + outcome("high", "", "when(self.n > 0)", "self.lower.send(2, works)", arguments=WORKS, kind="internal")
    + lost("later", "", kind="internal")
    + outcome("more", "more", "self.n += 1"),
)
"""One outcome of the call does not look at the level, which two others give differently."""


def test_what_is_given_is_one_thing_for_all_answers_together(tmp_path: Path) -> None:
    assert "precondition/one_f/lower.one/answered_1" in unproved(tmp_path, ABOUT_NO_CALL)
    assert unproved(tmp_path, ABOUT_ONE_CALL) == []


def test_what_an_outcome_does_not_look_at_is_as_the_others_give_it(tmp_path: Path) -> None:
    assert unproved(tmp_path, UNSEEN) == []
