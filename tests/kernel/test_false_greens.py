"""Machines that were called proved although they were not: each is refuted now, or undecided with its reason."""

from pathlib import PurePosixPath

from quiesce.prove.prover import verify
from quiesce.prove.results import Result, Verdict
from quiesce.spec.reader import read_text

from tests.reports import results_by_id

IDLE = '''
from quiesce.spec import Machine, Nat, call, internal, step, when


class Box(Machine):
    """Has an action with the name of a step that changes nothing."""

    x: Nat = 0

    @call("Put")
    def put(self) -> None:
        """One more."""
        when(self.x < 5)
        self.x += 1

    @call("Put", fails="FULL")
    def full(self) -> None:
        """No room."""
        when(self.x >= 5)

    @internal
    def idle(self) -> None:
        """One more by itself."""
        self.x += 1

    @step
    def grows(self, old: "Box") -> bool:
        """False: a refusal changes nothing."""
        return self.x > old.x
'''

CARRIED = '''
from quiesce.spec import Machine, Nat, Requirement, always, environment

R1 = Requirement("R1", "It stays small.", "nowhere")


class Counter(Machine):
    """Counts."""

    n: Nat = 0

    @environment
    def up(self) -> None:
        """One more."""
        self.n += 1

    @always(satisfies=R1, expect="refuted")
    def small(self) -> bool:
        """Declared false."""
        return self.n < 2
'''

RESTS = '''
from quiesce.spec import Int, Machine, always, environment


class References(Machine):
    """Counts up and down, below zero as well."""

    refs: Int = 0

    @environment
    def up(self) -> None:
        """One more."""
        self.refs += 1

    @environment
    def down(self) -> None:
        """One less."""
        self.refs -= 1

    @always
    def nonneg(self) -> bool:
        """False after one step."""
        return self.refs >= 0

    @always
    def above(self) -> bool:
        """False after three steps, and it follows from the other."""
        return self.refs > -3

    @always
    def far_above(self) -> bool:
        """False after forty thousand steps: further than anybody looks."""
        return self.refs > -40_000
'''


def results(text: str) -> dict[str, Result]:
    report = verify(read_text(text, PurePosixPath("machine.py")))
    return results_by_id(report)


def test_an_action_that_is_called_idle_answers_for_nothing_else() -> None:
    found = results(IDLE)
    result = found["step/(idle)/grows"]
    assert result.verdict is Verdict.REFUTED
    assert result.run is not None
    assert result.run.moves[-1].action == "full"
    assert found["step/idle/grows"].verdict is Verdict.PROVED
    renamed = results(IDLE.replace("def idle(", "def tick("))
    verdicts = {name.replace("/tick", "/idle"): result.verdict for name, result in renamed.items()}
    assert verdicts == {name: result.verdict for name, result in found.items()}


def test_a_requirement_is_not_carried_by_a_promise_that_is_false() -> None:
    assert results(CARRIED)["traced/R1"].verdict is Verdict.VACUOUS
    kept = CARRIED.replace(', expect="refuted"', "").replace("self.n < 2", "self.n >= 0")
    assert results(kept)["traced/R1"].verdict is Verdict.PROVED


def test_what_rests_on_a_refuted_premise_is_not_proved() -> None:
    found = results(RESTS)
    assert found["step/down/nonneg"].verdict is Verdict.REFUTED
    result = found["step/down/above"]
    assert result.verdict is Verdict.REFUTED
    assert result.run is not None
    assert [move.action for move in result.run.moves] == ["down"] * 3


ABOVE = RESTS[RESTS.index("    @always\n    def above") : RESTS.index("    @always\n    def far_above")]


def test_what_only_a_fallen_premise_excludes_says_what_it_rests_on() -> None:
    result = results(RESTS.replace(ABOVE, ""))["step/down/far_above"]
    assert (result.verdict, result.detail) == (Verdict.UNKNOWN, "rests on nonneg")


def test_what_falls_with_what_fell_says_so_too() -> None:
    result = results(RESTS)["step/down/far_above"]
    assert (result.verdict, result.detail) == (Verdict.UNKNOWN, "rests on above")
