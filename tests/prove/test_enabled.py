"""Promises about what a call is answered, about what can happen, and about the start: proved, or refuted by a run."""

from dataclasses import replace
from pathlib import PurePosixPath
from textwrap import dedent, indent

import pytest
from quiesce.kernel.kinds import Kind
from quiesce.kernel.obligations import obligations
from quiesce.kernel.problem import problem_of
from quiesce.prove.checked import CheckedMachine, NotProved
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.prove.results import Report, Result, Verdict
from quiesce.spec.interpreter import replay
from quiesce.spec.model import Fails, Machine
from quiesce.spec.reader import read_text

from tests.machines import text_of
from tests.reports import results_by_id

pytestmark = pytest.mark.slow

CLOAKROOM = text_of("cloakroom")


def cloakroom(promise: str) -> Machine:
    return read_text(CLOAKROOM + indent(dedent(promise), "    "), PurePosixPath("cloakroom.py"))


def own(report: Report) -> dict[str, Result]:
    """What was answered of the promise `claimed`, witnesses apart."""
    return {
        result.obligation.id: result
        for result in report.results
        if result.obligation.promise == "claimed" and result.obligation.kind is not Kind.WITNESS
    }


KEPT = {
    "a refusal": (
        """
        @refuses(calls("hang", "fetch"), "CLOSED")
        def claimed(self) -> bool:
            return not self.is_open
        """,
        ["answer/claimed/hang", "answer/claimed/fetch"],
    ),
    "a refusal of one argument": (
        """
        @refuses("fetch", "LOST")
        def claimed(self, coat: Coat) -> bool:
            return self.is_open and not coat.hangs and coat.pockets > 3
        """,
        ["answer/claimed/fetch"],
    ),
    "acceptance": (
        """
        @accepts("hang")
        def claimed(self, pockets: Nat) -> bool:
            return self.is_open and self.free > 1 and pockets > 7
        """,
        ["answer/claimed/hang"],
    ),
    "a step, whatever it assumes": (
        """
        @enabled(pilfer)
        def claimed(self, coat: Coat, n: Nat) -> bool:
            return n == 1 and coat.pockets > 0
        """,
        ["enabled/claimed/pilfer"],
    ),
    "the start, and what lasts": (
        """
        @initially
        def claimed(self) -> bool:
            return self.days == 0 and all(not coat.hangs for coat in self.coats)
        """,
        ["start/claimed"],
    ),
}


@pytest.mark.parametrize("name", KEPT)
def test_what_is_so_is_proved(name: str) -> None:
    promise, listed = KEPT[name]
    results = own(verify(cloakroom(promise)))
    assert list(results) == listed
    assert {result.verdict for result in results.values()} == {Verdict.PROVED}


QUICK = Effort(strengthen=False)
"""A fault is found without helpers; looking for some would only take time."""

