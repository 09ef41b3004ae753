"""Promises that say nothing are vacuous, however they are worded; the others come with a run that names an action."""

from pathlib import Path, PurePosixPath

import pytest
from quiesce.kernel.kinds import Kind
from quiesce.prove.checked import CheckedMachine, NotProved
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.prove.results import Report, Verdict
from quiesce.spec.interpreter import replay
from quiesce.spec.reader import read_file, read_text

from tests.by_day import by_day
from tests.machines import text_of

FLAGSHIP = Path(__file__).parents[2] / "model" / "winsock.py"

LENDING = text_of("lending")


def lending(promise: str) -> Report:
    text = f"{LENDING}\n{promise}"
    return verify(read_text(text, PurePosixPath("lending.py")), Effort(depth=4))


def always(claim: str) -> str:
    return f"    @always\n    def promised(self) -> bool:\n        return {claim}\n"


def step(claim: str, unless: str = "") -> str:
    return f'    @step({unless})\n    def promised(self, old: "Lending") -> bool:\n        return {claim}\n'


def stated(word: str, claim: str, result: str = "bool") -> str:
    return f"    @{word}\n    def promised(self) -> {result}:\n        return {claim}\n"


def waits(trigger: str, goal: str) -> str:
    return stated("leads_to(fair=[close])", f"{trigger}, {goal}", "tuple[bool, bool]")


SAY_NOTHING = {
    "implication": (always("implies(self.lent > 0 and self.phase == Phase.CLOSED, self.lent == 7)"), ""),
    "second implication": (
        always(
            "implies(self.lent > 0, self.phase == Phase.OPEN) and "
            "implies(self.fines > 0, self.lent > 5 and self.phase == Phase.OPEN)"
        ),
        "/2",
    ),
    "implication within an implication": (
        always(
            "implies(self.phase == Phase.CLOSED, self.lent == 0 and all(implies(b.out, b.late) for b in self.books))"
        ),
        "/2",
    ),
    "not a or b": (always("not self.fines > 0 or self.lent > 100"), "/1"),
    "b or not a": (always("self.lent > 100 or not self.fines > 0"), "/2"),
    "for all members, not a or b": (always("all(not b.late or b.out for b in self.books)"), "/1"),
    "not any of both": (always("not any(b.out and b.late for b in self.books)"), "/2"),
    "two that are both never true": (always("(self.fines > 0) == any(b.late for b in self.books)"), "/1"),
    "of a family that nothing changes": (always("all(not c.taken for c in self.chairs)"), ""),
    "premise about a family that nothing changes": (always("all(implies(not c.taken, True) for c in self.chairs)"), ""),
    "steps of a family that nothing changes": (
        step("all(c.taken == old[c].taken for c in self.chairs)"),
        "",
    ),
    "a step that never happens": (step("implies(self.lent > old.lent + 1, self.phase == Phase.CLOSED)"), ""),
    "no action is left": (step("self.lent >= old.lent", "unless=[open_up, borrow, close]"), ""),
    "never released": (stated("pristine", "self.fines > 0"), ""),
    "wait that never begins": (waits("self.fines > 0", "self.phase == Phase.CLOSED"), ""),
    "wait that is over as it begins": (waits("self.phase == Phase.OPEN", "self.fines == 0"), ""),
    "recovery of what never changes": (stated("recoverable", "self.fines == 0"), ""),
}


@pytest.mark.parametrize(("promise", "number"), by_day(SAY_NOTHING.values(), 3), ids=SAY_NOTHING.keys())
def test_a_promise_that_says_nothing_is_vacuous(promise: str, number: str) -> None:
    report = lending(promise)
    open_ones = {r.obligation.id: r.verdict for r in report.results if r.verdict is not Verdict.PROVED}
    assert open_ones == {f"witness/promised/applies{number}": Verdict.VACUOUS}
    with pytest.raises(NotProved):
        CheckedMachine(report)


SAY_SOMETHING = {
    "implication": (always("implies(self.lent > 0, self.phase == Phase.OPEN)"), ["borrow"]),
    "not a or b": (always("not self.lent > 0 or self.phase == Phase.OPEN"), ["borrow", "close"]),
    "for all members": (always("all(implies(b.out, self.phase == Phase.OPEN) for b in self.books)"), ["borrow"]),
    "not any of both": (
        always("not any(b.out and self.phase == Phase.CLOSED for b in self.books)"),
        ["borrow", "close"],
    ),
    "equal truth values": (always("(self.phase == Phase.OPEN) == (self.phase != Phase.CLOSED)"), ["open_up", "close"]),
    "no premise": (always("self.lent >= 0"), ["borrow"]),
    "premise that holds at the start": (always("implies(self.phase == Phase.CLOSED, self.lent == 0)"), ["close"]),
    "steps": (step("self.lent <= old.lent + 1"), ["borrow"]),
    "steps that leave something alone": (step("self.phase == old.phase", "unless=[open_up, close]"), ["borrow"]),
    "steps of the old state": (step("old.phase == Phase.OPEN", "only=close"), ["close"]),
    "released": (stated("pristine", "self.phase == Phase.CLOSED"), ["close"]),
    "recovery": (stated("recoverable", "self.phase == Phase.OPEN"), ["open_up"]),
    "wait": (waits("self.phase == Phase.CLOSED", "self.phase == Phase.OPEN").replace("close]", "open_up]"), ["close"]),
}


@pytest.mark.parametrize(("promise", "actions"), SAY_SOMETHING.values(), ids=SAY_SOMETHING.keys())
def test_a_promise_that_says_something_has_runs_that_name_actions(promise: str, actions: list[str]) -> None:
    report = lending(promise)
    CheckedMachine(report)
    witnesses = [r for r in report.results if r.obligation.kind is Kind.WITNESS and r.obligation.promise == "promised"]
    named = []
    for result in witnesses:
        assert result.run is not None
        replay(report.machine, result.run)
        named.append(result.run.moves[-1].action)
    assert named == actions


def test_a_promise_that_is_declared_false_is_shown_by_its_counterexample() -> None:
    report = lending(always("implies(self.lent > 1, False)").replace("@always", '@always(expect="refuted")'))
    results = {r.obligation.id: r for r in report.results if r.obligation.promise == "promised"}
    assert results.keys() == {"expected/promised"}
    run = results["expected/promised"].run
    assert run is not None
    assert run.moves[-1].action == "borrow"


def test_every_promise_of_the_flagship_has_a_run_whose_last_step_is_an_action() -> None:
    report = verify(read_file(FLAGSHIP))
    shown = {
        result.obligation.promise
        for result in report.results
        if result.obligation.kind is Kind.WITNESS and result.run is not None and result.run.moves
    }
    assert shown >= {promise.name for promise in report.machine.promises}


@pytest.mark.parametrize(
    ("promise", "why"),
    [
        (always("True"), "no action changes anything that it speaks of"),
        (always("self.lent < 0 or self.lent >= 0"), "what it speaks of can never happen, as the promises exclude it"),
        (
            stated("recoverable", "True"),
            "no step leads from a state where its claim fails to one where it holds",
        ),
        (waits("self.lent > 0", "True"), "its trigger never holds where its goal is not reached already"),
    ],
)
def test_a_promise_that_says_nothing_is_told_why(promise: str, why: str) -> None:
    details = {result.detail for result in lending(promise).results if result.verdict is Verdict.VACUOUS}
    assert details == {f"the promise says nothing: {why}"}
