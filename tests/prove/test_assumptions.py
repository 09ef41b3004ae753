"""What actions assume is met by some run, or it is an error; and what fails without it comes with its run."""

from collections import Counter
from pathlib import Path, PurePosixPath
from textwrap import dedent, indent

import pytest
from quiesce.console.exits import Exit
from quiesce.console.verdicts import exit_code
from quiesce.kernel.kinds import Kind
from quiesce.prove.checked import CheckedMachine, NotProved, completed
from quiesce.prove.effort import Effort
from quiesce.prove.explain.assumptions import CONTRADICTION, NEEDLESS, first_broken
from quiesce.prove.prover import verify
from quiesce.prove.results import Report, Verdict
from quiesce.spec.interpreter import NotEnabled, replay
from quiesce.spec.model import Machine
from quiesce.spec.reader import read_file, read_text

from tests.reports import results_by_id

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]

TANK = '''
from quiesce.spec import Machine, Nat, always, assume, call, environment, leads_to, recoverable, step, when

class Tank(Machine):
    """Filled by callers, emptied by the world."""
    level: Nat = 0
    closed: bool = False

    @call("fill")
    def fill(self, n: Nat) -> None:
        """Pour in."""
        when(not self.closed)
        {fill}
        self.level += n

    @call("fill", fails="CLOSED")
    def fill_closed(self) -> None:
        """No way in."""
        when(self.closed)

    @environment
    def leak(self) -> None:
        """Lose a drop."""
        assume(self.level > 0, "nothing leaks from nothing")
        self.level -= 1

    @environment
    def close(self) -> None:
        """For good."""
        assume(self.level == 2, "the lid fits at this level alone")
        self.closed = True
'''


def tank(fill: str = "", promise: str = "") -> Machine:
    text = TANK.replace("{fill}", indent(dedent(fill), " " * 8).strip() or "pass")
    return read_text(text + indent(dedent(promise), "    "), PurePosixPath("tank.py"))


def test_each_assumption_is_met_by_a_run_in_which_its_action_happens() -> None:
    machine = tank('assume(n < 5, "the hose is short")\nassume(self.level < 9, "nobody overfills it")')
    report = verify(machine)
    CheckedMachine(report)
    assumed = {name: result for name, result in results_by_id(report).items() if result.obligation.kind is Kind.ASSUMED}
    assert list(assumed) == ["assumption/fill/1", "assumption/fill/2", "assumption/leak/1", "assumption/close/1"]
    for result in assumed.values():
        assert result.run is not None
        assert result.run.moves[-1].action == result.obligation.action
        replay(machine, result.run)
    assert assumed["assumption/fill/1"].detail == "the hose is short"


def test_an_assumption_that_no_walk_meets_is_searched_for() -> None:
    machine = tank('assume(n == 0 or n == 7 and self.level != 7, "only seven at once")\nassume(n > 0, "never none")')
    results = results_by_id(verify(machine))
    for found in (results["assumption/fill/1"], results["assumption/fill/2"]):
        assert found.verdict is Verdict.PROVED
        assert found.run is not None
        assert [(move.action, move.arguments) for move in found.run.moves] == [("fill", {"n": 7})]


CONTRADICTORY = [
    ('assume(self.closed, "never so: the guard says otherwise")', 1),
    ('assume(self.level < 0, "never so: the range says otherwise")', 1),
    ('assume(n < 0, "never so: no argument is")', 1),
    ('assume(n > 3, "many")\nassume(n < 3, "few")', 2),
    ('assume(self.level > 3, "high")\nassume(n > 3, "many")\nassume(self.level < 3, "low")', 3),
]


@pytest.mark.parametrize(("fill", "number"), CONTRADICTORY)
def test_a_contradictory_assumption_is_an_error_and_not_a_proof(fill: str, number: int) -> None:
    report = verify(tank(fill))
    results = results_by_id(report)
    contradiction = results[f"assumption/fill/{number}"]
    assert (contradiction.verdict, contradiction.detail) == (Verdict.ERROR, CONTRADICTION)
    assert results["witness/fill"].verdict is not Verdict.PROVED
    assert exit_code([completed(report)]) is Exit.USAGE
    with pytest.raises(NotProved, match=f"assumption/fill/{number}"):
        CheckedMachine(report)


def test_a_promise_may_be_what_an_assumption_contradicts() -> None:
    promise = """
    @always
    def low(self) -> bool:
        return self.level <= 3
    """
    low = 'assume(self.level + n <= 3, "room is asked for before")'
    assert results_by_id(verify(tank(low, promise)))["assumption/fill/1"].verdict is Verdict.PROVED
    results = results_by_id(verify(tank(f'{low}\nassume(self.level > 4, "high")', promise)))
    assert results["assumption/fill/2"].verdict is Verdict.ERROR
    assert results["step/fill/low"].verdict is Verdict.PROVED  # of nothing: that is why the assumption has to be red


def test_what_no_short_run_meets_is_unknown() -> None:
    far = TANK.replace("{fill}", 'assume(n == 1, "drop by drop")').replace("self.level == 2", "self.level == 40_000")
    result = results_by_id(verify(read_text(far, PurePosixPath("tank.py"))))["assumption/close/1"]
    assert result.verdict is Verdict.UNKNOWN


