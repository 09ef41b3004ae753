"""A cache saves work and decides nothing: the same verdicts come out, and what is damaged is proved again."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import NoReturn

import pytest
from quiesce.kernel.problem import problem_of
from quiesce.prove.attempt import Walks
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.prove.results import Report, Verdict
from quiesce.prove.search.bounded import BoundedSearch
from quiesce.prove.search.control_graph import control_graph
from quiesce.prove.search.runs import Runs
from quiesce.prove.search.search_outcomes import Excluded
from quiesce.prove.search.targets import Target, ends_in
from quiesce.prove.solving import cache
from quiesce.prove.solving.answers import STEADY
from quiesce.prove.solving.engine import Engine
from quiesce.prove.solving.proof_cache import ProofCache
from quiesce.prove.solving.seal import users_seal
from quiesce.prove.solving.stores import Proved, Refuted, entry_text, read_entry
from quiesce.prove.solving.z3_solver import Solver
from quiesce.spec.interpreter import after, initial_states
from quiesce.spec.model import FALSE, TRUE, Always, Expr, Machine, Not
from quiesce.spec.reader import read_file, read_text
from quiesce.spec.runs_json import run_json
from quiesce.spec.state import Run

from tests.by_day import at_night
from tests.prove.service import SPEC
from tests.reports import results_by_id, verdicts_by_id

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
FLAGSHIP = ROOT / "model" / "winsock.py"

BROKEN = SPEC.replace("        when(self.users == 1)\n", "        when(self.users > 1)\n").replace(
    "        self.users = 0\n", ""
)
"""Switched off while it is used: the shortest run that shows it has three steps."""


def machine_of(text: str = SPEC) -> Machine:
    return read_text(text, PurePosixPath("service.py"))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What solvers are asked: batches, and targets of searches."""
    seen: list[object] = []
    check, shortest = Solver.check, BoundedSearch.shortest

    def noted(self: Solver, batch: object) -> object:
        seen.append(batch)
        return check(self, batch)  # type: ignore[arg-type]

    def noted_search(self: BoundedSearch, target: Target, depth: int, allowance: int) -> object:
        seen.append(target)
        return shortest(self, target, depth, allowance)

    monkeypatch.setattr(Solver, "check", noted)
    monkeypatch.setattr(BoundedSearch, "shortest", noted_search)
    return seen


def entries(folder: Path) -> Iterator[Path]:
    return iter(sorted(folder.glob("*.json")))


def refutations(folder: Path) -> list[Path]:
    return [
        path for path in entries(folder) if isinstance(read_entry(path.read_text().strip(), users_seal())[1], Refuted)
    ]


# --- hits --------------------------------------------------------------------------------------------------------


def test_a_second_proof_asks_no_solver_and_says_the_same(tmp_path: Path, asked: list[object]) -> None:
    machine = machine_of()
    first = verify(machine, cache=ProofCache(tmp_path))
    assert asked
    asked.clear()
    looked_up = ProofCache(tmp_path)
    assert verify(machine, cache=looked_up) == first == verify_without(machine, asked)
    assert looked_up.warnings == ()


def test_a_second_control_graph_asks_a_solver_where_an_edge_is_possible_and_is_the_same(
    tmp_path: Path, asked: list[object]
) -> None:
    cache = ProofCache(tmp_path)
    machine = read_file(FLAGSHIP)
    first = control_graph(machine, Effort(), cache)
    assert len(asked) > 20
    asked.clear()
    assert control_graph(machine, Effort(), cache) == first
    assert len(asked) == 2


def verify_without(machine: Machine, asked: list[object]) -> Report:
    assert asked == []
    report = verify(machine)
    assert asked
    return report


