"""The engines of the prover: each of their answers matters, and one that breaks down or errs proves nothing."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import NoReturn

import pytest
from quiesce.kernel.batches import Batch
from quiesce.kernel.kinds import id_of
from quiesce.kernel.problem import problem_of
from quiesce.kernel.rules.steps import framed
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.effort import Effort
from quiesce.prove.prover import engine_for, verify
from quiesce.prove.results import Verdict
from quiesce.prove.search import bounded as search
from quiesce.prove.search import runs
from quiesce.prove.solving.engine import Engine
from quiesce.prove.solving.z3_solver import Answer, Check, Solver
from quiesce.spec.interpreter import NotEnabled
from quiesce.spec.model import Machine
from quiesce.spec.reader import read_text

from tests.by_day import by_day
from tests.labels import name_of
from tests.prove.test_declared_false import FALSE_ONES
from tests.prove.varied import assert_refused, counted, open_ones
from tests.reports import results_by_id, verdicts_by_id

EVERY_KIND = [
    '''
    @step
    def by_one(self, old: "Counted") -> bool:
        """The count moves by one."""
        return -1 <= self.users - old.users <= 1
    ''',
    '''
    @pristine
    def as_new(self) -> bool:
        """Off means as new."""
        return self.phase == Phase.OFF
    ''',
    '''
    @leads_to(fair=[drained])
    def drain_ends(self) -> tuple[bool, bool]:
        """The drain ends."""
        return self.phase == Phase.DRAINING, self.phase == Phase.OFF
    ''',
    '''
    @recoverable
    def starts_again(self) -> bool:
        """It can always be started."""
        return self.phase == Phase.ON
    ''',
]


class Defect(Exception):
    """An engine broke down."""


@pytest.mark.slow
@pytest.mark.parametrize("first", by_day(range(3), 3))
def test_every_answer_of_the_solver_matters(monkeypatch: pytest.MonkeyPatch, first: int) -> None:
    machine = counted(*EVERY_KIND)
    check = Solver.check
    asked: list[str] = []
    denied: str | None = None

    def denying(self: Solver, batch: Batch[object]) -> tuple[Check, ...]:
        asked.extend(name_of(about) for about, _ in batch.goals)
        answers = zip(batch.goals, check(self, batch), strict=True)
        return tuple(
            Check(Answer.UNKNOWN, 0, "denied") if name_of(about) == denied else answer for (about, _), answer in answers
        )

    monkeypatch.setattr(Solver, "check", denying)
    alone = Effort(strengthen=False)  # another proof of the same thing would be right as well
    CheckedMachine(verify(machine, alone))
    for name in tuple(asked)[first::3]:
        denied = name
        report = verify(machine, alone)
        assert open_ones(report).get(name) is Verdict.UNKNOWN, name
        assert_refused(report)


def silent(_: object) -> Iterator[NoReturn]:
    return iter(())


@pytest.mark.parametrize("engine", ["kernel.plan.local_batches", "kernel.plan.waits_of", "prove.prover.wanted"])
def test_an_engine_that_says_nothing_leaves_errors(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"quiesce.{engine}", silent)
    report = verify(counted(*EVERY_KIND))
    said = ("no answer was found", "a defect of quiesce")
    silenced = [result for result in report.results if result.detail.startswith(said)]
    assert silenced
    assert {result.verdict for result in silenced} == {Verdict.ERROR}
    assert_refused(report)


def test_what_the_kernel_does_not_know_to_be_untouched_is_not_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    """The prover says that an action does not touch what a promise speaks of; the kernel has to see it, too."""
    machine = counted(*EVERY_KIND)
    untouched = {id_of(about) for about, _ in framed(problem_of(machine))}
    assert untouched
    monkeypatch.setattr("quiesce.kernel.established.framed", silent)
    report = verify(machine)
    reasons = {name: result.detail for name, result in results_by_id(report).items() if name in open_ones(report)}
    assert untouched.issubset(reasons)
    assert {reasons[name] for name in untouched} == {"no condition answers for it"}
    assert_refused(report)


def test_what_is_untouched_is_seen_by_the_kernel_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = verify(counted(*EVERY_KIND))
    monkeypatch.setattr("quiesce.prove.attempt.framed", silent)
    report = verify(counted(*EVERY_KIND))
    assert verdicts_by_id(report) == verdicts_by_id(expected)
    CheckedMachine(report)


def test_a_solver_that_breaks_down_gives_no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Solver, batch: Batch[object]) -> NoReturn:
        raise Defect(batch.goals)

    monkeypatch.setattr(Solver, "check", broken)
    with pytest.raises(Defect):
        verify(counted())


def only_the_solver_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs that the interpreter finds by itself are left aside."""
    monkeypatch.setattr(runs.Runs, "seen", lambda *_: None)
    monkeypatch.setattr(runs.Runs, "_directed", lambda *_: None)


def test_a_run_that_the_interpreter_refuses_is_an_error_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> NoReturn:
        raise NotEnabled("as if the encodings differed")

    only_the_solver_searches(monkeypatch)
    monkeypatch.setattr(search, "step", refuse)
    promise, _ = FALSE_ONES[0]
    expected = verify(counted(promise))
    plain = verify(counted(promise.replace('(expect="refuted")', "")))
    for report, name in ((expected, "expected/claimed"), (plain, "step/start/claimed")):
        result = results_by_id(report)[name]
        assert result.verdict is Verdict.ERROR
        assert "refuses" in result.detail
        assert result.run is None
        assert_refused(report)


def test_a_run_that_does_not_end_as_the_solver_says_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    only_the_solver_searches(monkeypatch)
    monkeypatch.setattr(search.BoundedSearch, "_confirms", lambda *_: False)
    promise, _ = FALSE_ONES[0]
    report = verify(counted(promise))
    assert results_by_id(report)["expected/claimed"].verdict is Verdict.ERROR
    assert_refused(report)


# --- one engine for a machine and its contracts -------------------------------------------------------------------


def with_modes(*names: str) -> Machine:
    values = "".join(f"    {name} = auto()\n" for name in names)
    text = f"""
from enum import Enum, auto
from quiesce.spec import Machine, call

class Mode(Enum):
{values}
class Switched(Machine):
    mode: Mode = Mode.{names[0]}

    @call("switch")
    def switch(self) -> None:
        self.mode = Mode.{names[-1]}
"""
    return read_text(text, PurePosixPath("switched.py"))


def test_a_contract_is_proved_by_the_engine_of_the_machine() -> None:
    machine, engine = with_modes("OFF", "ON"), Engine(Effort())
    assert engine_for(with_modes("OFF", "ON"), machine, engine) is engine
    assert engine_for(counted(), machine, engine) is not engine


@pytest.mark.parametrize("names", [("OFF", "WARM", "ON"), ("ON", "OFF"), ("OFF",)])
def test_a_contract_with_another_enum_of_the_same_name_gets_an_engine_of_its_own(names: tuple[str, ...]) -> None:
    machine, engine = with_modes("OFF", "ON"), Engine(Effort())
    other = engine_for(with_modes(*names), machine, engine)
    assert other is not engine
    assert (other.effort, other.cache) == (engine.effort, engine.cache)
