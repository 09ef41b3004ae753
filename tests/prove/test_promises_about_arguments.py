"""Promises about some actions alone, and about what these were given: proved of all steps, or refuted by one."""

from pathlib import PurePosixPath
from textwrap import dedent, indent

import pytest
from quiesce.kernel.kinds import Kind
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.prover import verify
from quiesce.prove.results import Report, Result, Verdict
from quiesce.spec.interpreter import holds, replay
from quiesce.spec.model import Machine, Step
from quiesce.spec.reader import read_text

from tests.machines import text_of

TILL = text_of("till")


def till(promise: str) -> Machine:
    return read_text(TILL + indent(dedent(promise), "    "), PurePosixPath("till.py"))


def promised(report: Report) -> dict[str, Result]:
    return {result.obligation.id: result for result in report.results if result.obligation.kind is Kind.STEP_PROMISE}


KEPT = [
    """
    @step(only=pay)
    def claimed(self, old: "Till", purse: Purse, n: Nat) -> bool:
        return self.coins == old.coins + n and purse.coins == old[purse].coins - n
    """,
    """
    @step(only=[pay, refund])
    def claimed(self, old: "Till", n: Nat) -> bool:
        return self.coins - old.coins <= n and old.coins - self.coins <= n
    """,
    """
    @step(only=[pay, refund])
    def claimed(self, old: "Till", purse: Purse) -> bool:
        return all(purse == other or other.coins == old[other].coins for other in self.purses)
    """,
    """
    @step(only=fill)
    def claimed(self, old: "Till", purse: Purse, n: Nat) -> bool:
        return old[purse].coins == 0 and purse.coins == n
    """,
    """
    @step(only=ring)
    def claimed(self, old: "Till") -> bool:
        return self.rung != old.rung
    """,
    """
    @step(only=refund)
    def claimed(self, old: "Till", n: Nat) -> bool:
        return implies(n > 0, old.coins > self.coins)
    """,
]


@pytest.mark.parametrize("promise", KEPT)
def test_what_every_step_keeps_is_proved(promise: str) -> None:
    machine = till(promise)
    report = verify(machine)
    CheckedMachine(report)
    (claim,) = (promise.claim for promise in machine.promises)
    assert isinstance(claim, Step)
    about = [action.name for action in machine.actions if action.name not in claim.unless]
    assert list(promised(report)) == [f"step/{name}/claimed" for name in about]


BROKEN = [
    (
        """
        @step(only=pay)
        def claimed(self, old: "Till", purse: Purse, n: Nat) -> bool:
            return self.coins == old.coins + n and purse.coins == old[purse].coins
        """,
        "pay",
    ),
    (
        """
        @step(only=[pay, refund])
        def claimed(self, old: "Till", n: Nat) -> bool:
            return self.coins == old.coins + n
        """,
        "refund",
    ),
    (
        """
        @step(only=[pay, refund])
        def claimed(self, old: "Till", purse: Purse) -> bool:
            return all(purse == other or other.coins < old[other].coins for other in self.purses)
        """,
        "pay",
    ),
    # The action changes nothing that the promise reads: not even then an idle step answers for it.
    (
        """
        @step(only=ring)
        def claimed(self, old: "Till", n: Nat) -> bool:
            return n == 0 or self.coins > 0
        """,
        "ring",
    ),
    (
        """
        @step(only=ring)
        def claimed(self, old: "Till") -> bool:
            return self.coins != old.coins
        """,
        "ring",
    ),
    (
        """
        @step(only=ring)
        def claimed(self, old: "Till") -> bool:
            return old.coins == 0
        """,
        "ring",
    ),
]


@pytest.mark.parametrize(("promise", "action"), BROKEN)
def test_what_some_step_breaks_is_refuted_by_what_the_step_was_given(promise: str, action: str) -> None:
    machine = till(promise)
    result = promised(verify(machine))[f"step/{action}/claimed"]
    assert result.verdict is Verdict.REFUTED
    assert_breaks(machine, result, action)


@pytest.mark.parametrize(("promise", "action"), BROKEN)
def test_declared_false_it_comes_with_the_same_run(promise: str, action: str) -> None:
    machine = till(promise.replace(")\n        def", ', expect="refuted")\n        def'))
    report = verify(machine)
    CheckedMachine(report)
    (result,) = (result for result in report.results if result.obligation.id == "expected/claimed")
    assert_breaks(machine, result, action)


def assert_breaks(machine: Machine, result: Result, action: str) -> None:
    """The run is one of the interpreter, and its last step breaks the promise for the arguments that it shows."""
    (claim,) = (promise.claim for promise in machine.promises)
    assert isinstance(claim, Step)
    run = result.run
    assert run is not None
    replay(machine, run)
    assert run.moves[-1].action == action
    assert not holds(claim.claim, run.states[-1], run.states[-2], claim.parameters, run.moves[-1].arguments)


def test_a_promise_without_a_step_that_it_speaks_of_is_not_green() -> None:
    promise = """
    @step(only=refund)
    def claimed(self, old: "Till", n: Nat) -> bool:
        return implies(n > old.coins, self.coins == 7)
    """
    report = verify(till(promise))
    assert {result.verdict for result in promised(report).values()} == {Verdict.PROVED}
    still_open = [result for result in report.results if result.verdict is not Verdict.PROVED]
    assert [result.obligation.promise for result in still_open] == ["claimed"]
    assert still_open[0].obligation.kind is Kind.WITNESS


def test_the_run_that_shows_a_premise_has_the_arguments_that_meet_it() -> None:
    machine = till(KEPT[-1])
    (result,) = (r for r in verify(machine).results if r.obligation.promise and r.obligation.kind is Kind.WITNESS)
    assert result.run is not None
    assert result.run.moves[-1].action == "refund"
    assert int(result.run.moves[-1].arguments["n"]) > 0