def test_the_settings_of_the_solver_are_a_part_of_the_question(
    tmp_path: Path, asked: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert all(f"{setting}={value}" in cache.SOLVER for setting, value in STEADY.items())
    verify(machine_of(), cache=ProofCache(tmp_path))
    batches = len(asked)
    asked.clear()
    monkeypatch.setattr(cache, "SOLVER", f"{cache.SOLVER} relevancy=0")
    verify(machine_of(), cache=ProofCache(tmp_path))
    assert len(asked) == batches


@pytest.mark.parametrize("options", [Effort(seed=1), Effort(budget=1_999_999)], ids=["seed", "budget"])
def test_other_options_are_another_question(tmp_path: Path, asked: list[object], options: Effort) -> None:
    verify(machine_of(), cache=ProofCache(tmp_path))
    batches = len(asked)
    asked.clear()
    verify(machine_of(), options, cache=ProofCache(tmp_path))
    assert len(asked) == batches


def test_a_changed_spec_is_proved_again_where_it_changed(tmp_path: Path, asked: list[object]) -> None:
    verify(machine_of(), cache=ProofCache(tmp_path))
    batches = len(asked)
    asked.clear()
    report = verify(machine_of(BROKEN), cache=ProofCache(tmp_path))
    assert len([batch for batch in asked if not isinstance(batch, Target)]) > 0
    anew = verify(machine_of(BROKEN))
    # What an answer cost depends a little on what the solver was asked before.
    assert [replace(result, rlimit=0) for result in anew.results] == [replace(r, rlimit=0) for r in report.results]
    assert batches
    assert verdicts_by_id(report)["step/stop/used_means_on"] is Verdict.REFUTED


def test_a_refutation_is_replayed_and_not_searched_for(tmp_path: Path, asked: list[object]) -> None:
    first = verify(machine_of(BROKEN), cache=ProofCache(tmp_path))
    assert [target for target in asked if isinstance(target, Target)]
    asked.clear()
    looked_up = ProofCache(tmp_path)
    assert verify(machine_of(BROKEN), cache=looked_up) == first
    assert [target for target in asked if isinstance(target, Target)] == []
    assert looked_up.warnings == ()


PROGRAM = """
import sys
from pathlib import Path
from quiesce.prove.solving.proof_cache import ProofCache
from quiesce.prove.prover import verify
from quiesce.prove.results import Verdict
from quiesce.spec.reader import read_file

cache = ProofCache(Path(sys.argv[1]))
report = verify(read_file(Path(sys.argv[2])), cache=cache)
assert {result.verdict for result in report.results} == {Verdict.PROVED}
print("z3" in sys.modules, "networkx" in sys.modules, len(report.results), cache.warnings)
"""


EXPECTED_TO_FAIL = """
    @always(expect="refuted")
    def at_most_two(self) -> bool:
        \"\"\"There is no such limit.\"\"\"
        return self.users <= 2
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", [at_night("flagship"), "expected_failure"])
def test_a_run_of_hits_loads_no_solver(tmp_path: Path, name: str) -> None:
    spec = FLAGSHIP if name == "flagship" else tmp_path / "service.py"
    if name == "expected_failure":
        spec.write_text(SPEC + EXPECTED_TO_FAIL)

    def run() -> list[str]:
        command = [sys.executable, "-c", PROGRAM, str(tmp_path / "cache"), str(spec)]
        return subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout.split(maxsplit=2)

    first, second = run(), run()
    assert first[0] == "True"
    assert second[:2] == ["False", "False"]
    assert first[2] == second[2]


@pytest.mark.nightly
def test_the_flagship_is_checked_by_its_hits_alone(tmp_path: Path, asked: list[object]) -> None:
    machine = read_file(FLAGSHIP)
    first = CheckedMachine(verify(machine, cache=ProofCache(tmp_path)))
    asked.clear()
    assert CheckedMachine(verify(machine, cache=ProofCache(tmp_path))) == first
    assert asked == []


# --- damage ------------------------------------------------------------------------------------------------------


def flip(text: str) -> str:
    """The same proof of something else, with another cost, or another run."""
    return text.replace("1", "2", 1) if "1" in text else text.replace("0", "1", 1)


def cut(text: str) -> str:
    return text[: len(text) // 2]


def emptied(_: str) -> str:
    return ""


@pytest.mark.parametrize("damage", [flip, cut, emptied])
def test_a_damaged_entry_is_told_and_proved_again(
    tmp_path: Path, asked: list[object], damage: Callable[[str], str]
) -> None:
    first = verify(machine_of(), cache=ProofCache(tmp_path))
    batches = len(asked)
    asked.clear()
    for path in entries(tmp_path):
        path.write_text(damage(path.read_text()))
    looked_up = ProofCache(tmp_path)
    assert verify(machine_of(), cache=looked_up) == first
    assert len(asked) == batches
    assert len(looked_up.warnings) == len(list(entries(tmp_path)))
    assert all("ignored" in warning for warning in looked_up.warnings)


@pytest.mark.parametrize("change", ["another proof", "more goals"])
def test_a_well_formed_entry_of_something_else_is_told_and_proves_nothing(tmp_path: Path, change: str) -> None:
    broken = machine_of(BROKEN)
    first = verify(broken, cache=ProofCache(tmp_path))
    for path in entries(tmp_path):
        key, entry = read_entry(path.read_text().strip(), users_seal())
        if change == "another proof":
            key = "0" * 64
        elif isinstance(entry, Proved):
            entry = Proved((*entry.rlimits, 1))
        path.write_text(f"{entry_text(key, entry, users_seal())}\n")
    looked_up = ProofCache(tmp_path)
    assert verify(broken, cache=looked_up) == first
    assert looked_up.warnings


def test_a_forged_run_that_breaks_nothing_is_told_and_searched_for(tmp_path: Path, asked: list[object]) -> None:
    broken = machine_of(BROKEN)
    first = verify(broken, cache=ProofCache(tmp_path))
    start = next(iter(initial_states(problem_of(broken).machine, 0)))
    harmless = after(problem_of(broken).machine, Run(start), broken.actions_by_name["start"], {})
    stored = refutations(tmp_path)
    assert stored
    for path in stored:
        path.write_text(f"{entry_text(path.stem, Refuted(run_json(harmless)), users_seal())}\n")
    asked.clear()
    looked_up = ProofCache(tmp_path)
    assert verify(broken, cache=looked_up) == first
    assert [target for target in asked if isinstance(target, Target)]
    assert len(looked_up.warnings) == len(stored)


def test_a_proof_in_the_place_of_a_refutation_proves_nothing(tmp_path: Path) -> None:
    broken = machine_of(BROKEN)
    first = verify(broken, cache=ProofCache(tmp_path))
    for path in refutations(tmp_path):
        path.write_text(f"{entry_text(path.stem, Proved((1,)), users_seal())}\n")
    looked_up = ProofCache(tmp_path)
    assert verify(broken, cache=looked_up) == first
    assert looked_up.warnings


def test_a_folder_that_cannot_be_written_costs_time_and_no_more(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    looked_up = ProofCache(tmp_path / "file" / "cache")
    assert verify(machine_of(), cache=looked_up) == verify(machine_of())
    assert all("not stored" in warning for warning in looked_up.warnings)
    assert looked_up.warnings


# --- what a stored run has to show -------------------------------------------------------------------------------


def last_step_of(machine: Machine, *names: str) -> Run:
    run = Run(next(iter(initial_states(machine, 0))))
    for name in names:
        run = after(machine, run, machine.actions_by_name[name], {})
    return run


def claim_of(machine: Machine) -> Expr:
    (promise,) = machine.promises
    assert isinstance(promise.claim, Always)
    return promise.claim.claim


def test_a_run_ends_as_a_target_says_in_every_part_or_not_at_all() -> None:
    machine = machine_of(BROKEN)
    broken = Not(claim_of(machine))
    run = last_step_of(machine, "start", "start", "stop")
    assert ends_in(run, Target(broken), {})
    assert ends_in(run, Target(broken, actions=("stop",)), {})
    assert not ends_in(run, Target(broken, actions=("start",)), {})
    assert not ends_in(run, Target(claim_of(machine)), {})
    assert not ends_in(last_step_of(machine, "start"), Target(broken), {})
    assert not ends_in(last_step_of(machine), Target(TRUE, actions=("start",)), {})
    assert not ends_in(last_step_of(machine), Target(FALSE), {})


def test_a_run_that_the_interpreter_does_not_confirm_is_not_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> NoReturn:
        raise ValueError("only runs that replay are kept")

    monkeypatch.setattr(ProofCache, "store_refuted", refused)
    report = verify(machine_of(BROKEN), cache=ProofCache(tmp_path))
    found = results_by_id(report)["step/stop/used_means_on"]
    assert found.verdict is Verdict.ERROR
    assert "only runs that replay are kept" in found.detail
    assert refutations(tmp_path) == []


def test_what_was_used_can_be_given_to_others(tmp_path: Path, asked: list[object]) -> None:
    first = ProofCache()
    report = verify(machine_of(BROKEN), cache=first)
    again = ProofCache()
    verify(machine_of(BROKEN), cache=again)
    assert first.used() == again.used()
    assert {json.loads(line)["answer"] for line in first.used().splitlines()} == {"proved", "refuted"}
    (tmp_path / "proofs.jsonl").write_text(first.used())
    asked.clear()
    third = ProofCache(committed=tmp_path / "proofs.jsonl")
    assert verify(machine_of(BROKEN), cache=third) == report
    assert [target for target in asked if isinstance(target, Target)] == []
    assert third.used() == first.used()


def test_only_searches_that_were_made_cost_something() -> None:
    problem = problem_of(machine_of())
    runs = Runs(problem, Engine(Effort()), Walks(problem))
    assert runs.spent == 0
    assert isinstance(runs.find(Target(FALSE), 3), Excluded)
    assert runs.spent > 0


def test_the_key_of_a_run_has_the_whole_machine(tmp_path: Path, asked: list[object]) -> None:
    broken = machine_of(BROKEN)
    verify(broken, cache=ProofCache(tmp_path))
    asked.clear()
    verify(replace(broken, doc="Another one."), cache=ProofCache(tmp_path))
    assert [target for target in asked if isinstance(target, Target)]