def test_a_needless_assumption_is_said_to_be_so_and_is_not_red() -> None:
    report = verify(tank('assume(self.level >= 0, "it is a number")\nassume(n < 5, "the hose is short")'))
    results = results_by_id(report)
    assert (results["assumption/fill/1"].verdict, results["assumption/fill/1"].detail) == (Verdict.PROVED, NEEDLESS)
    assert results["assumption/fill/2"].detail == "the hose is short"
    CheckedMachine(report)


# --- what is narrowed, and what is not --------------------------------------------------------------------------


def test_promises_rest_on_assumptions() -> None:
    machine = tank()
    assert results_by_id(verify(machine))["step/leak/level in range"].verdict is Verdict.PROVED
    assert results_by_id(verify(machine.unassuming))["step/leak/level in range"].verdict is Verdict.REFUTED


def test_an_assumption_does_not_excuse_a_call_without_an_outcome() -> None:
    text = TANK.replace("{fill}", 'assume(n < 5, "the hose is short")')
    part = text.replace("when(not self.closed)\n", "when(not self.closed and n < 9)\n")
    results = results_by_id(verify(read_text(part, PurePosixPath("tank.py"))))
    assert results["total/fill/covered"].verdict is Verdict.REFUTED


def test_an_assumption_does_not_tell_two_outcomes_apart() -> None:
    told_apart = 'assume(not self.closed, "told apart here alone")'
    text = TANK.replace("when(not self.closed)", told_apart).replace("{fill}", "pass")
    results = results_by_id(verify(read_text(text, PurePosixPath("tank.py"))))
    assert results["total/fill/exclusive"].verdict is Verdict.REFUTED


# --- what fails without -----------------------------------------------------------------------------------------

FAILING = [
    (
        """
        @always(expect="refuted without assumptions")
        def claimed(self) -> bool:
            return self.level >= 0
        """,
        ["leak"],
    ),
    (
        """
        @step(only=close, expect="refuted without assumptions")
        def claimed(self, old: "Tank") -> bool:
            return self.level == 2
        """,
        ["close"],
    ),
    (
        """
        @recoverable(expect="refuted without assumptions")
        def claimed(self) -> bool:
            return not self.closed
        """,
        ["close"],
    ),
]


@pytest.mark.parametrize(("promise", "moves"), FAILING)
def test_what_fails_without_assumptions_comes_with_a_run_that_breaks_one(promise: str, moves: list[str]) -> None:
    machine = tank(promise=promise)
    report = verify(machine)
    result = results_by_id(report)["expected/claimed"]
    CheckedMachine(report)
    assert result.run is not None
    assert [move.action for move in result.run.moves] == moves
    replay(machine.unassuming, result.run)
    with pytest.raises(NotEnabled):
        replay(machine, result.run)
    broken = first_broken(machine, result.run)
    assert broken is not None
    assert broken[0] == 1
    assert result.detail.endswith(f"step 1 breaks: {broken[1].because}")


HOLDING = [
    """
    @always(expect="refuted without assumptions")
    def claimed(self) -> bool:
        return self.level < 5 or self.level > 3
    """,
    """
    @step(only=close, expect="refuted without assumptions")
    def claimed(self, old: "Tank") -> bool:
        return self.closed
    """,
    # Only below zero, where no run comes that keeps the assumptions: the promises say so, but not of these runs.
    """
    @recoverable(expect="refuted without assumptions")
    def claimed(self) -> bool:
        return self.level < 0
    """,
]


@pytest.mark.parametrize("promise", HOLDING)
def test_what_holds_without_assumptions_is_no_expected_failure(promise: str) -> None:
    assert results_by_id(verify(tank(promise=promise)))["expected/claimed"].verdict is Verdict.UNKNOWN


def test_a_run_that_breaks_no_assumption_is_called_that() -> None:
    promise = """
    @always(expect="refuted without assumptions")
    def claimed(self) -> bool:
        return self.level < 3
    """
    result = results_by_id(verify(tank(promise=promise)))["expected/claimed"]
    assert result.verdict is Verdict.REFUTED
    assert "no step of its run breaks an assumption" in result.detail
    assert "say `refuted`" in result.detail


# --- clients that share a provider ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def clients() -> Report:
    return verify(read_file(ROOT / "model" / "clients.py"))


def test_clients_are_proved_completely(clients: Report) -> None:
    CheckedMachine(clients)
    kinds = Counter(result.obligation.kind for result in clients.results)
    assert (kinds[Kind.ASSUMED], kinds[Kind.EXPECTED_FAILURE], kinds[Kind.TRACED]) == (2, 1, 10)


def test_a_client_that_releases_twice_takes_what_another_uses(clients: Report) -> None:
    run = results_by_id(clients)["expected/no_client_can_free_what_another_uses"].run
    assert run is not None
    replay(clients.machine.unassuming, run)
    assert [(move.action, move.arguments.get("c")) for move in run.moves] == [
        ("first_startup", 0),
        ("further_startup", 1),
        ("cleanup", 0),
        ("last_cleanup", 0),
        ("free", None),
    ]
    assert [client["held"] for client in run.end.families["clients"]][:2] == [-1, 1]


def test_without_its_assumptions_the_provider_is_refuted(clients: Report) -> None:
    results = results_by_id(verify(clients.machine.unassuming, Effort(strengthen=False)))
    assert results["step/last_cleanup/runs_while_anybody_holds_it"].verdict is Verdict.REFUTED
