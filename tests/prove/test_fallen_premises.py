"""An invariant that is not proved is no premise; what is shown and proved of it and of others is still about steps."""

from collections.abc import Mapping
from pathlib import PurePosixPath

import pytest
from quiesce.kernel.problem import problem_of
from quiesce.kernel.subjects import Preserved, Subject
from quiesce.prove import strengthen
from quiesce.prove.attempt import Attempt, Walks
from quiesce.prove.effort import Effort
from quiesce.prove.fallen_premises import standing
from quiesce.prove.prover import verify
from quiesce.prove.results import Report, Result, Verdict
from quiesce.prove.solving.engine import Engine
from quiesce.spec.interpreter import holds
from quiesce.spec.model import INT, Always, Binary, Expr, IntType, Literal, Op, Variable
from quiesce.spec.reader import read_text

HEAD = "from quiesce.spec import Int, Machine, Nat, always, environment, when\n\n\n"

RING = f'''{HEAD}class Ring(Machine):
    """A number that goes round, 0, 1, 2, and again, and one that grows."""

    n: Nat = 0
    rounds: Nat = 0

    @environment
    def turn(self) -> None:
        """On."""
        if self.n == 2:
            self.n = 0
            self.rounds += 1
        else:
            self.n += 1

    @always
    def never_four(self) -> bool:
        """Proved by induction over two steps."""
        return self.n != 4

    @always
    def few_rounds(self) -> bool:
        """It is not so."""
        return self.rounds < 2
'''

DRIFT = f'''{HEAD}class Drift(Machine):
    """A number that never moves, as its speed stays what it is, which nobody promises."""

    at: Int = 0
    speed: Int = 0

    @environment
    def move(self) -> None:
        """On."""
        {{guard}}
        self.at += self.speed

    @environment
    def leap(self) -> None:
        """Back, from where it never is."""
        when(self.at >= 20)
        self.at -= 30

    @always
    def not_behind(self) -> bool:
        """True, but one step does not show it."""
        return self.at >= 0

    @always
    def not_far(self) -> bool:
        """Nor this."""
        return self.at <= 7
'''


def of(report: Report, name: str) -> Result:
    return next(result for result in report.results if result.obligation.id == name)


def drift(guard: str) -> Report:
    return verify(read_text(DRIFT.format(guard=guard), PurePosixPath("spec.py")), Effort(depth=3, strengthen=False))


def test_a_proof_by_induction_is_found_again_where_another_premise_falls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strengthen, "_SOURCES", ())
    report = verify(read_text(RING, PurePosixPath("spec.py")), Effort(depth=8))
    assert of(report, "step/turn/few_rounds").verdict is Verdict.REFUTED
    kept = of(report, "step/turn/never_four")
    assert (kept.verdict, kept.detail) == (Verdict.PROVED, "by induction over 2 steps")
    assert dict(report.hints.inductions) == {Preserved("turn", "never_four"): 2}


@pytest.mark.parametrize("name", ["not_behind", "not_far"])
@pytest.mark.parametrize("guard", ["when(self.speed != 0)", "when(self.at < -3 or self.speed > 5 or self.speed < -5)"])
def test_a_step_that_is_not_excluded_begins_where_the_promise_itself_still_holds(name: str, guard: str) -> None:
    report = drift(guard)
    shown = of(report, f"step/move/{name}")
    assert shown.verdict is Verdict.UNKNOWN
    assert shown.cti is not None
    claim = report.machine.promises[["not_behind", "not_far"].index(name)].claim
    assert isinstance(claim, Always)
    before, after = shown.cti.states
    assert holds(claim.claim, before)
    assert not holds(claim.claim, after)


def test_other_promises_that_are_not_proved_are_not_assumed_of_such_a_step() -> None:
    """Nobody leaps within 7; where that is not proved, the leap below 0 is a step that is not excluded."""
    report = drift("when(self.speed != 0)")
    assert of(report, "step/leap/not_far").verdict is Verdict.PROVED
    shown = of(report, "step/leap/not_behind")
    assert shown.verdict is Verdict.UNKNOWN
    assert shown.cti is not None
    assert int(shown.cti.start.scalars["at"]) >= 20


def standing_with(text: str, *helpers: Expr) -> tuple[Attempt, Mapping[Subject, str]]:
    """What stands of a spec where these helpers were guessed, whether they hold or not."""
    problem = problem_of(read_text(text, PurePosixPath("spec.py")), helpers)
    attempt = Attempt(problem, Engine(Effort()), Walks(problem))
    attempt.about_steps()
    return standing(attempt)


def at_most(name: str, most: int) -> Expr:
    return Binary(Op.LE, Variable(name, IntType(0)), Literal(most, INT))


def test_a_helper_that_falls_is_dropped_and_the_next_has_its_place() -> None:
    kept, rests = standing_with(RING, at_most("rounds", 0), at_most("n", 2))
    assert kept.problem.helpers == (at_most("n", 2),)
    assert kept.problem.fallen == {"few_rounds"}
    assert kept.answers[Preserved("turn", "helper 1")].proved
    assert not any(isinstance(about, Preserved) and about.claim == "helper 2" for about in kept.answers)
    assert kept.answers[Preserved("turn", "never_four")].proved
    assert rests == {}


def test_what_only_a_guess_carried_is_just_not_proved() -> None:
    kept, rests = standing_with(RING[: RING.index("    @always\n    def few_rounds")], at_most("n", 1))
    assert kept.problem.helpers == ()
    assert not kept.answers[Preserved("turn", "never_four")].proved
    assert rests == {}
