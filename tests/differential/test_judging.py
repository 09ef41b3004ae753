"""Each kind of wrong answer is noticed: a true report is changed in one place."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from quiesce.kernel.kinds import Kind
from quiesce.prove.results import Report, Result, Verdict
from quiesce.spec.state import Run, State

from tests.differential.oracle import Knowledge
from tests.differential.reports import changed, judged, result_of, run_of, wrong

LAMP = '''
from enum import Enum, auto

from quiesce.spec import Machine, Nat, always, call, environment, leads_to, recoverable, step, when


class Phase(Enum):
    DARK = auto()
    LIT = auto()
    BURNT = auto()


class Lamp(Machine):
    """It can be lit, put out, and burns out; the second time, somebody notices."""

    phase: Phase = Phase.DARK
    times: Nat = 0

    @environment
    def burn(self) -> None:
        when(self.phase == Phase.LIT)
        self.phase = Phase.BURNT

    @environment
    def flicker(self) -> None:
        when(self.phase == Phase.BURNT)
        self.times = 2

    @call("light")
    def light(self) -> None:
        when(self.phase == Phase.DARK and self.times < 2)
        self.phase = Phase.LIT
        self.times += 1

    @call("put_out")
    def put_out(self) -> None:
        when(self.phase == Phase.LIT)
        self.phase = Phase.DARK

    @call("put_out", fails="NOT_LIT")
    def put_out_in_vain(self) -> None:
        when(self.phase != Phase.LIT)

    @always
    def dark_at_first(self) -> bool:
        return self.phase == Phase.DARK or self.times > 0

    @always
    def once(self) -> bool:
        return self.times < 2

    @step(holds=False)
    def never_out(self, old: "Lamp") -> bool:
        return old.phase != Phase.LIT or self.phase != Phase.DARK

    @recoverable(holds=False)
    def can_be_dark(self) -> bool:
        return self.phase == Phase.DARK

    @leads_to(fair=[flicker])
    def is_noticed(self) -> tuple[bool, bool]:
        return self.phase == Phase.BURNT, self.times == 2

    @leads_to(fair=[burn])
    def burns(self) -> tuple[bool, bool]:
        return self.phase == Phase.DARK, self.phase == Phase.BURNT
'''

ROUND = '''
from quiesce.spec import Machine, environment, leads_to, recoverable, when


class Round(Machine):
    """It goes round for ever once it is on."""

    on: bool = False
    left: bool = False

    @environment
    def begin(self) -> None:
        self.on = True

    @environment
    def turn(self) -> None:
        when(self.on)
        self.left = not self.left

    @recoverable
    def can_stop(self) -> bool:
        return not self.on

    @leads_to(fair=[turn])
    def stops(self) -> tuple[bool, bool]:
        return self.on, not self.on
'''


@pytest.fixture(scope="module")
def lamp() -> tuple[Report, Knowledge]:
    return judged(LAMP)


@pytest.mark.parametrize("text", [LAMP, ROUND])
def test_a_true_report_agrees(text: str) -> None:
    report, known = judged(text)
    assert wrong(report, known) == []
    assert known.complete


@pytest.mark.parametrize(
    "change",
    [lambda results: results[1:], lambda results: (*results, results[0]), lambda results: results[::-1]],
    ids=["one is missing", "one comes twice", "another order"],
)
def test_other_obligations_than_those_listed(
    change: Callable[[tuple[Result, ...]], tuple[Result, ...]], lamp: tuple[Report, Knowledge]
) -> None:
    report, known = lamp
    assert "" in wrong(replace(report, results=change(report.results)), known)


@pytest.mark.parametrize(
    ("id_", "verdict"),
    [
        ("step/light/once", Verdict.PROVED),
        ("total/light/covered", Verdict.PROVED),
        ("witness/burn", Verdict.VACUOUS),
        ("witness/phase BURNT", Verdict.VACUOUS),
        ("start/once", Verdict.ERROR),
        ("leads to/burns/possible", Verdict.PROVED),
        ("step/light/dark_at_first", Verdict.REFUTED),
        ("fails/never_out", Verdict.REFUTED),
    ],
)
def test_another_verdict(id_: str, verdict: Verdict, lamp: tuple[Report, Knowledge]) -> None:
    report, known = lamp
    assert result_of(report, id_).verdict is not verdict
    assert id_ in wrong(changed(report, id_, verdict=verdict), known)


@pytest.mark.parametrize(
    "id_", ["step/light/once", "total/light/covered", "leads to/burns/possible", "fails/never_out", "fails/can_be_dark"]
)
def test_a_run_that_is_cut_off_or_left_out(id_: str, lamp: tuple[Report, Knowledge]) -> None:
    report, known = lamp
    run = run_of(report, id_)
    for other in (None, Run(run.start, run.moves[:-1]), Run(run.end)):
        if other != run:
            assert id_ in wrong(changed(report, id_, run=other), known), other


def test_a_run_that_leads_elsewhere(lamp: tuple[Report, Knowledge]) -> None:
    report, known = lamp
    run = run_of(report, "step/light/once")
    *first, last = run.moves
    elsewhere = State({**last.state.scalars, "times": 7}, {})
    other = Run(run.start, (*first, replace(last, state=elsewhere)))
    assert "step/light/once" in wrong(changed(report, "step/light/once", run=other), known)


def test_a_run_that_could_be_shorter(lamp: tuple[Report, Knowledge]) -> None:
    report, known = lamp
    id_, longer = "total/light/covered", run_of(report, "step/light/once")
    assert id_ not in wrong(changed(report, id_, run=run_of(report, "witness/light")), known)
    assert id_ in wrong(changed(report, id_, run=longer), known)


def test_a_step_that_is_excluded_after_all(lamp: tuple[Report, Knowledge]) -> None:
    report, known = lamp
    run, id_ = run_of(report, "step/light/once"), "total/put_out/covered"
    assert id_ not in wrong(changed(report, id_, verdict=Verdict.UNKNOWN, cti=Run(run.start, run.moves[:1])), known)
    assert id_ in wrong(changed(report, id_, verdict=Verdict.UNKNOWN, cti=Run(run.end)), known)
    assert id_ in wrong(changed(report, id_, verdict=Verdict.UNKNOWN, cti=Run(run.start, run.moves[1:])), known)


def test_a_promise_about_the_future_that_no_run_keeps() -> None:
    report, known = judged(ROUND)
    for kind, id_ in ((Kind.RECOVERABLE, "recoverable/can_stop/everywhere"), (Kind.LEADS_TO, "leads to/stops")):
        proved = [
            replace(r, verdict=Verdict.PROVED, run=None) if r.obligation.kind is kind else r for r in report.results
        ]
        assert wrong(replace(report, results=tuple(proved)), known) == [id_]
