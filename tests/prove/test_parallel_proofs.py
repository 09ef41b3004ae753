"""Several processes find what one finds; whatever becomes of them, no condition is dropped and none looks proved."""

from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from operator import attrgetter
from pathlib import Path, PurePosixPath
from types import ModuleType

import pytest
from quiesce.kernel.problem import problem_of
from quiesce.kernel.rules.steps import step_batches
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.prove.results import Report, Result, Verdict
from quiesce.prove.solving import parallel
from quiesce.prove.solving.answers import Answer, Check
from quiesce.prove.solving.engine import Engine
from quiesce.prove.solving.parallel import Task, answer, answered
from quiesce.prove.solving.proof_cache import ProofCache
from quiesce.prove.solving.request import text_of
from quiesce.prove.solving.z3_solver import Solver
from quiesce.spec.model import Machine
from quiesce.spec.reader import read_text

from tests.by_day import at_night, by_day
from tests.prove.service import SPEC
from tests.reports import results_by_id
from tests.twins import BROKEN, GOOD, Twin

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
FLAGSHIP = ROOT / "model" / "winsock.py"
TWINS = [*BROKEN.values()]
TWO = Effort(jobs=2)


def service() -> Machine:
    return read_text(SPEC, PurePosixPath("service.py"))


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module of faults, under a name by which workers find it too."""
    monkeypatch.syspath_prepend(Path(__file__).parent)
    return import_module("prover_faults")


def told(report: Report) -> dict[str, tuple[object, ...]]:
    """All that a report says but for costs: a solver that has learned from other conditions may be quicker."""
    return {r.obligation.id: (r.obligation, r.verdict, r.detail, r.run, r.cti) for r in report.results}


# --- the same answers --------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "spec",
    [*by_day(GOOD.values(), len(GOOD)), BROKEN["moved_twice"], *map(at_night, [FLAGSHIP, *TWINS[1::6]])],
    ids=attrgetter("name"),
)
def test_two_processes_find_what_one_finds_in_the_same_order(
    spec: Path | Twin, verified: Callable[[Path | Twin], Report]
) -> None:
    serial = verified(spec)
    several = verify(serial.machine, TWO)
    assert list(told(several).items()) == list(told(serial).items())
    assert several.hints == serial.hints


@pytest.mark.slow
@pytest.mark.parametrize(
    "twin",
    [twin if twin.name in ("moved_twice", "no_place_for_a_failure") else at_night(twin) for twin in TWINS],
    ids=attrgetter("name"),
)
def test_answers_may_come_in_any_order(twin: Twin, verified: Callable[[Twin], Report]) -> None:
    """Each task by a solver of its own, the last one first; processes would add nothing here but their start."""

    def backwards(tasks: list[Task], jobs: int, timeout: float) -> Iterator[tuple[int, tuple[Check, ...]]]:
        assert (jobs, timeout) == (TWO.jobs, TWO.timeout)
        return ((number, answer(tasks[number])) for number in reversed(range(len(tasks))))

    serial = verified(twin)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parallel, "answered", backwards)
        several = verify(serial.machine, TWO)
    assert list(told(several).items()) == list(told(serial).items())
    assert several.hints == serial.hints


def test_every_run_in_processes_costs_the_same() -> None:
    machine = service()
    assert verify(machine, TWO) == verify(machine, Effort(jobs=3))


def test_a_text_is_answered_like_the_batch_that_it_is_of() -> None:
    for batch in step_batches(problem_of(service())):
        assert (
            Solver(Effort()).check(text_of(batch))
            == Solver(Effort()).check(batch)
            == answer(Task(text_of(batch), Effort()))
        )


def test_budget_and_seed_arrive_in_the_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Task] = []
    ask = parallel.answered

    def noted(tasks: list[Task], jobs: int, timeout: float) -> object:
        given.extend(tasks)
        assert (jobs, timeout) == (2, 50.0)
        return ask(tasks, jobs, timeout)

    monkeypatch.setattr(parallel, "answered", noted)
    report = verify(service(), Effort(budget=1, seed=7, jobs=2, timeout=50.0))
    assert {(task.effort.budget, task.effort.seed) for task in given} == {(1, 7)}
    assert Verdict.UNKNOWN in {result.verdict for result in report.results}


def test_what_the_cache_knows_is_sent_to_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[int] = []
    ask = parallel.answered

    def noted(tasks: list[Task], jobs: int, timeout: float) -> object:
        sent.append(len(tasks))
        return ask(tasks, jobs, timeout)

    monkeypatch.setattr(parallel, "answered", noted)
    machine = service()
    first = verify(machine, TWO, cache=ProofCache(tmp_path))
    assert sum(sent) > 1
    sent.clear()
    assert verify(machine, TWO, cache=ProofCache(tmp_path)) == first
    assert sent == []
    assert told(verify(machine, cache=ProofCache(tmp_path))) == told(first)


# --- what becomes of lost processes ------------------------------------------------------------------------------


def with_fault(faults: ModuleType, name: str, monkeypatch: pytest.MonkeyPatch, **options: float) -> dict[str, Result]:
    """Results where the process that has to prove things about `stop` suffers."""
    monkeypatch.setattr(parallel, "answer", partial(faults.suffer, name, "/stop/"))
    report = verify(service(), Effort(jobs=2, **options))  # type: ignore[arg-type]
    assert {result.obligation.id for result in report.results} == {
        result.obligation.id for result in verify(service()).results
    }
    return results_by_id(report)


FAULTS = {
    "exits": "the worker ended with exit code 3",
    "raises": "ValueError: broken down",
    "answers too little": "0 answers came back",
}


@pytest.mark.parametrize("fault", by_day(FAULTS, 2))
def test_a_process_that_is_lost_leaves_its_conditions_unknown(
    fault: str, faults: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = with_fault(faults, fault, monkeypatch)
    still_open = {name: result for name, result in found.items() if result.verdict is not Verdict.PROVED}
    assert still_open.keys() == {"step/stop/used_means_on", "step/stop/users in range"}
    assert {result.verdict for result in still_open.values()} == {Verdict.UNKNOWN}
    assert all(result.detail.startswith(FAULTS[fault]) for result in still_open.values())
    assert all("--jobs 1" in result.detail for result in still_open.values())


def test_a_process_that_hangs_is_killed_and_its_conditions_are_unknown(
    faults: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = with_fault(faults, "hangs", monkeypatch, timeout=1.0)["step/stop/used_means_on"]
    assert found.verdict is Verdict.UNKNOWN
    assert found.detail.startswith("no answer came within 1 seconds")
    assert "--timeout" in found.detail


def test_without_a_fault_the_same_is_proved(faults: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    found = with_fault(faults, "nothing", monkeypatch)
    assert {result.verdict for result in found.values()} == {Verdict.PROVED}


def test_lost_answers_are_not_stored(tmp_path: Path, faults: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "answer", partial(faults.suffer, "exits", "/stop/"))
    verify(service(), TWO, cache=ProofCache(tmp_path))
    monkeypatch.setattr(parallel, "answer", answer)
    cache = ProofCache(tmp_path)
    CheckedMachine(verify(service(), cache=cache))
    assert cache.warnings == ()


def test_an_answer_that_never_comes_is_not_taken_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "answered", lambda *_: iter(()))
    batches = list(step_batches(problem_of(service())))
    for batch, checks in zip(batches, Engine(Effort(jobs=2)).check_all(batches), strict=True):
        assert len(checks) == len(batch.goals)
        assert {(check.answer, check.lost) for check in checks} == {(Answer.UNKNOWN, True)}


def test_every_task_is_answered_once_with_an_answer_for_each_goal() -> None:
    texts = [text_of(batch) for batch in step_batches(problem_of(service()))]
    tasks = [Task(text, Effort()) for text in texts]
    found = sorted(answered(tasks, 2, 100.0))
    assert [number for number, _ in found] == list(range(len(tasks)))
    assert [len(checks) for _, checks in found] == [len(text.goals) for text in texts]
    assert all(check.proved for _, checks in found for check in checks)
