"""Users write what must hold; what else a proof needs is found, proved like a promise, and shown."""

from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
from quiesce.kernel.hints import NOTHING
from quiesce.kernel.subjects import Preserved
from quiesce.prove import strengthen
from quiesce.prove.attempt import Attempt
from quiesce.prove.checked import CheckedMachine, NotProved
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.prove.results import Report, Verdict
from quiesce.prove.solving.z3_solver import Solver
from quiesce.spec.model import FALSE, TRUE, Always, Expr, Machine
from quiesce.spec.reader import read_file, read_text
from quiesce.spec.show import show

from tests.reports import verdicts_by_id

pytestmark = pytest.mark.slow

FLAGSHIP = Path(__file__).parents[2] / "model/winsock.py"
HEAD = "from quiesce.spec import Int, Machine, Nat, always, call, environment, implies, when\n\n\n"

LINE = f'''{HEAD}class Line(Machine):
    """A point that moves along a line."""

    x: Nat = 0
    y: Int = 0
    far: bool = False

    @environment
    def up(self) -> None:
        """Up."""
        self.x += 1
        self.y += 2

    @environment
    def down(self) -> None:
        """Down."""
        when(self.x > 0)
        self.x -= 1
        self.y -= 2

    @environment
    def look(self) -> None:
        """Look."""
        self.far = self.y > 2

    @always
    def no_height_at_the_foot(self) -> bool:
        """At the foot there is no height."""
        return implies(self.x == 0, self.y == 0)
'''
"""The promise holds as y is twice x, which no template says."""

NEAR = Effort(depth=4)
"""Proofs do not depend on how far runs are looked for, and where there are none, looking far takes long."""

RING = f'''{HEAD}class Ring(Machine):
    """A number that goes round: 0, 1, 2, and again."""

    n: Nat = 0

    @environment
    def turn(self) -> None:
        """On."""
        if self.n == 2:
            self.n = 0
        else:
            self.n += 1

    @always
    def never_four(self) -> bool:
        """It does not go that far."""
        return self.n != 4
'''
"""Before 4 comes 3, which is never met either, but breaks nothing; and before that nothing could come."""


def machine(text: str) -> Machine:
    return read_text(text, PurePosixPath("spec.py"))


def shown(report: Report) -> list[str]:
    return [show(helper) for helper in report.hints.helpers]


def without(spec: Machine, *names: str) -> Machine:
    return replace(spec, promises=tuple(promise for promise in spec.promises if promise.name not in names))


def is_proved(report: Report) -> bool:
    return all(result.verdict is Verdict.PROVED for result in report.results)


# --- templates and Houdini ---------------------------------------------------------------------------------------


@pytest.mark.nightly
def test_the_flagship_needs_no_helper() -> None:
    assert verify(read_file(FLAGSHIP)).hints.helpers == ()


@pytest.mark.nightly
def test_what_absent_sockets_hold_need_not_be_said_for_the_prover() -> None:
    """All of these promises are for the reader: the prover finds what it needs of them by itself."""
    report = verify(
        without(
            read_file(FLAGSHIP),
            "absent_sockets_hold_nothing",
            "open_means_held_by_a_descriptor",
            "only_open_sockets_have_operations",
            "hard_close_never_lingers",
        )
    )
    assert is_proved(report)
    found = shown(report)
    assert "all(implies(it.state == SocketState.ABSENT, it.unsent == 0) for it in self.sockets)" in found
    CheckedMachine(report)


@pytest.mark.nightly
def test_without_strengthening_the_same_stays_open() -> None:
    spec = without(read_file(FLAGSHIP), "open_means_held_by_a_descriptor")
    report = verify(spec, replace(NEAR, strengthen=False))
    open_ones = [result for result in report.results if result.verdict is not Verdict.PROVED]
    assert {result.verdict for result in open_ones} == {Verdict.UNKNOWN}


def test_a_proof_with_some_helpers_is_none_with_others_of_the_same_number() -> None:
    report = verify(machine(LINE))
    assert report.hints.helpers
    forged = tuple(FALSE for _ in report.hints.helpers)
    CheckedMachine(report)
    with pytest.raises(NotProved):
        CheckedMachine(replace(report, hints=replace(report.hints, helpers=forged)))


def test_every_helper_has_its_obligations() -> None:
    report = verify(machine(LINE))
    names = {result.obligation.id for result in report.results}
    assert shown(report)
    for number in range(1, len(report.hints.helpers) + 1):
        assert f"start/helper {number}" in names
        assert f"step/up/helper {number}" in names


def test_a_report_that_hides_its_helpers_is_refused() -> None:
    report = verify(machine(LINE))
    with pytest.raises(NotProved):
        CheckedMachine(replace(report, hints=NOTHING))


@pytest.mark.parametrize("helper", [FALSE, TRUE])
def test_a_helper_that_is_false_or_empty_proves_nothing(helper: Expr, monkeypatch: pytest.MonkeyPatch) -> None:
    def suggest(_: Attempt, __: Solver) -> tuple[Expr, ...]:
        return (helper,)

    monkeypatch.setattr(strengthen, "_SOURCES", (suggest,))
    report = verify(machine(LINE), NEAR)
    assert not is_proved(report)


def test_a_false_promise_gets_no_helper() -> None:
    report = verify(machine(LINE.replace("self.y == 0)", "self.y == 1)")))
    assert report.hints.helpers == ()
    assert Verdict.REFUTED in {result.verdict for result in report.results}


# --- Spacer ------------------------------------------------------------------------------------------------------


def test_a_linear_relation_between_variables_is_found() -> None:
    report = verify(machine(LINE))
    assert is_proved(report)
    assert any("2 * self.x" in text for text in shown(report))


def test_only_spacer_knows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strengthen, "_SOURCES", (strengthen._narrow_candidates, strengthen._wide_candidates))
    assert not is_proved(verify(machine(LINE), NEAR))


# --- induction over more than one step ---------------------------------------------------------------------------


def test_two_steps_explain_what_one_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strengthen, "_SOURCES", ())
    report = verify(machine(RING))
    assert is_proved(report)
    assert dict(report.hints.inductions) == {Preserved("turn", "never_four"): 2}
    assert report.hints.helpers == ()


def test_a_promise_that_breaks_late_is_not_proved_by_induction(monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken after four steps from the start: longer than any induction looks back, and yet never proved."""
    monkeypatch.setattr(strengthen, "_SOURCES", ())
    text = f'''{HEAD}class Count(Machine):
    """Counts."""

    n: Nat = 0

    @environment
    def up(self) -> None:
        """Up."""
        self.n += 1

    @always
    def small(self) -> bool:
        """Stays small."""
        return self.n < 5
'''
    report = verify(machine(text))
    assert report.hints.inductions == {}
    assert verdicts_by_id(report)["step/up/small"] is Verdict.REFUTED


# --- promises are for their readers ------------------------------------------------------------------------------


def test_each_always_of_the_flagship_may_go_without_harm_to_the_others() -> None:
    """No promise of the flagship is there for the prover alone: those that look like it satisfy a requirement."""
    spec = read_file(FLAGSHIP)
    helpers = [p.name for p in spec.promises if isinstance(p.claim, Always) and not p.satisfies]
    assert helpers == []