BROKEN = {
    "another refusal": (
        """
        @refuses("hang", "FULL")
        def claimed(self) -> bool:
            return self.free == 0
        """,
        "answer/claimed/hang",
        (),
        "in the initial state hang() is not refused with FULL",
    ),
    "a refusal where it is accepted": (
        """
        @refuses("fetch", "LOST")
        def claimed(self, coat: Coat) -> bool:
            return self.is_open
        """,
        "answer/claimed/fetch",
        ("begin", "hang"),
        "in the last state fetch(coat=coats[0]) is not refused with LOST",
    ),
    "acceptance where it is refused": (
        """
        @accepts("hang")
        def claimed(self, pockets: Nat) -> bool:
            return self.is_open and pockets > 2
        """,
        "answer/claimed/hang",
        ("begin", "hang", "hang"),
        "is not accepted",
    ),
    "a step with too much": (
        """
        @enabled(pilfer)
        def claimed(self, coat: Coat, n: Nat) -> bool:
            return 0 < n <= coat.pockets + 1
        """,
        "enabled/claimed/pilfer",
        (),
        "in the initial state pilfer(coat=coats[0], n=1) is not possible",
    ),
    "a step whose other argument is left open": (
        """
        @enabled(pilfer)
        def claimed(self, coat: Coat) -> bool:
            return coat.pockets > 0
        """,
        "enabled/claimed/pilfer",
        ("begin", "hang"),
        "is not possible",
    ),
    "the start": (
        """
        @initially
        def claimed(self) -> bool:
            return self.days == 1
        """,
        "start/claimed",
        (),
        "",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_not_so_is_refuted_by_a_shortest_run(name: str) -> None:
    promise, broken, moves, sentence = BROKEN[name]
    report = verify(cloakroom(promise), QUICK)
    result = own(report)[broken]
    assert result.verdict is Verdict.REFUTED
    assert result.run is not None
    assert tuple(move.action for move in result.run.moves) == moves
    assert sentence in result.detail
    replay(report.machine, result.run)


VACUOUS = {
    "an answer that nobody ever gets": """
        @refuses("hang", "FULL")
        def claimed(self) -> bool:
            return self.is_open and self.free == 0 and self.days == 0
        """,
    "a start of another kind": """
        @initially
        def claimed(self) -> bool:
            return implies(self.is_open, self.free > 7)
        """,
}


@pytest.mark.parametrize("name", VACUOUS)
def test_what_says_nothing_is_not_green(name: str) -> None:
    held = "\n    @always\n    def days_count(self) -> bool:\n        return implies(self.is_open, self.days > 0)\n"
    machine = read_text(
        CLOAKROOM + held + indent(dedent(VACUOUS[name]), "    "),
        PurePosixPath("cloakroom.py"),
    )
    report = verify(machine)
    assert {result.verdict for result in own(report).values()} == {Verdict.PROVED}
    found = [r.verdict for r in report.results if r.obligation.id.startswith("witness/claimed/applies")]
    assert Verdict.VACUOUS in found
    with pytest.raises(NotProved, match="claimed/applies"):
        CheckedMachine(report)


@pytest.mark.slow
def test_an_answer_that_the_machine_lost_is_refuted_and_not_left_out() -> None:
    """The promise names a call and an error; which outcomes these are is looked up when it is proved."""
    machine = cloakroom(KEPT["a refusal of one argument"][0])
    fewer = tuple(action for action in machine.actions if action.name != "lost")
    lost = replace(machine, actions=fewer)
    assert "answer/claimed/fetch" in [obligation.id for obligation in obligations(problem_of(lost))]
    assert own(verify(lost, QUICK))["answer/claimed/fetch"].verdict is Verdict.REFUTED


@pytest.mark.slow
def test_an_answer_that_outcomes_without_its_arguments_give_as_well_is_looked_at_where_it_has_them() -> None:
    """`closed` is given no coat. That it fails like `lost` does is no fault by itself."""
    machine = cloakroom(KEPT["a refusal of one argument"][0])
    alike = tuple(
        replace(action, outcome=Fails("LOST"), calls=("fetch",)) if action.name == "closed" else action
        for action in machine.actions
    )
    report = verify(replace(machine, actions=alike), QUICK)
    found = results_by_id(report)
    assert found["answer/claimed/fetch"].verdict is Verdict.PROVED
    witness = found["witness/claimed/applies"]
    assert witness.run is not None
    assert witness.run.moves[-1].action == "lost"


def test_arguments_of_one_name_and_several_types_are_told_apart() -> None:
    """Both actions are given something that has one name, and both runs are found."""
    text = CLOAKROOM + indent(
        dedent(
            """
            @environment
            def lock(self, n: bool) -> None:
                when(n and self.is_open)
                self.is_open = False

            @enabled(pilfer, lock)
            def claimed(self) -> bool:
                return self.days > 0
            """
        ),
        "    ",
    )
    results = own(verify(read_text(text, PurePosixPath("cloakroom.py"))))
    assert {name: result.verdict for name, result in results.items()} == {
        "enabled/claimed/pilfer": Verdict.REFUTED,
        "enabled/claimed/lock": Verdict.REFUTED,
    }
