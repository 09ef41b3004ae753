"""The JSON report, schema 1: its fields and their types, and runs that the interpreter repeats step by step."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from quiesce.cli import main
from quiesce.kernel.kinds import Kind
from quiesce.prove.results import Verdict
from quiesce.spec.interpreter import initial_states, step
from quiesce.spec.model import Machine
from quiesce.spec.reader import read_file
from quiesce.spec.state import State

FLAGSHIP = Path(__file__).parents[2] / "model/winsock.py"
BESIDE = [FLAGSHIP.with_name(name) for name in ("winsock_contract.py", "winsock_requirements.py")]
FREED_BEFORE_DRAINED = "        when(not any(s.state == SocketState.CLOSING for s in self.sockets))\n"

REPORT = {"schema": int, "spec": str, "machine": str, "verdict": str, "obligations": list, "counts": dict}
OBLIGATION: dict[str, tuple[type, ...]] = {
    "id": (str,),
    "kind": (str,),
    "promise": (str, type(None)),
    "action": (str, type(None)),
    "verdict": (str,),
    "file": (str,),
    "line": (int,),
    "column": (int,),
    "rlimit": (int,),
    "detail": (str,),
    "counterexample": (dict, type(None)),
    "witness": (dict, type(None)),
    "cti": (dict, type(None)),
}


def check_schema(report: dict[str, Any], spec: Path) -> None:
    assert {key: type(value) for key, value in report.items()} == REPORT
    lines = spec.read_text(encoding="utf-8").splitlines()
    for entry in report["obligations"]:
        assert list(entry) == list(OBLIGATION)
        assert [key for key, types in OBLIGATION.items() if type(entry[key]) not in types] == []
        assert entry["kind"] in {kind.value for kind in Kind}
        assert entry["verdict"] in {verdict.value for verdict in Verdict}
        assert 1 <= entry["line"] <= len(lines)
        assert 1 <= entry["column"] <= len(lines[entry["line"] - 1]) + 1
        assert (entry["witness"] is None) or entry["kind"] == Kind.WITNESS.value
        assert (entry["counterexample"] is None) or entry["verdict"] == Verdict.REFUTED.value
    ids = [entry["id"] for entry in report["obligations"]]
    assert len(ids) == len(set(ids))
    assert report["counts"] == {
        "obligations": len(ids),
        **{verdict.value: sum(e["verdict"] == verdict.value for e in report["obligations"]) for verdict in Verdict},
    }


def runs(report: dict[str, Any], *kinds: str) -> Iterator[dict[str, Any]]:
    yield from (entry[kind] for entry in report["obligations"] for kind in kinds if entry[kind] is not None)


def state_of(machine: Machine, entry: dict[str, Any]) -> State:
    families = {family.name: tuple(entry[family.name]) for family in machine.families}
    return State({name: value for name, value in entry.items() if name not in families}, families)


def repeats(machine: Machine, run: dict[str, Any], *, from_the_start: bool) -> bool:
    """Whether the interpreter, given the same actions, goes through the same states."""
    state = state_of(machine, run["start"])
    members = {name: len(family) for name, family in state.families.items()}
    if from_the_start and state not in initial_states(machine, members):
        return False
    for taken in run["steps"]:
        assert list(taken) == ["action", "arguments", "state"]
        state = step(machine, state, machine.actions_by_name[taken["action"]], taken["arguments"])
        if state != state_of(machine, taken["state"]):
            return False
    return True


@pytest.fixture
def report_of(project: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    """Verify a spec with these options; the exit code must fit the verdict."""

    def run(spec: Path, *options: str) -> dict[str, Any]:
        assert spec.is_relative_to(project)
        codes = {"proved": 0, "refuted": 1, "vacuous": 1, "unknown": 3}
        code = main(["verify", "--json", "-", *options, str(spec)])
        report: dict[str, Any] = json.loads(capsys.readouterr().out)
        assert code == codes[report["verdict"]]
        check_schema(report, spec)
        return report

    return run


def test_a_proof_with_its_witnesses(project: Path, report_of: Callable[..., dict[str, Any]]) -> None:
    spec = project / "model/service.py"
    report = report_of(spec)
    assert (report["verdict"], report["counts"]["proved"]) == ("proved", len(report["obligations"]))
    machine = read_file(spec)
    witnesses = list(runs(report, "witness"))
    assert {run["steps"][-1]["action"] for run in witnesses if run["steps"]} >= set(machine.actions_by_name)
    assert all(repeats(machine, run, from_the_start=True) for run in witnesses)
    assert list(runs(report, "counterexample", "cti")) == []


def test_an_undecided_report(project: Path, report_of: Callable[..., dict[str, Any]]) -> None:
    report = report_of(project / "model/service.py", "--budget", "1")
    assert (report["verdict"], report["counts"]["refuted"]) == ("unknown", 0)
    assert list(runs(report, "counterexample")) == []


@pytest.mark.nightly
@pytest.mark.slow
def test_a_counterexample_with_members(project: Path, report_of: Callable[..., dict[str, Any]]) -> None:
    spec = project / "model/provider.py"
    text = FLAGSHIP.read_text(encoding="utf-8")
    assert text.count(FREED_BEFORE_DRAINED) == 1
    spec.write_text(text.replace(FREED_BEFORE_DRAINED, ""), encoding="utf-8")
    for imported in BESIDE:
        (project / "model" / imported.name).write_bytes(imported.read_bytes())
    report = report_of(spec)
    assert report["verdict"] == "refuted"
    broken = {entry["promise"] for entry in report["obligations"] if entry["verdict"] == "refuted"}
    assert "drained_before_freed" in broken
    machine = read_file(spec)
    found = list(runs(report, "counterexample"))
    assert any(run["start"]["sockets"] for run in found)
    assert all(repeats(machine, run, from_the_start=True) for run in found)
    assert all(repeats(machine, run, from_the_start=False) for run in runs(report, "cti"))


def test_a_run_that_was_tampered_with_does_not_repeat(project: Path, report_of: Callable[..., dict[str, Any]]) -> None:
    spec = project / "model/service.py"
    machine = read_file(spec)
    run = next(run for run in runs(report_of(spec), "witness") if run["steps"])
    assert repeats(machine, run, from_the_start=True)
    run["steps"][-1]["state"]["refs"] += 1
    assert not repeats(machine, run, from_the_start=True)
    run["start"]["refs"] += 1
    assert not repeats(machine, run, from_the_start=True)


def test_several_specs_make_a_list_and_the_worst_decides(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = project / "model/service.py"
    text = good.read_text(encoding="utf-8")
    broken = project / "model/broken.py"
    broken.write_text(text.replace("        self.refs += 1\n", "        self.refs -= 1\n"), encoding="utf-8")
    assert main(["verify", "--json", "-", str(good), str(broken), str(good)]) == 1
    reports = json.loads(capsys.readouterr().out)
    assert [(report["spec"], report["verdict"]) for report in reports] == [
        ("model/service.py", "proved"),
        ("model/broken.py", "refuted"),
    ]


def test_a_report_that_cannot_be_written_is_a_usage_error(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "-q", "--json", "nowhere/report.json"]) == 2
    assert "cannot write nowhere" in capsys.readouterr().err
    assert main(["verify", "-q", "--json", "model"]) == 2
    assert "cannot write model" in capsys.readouterr().err
    assert sorted(path.name for path in project.iterdir()) == [".quiesce", "model", "pyproject.toml"]


@pytest.mark.parametrize("option", ["--json", "--cores"])
def test_a_spec_that_stands_behind_an_option_is_not_written_over(
    project: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    spec = project / "model/service.py"
    before = spec.read_bytes()
    assert main(["verify", option, "model/service.py"]) == 2
    assert "model/service.py holds Python, and no report" in capsys.readouterr().err
    assert spec.read_bytes() == before
