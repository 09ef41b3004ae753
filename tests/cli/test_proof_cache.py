"""Proofs of earlier runs on the command line: where they are kept, when they are used, and that none is believed."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from quiesce.cli import main
from quiesce.prove.solving.z3_solver import Solver

from tests.by_day import by_day

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("equal_packages_are_tried_once")]

SERVICE = "model/service.py"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What the solver is asked."""
    seen: list[object] = []
    check = Solver.check

    def noted(self: Solver, batch: object) -> object:
        seen.append(batch)
        return check(self, batch)  # type: ignore[arg-type]

    monkeypatch.setattr(Solver, "check", noted)
    return seen


def entries(project: Path) -> Iterator[Path]:
    return (project / ".quiesce/cache").glob("*.json")


def report_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert main(["verify", "--json", "-", *arguments]) == 0
    return capsys.readouterr().out


def test_a_second_run_asks_nothing_and_prints_the_same_bytes(
    project: Path, asked: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    first = report_of(capsys)
    assert asked
    asked.clear()
    assert report_of(capsys) == first
    assert asked == []
    assert list(entries(project))
    assert report_of(capsys, "--no-cache") == first
    assert asked


def test_without_a_cache_nothing_is_kept(project: Path) -> None:
    assert main(["verify", "-q", "--no-cache"]) == 0
    assert not (project / ".quiesce").exists()


def test_outside_of_a_project_nothing_is_kept(project: Path) -> None:
    (project / "pyproject.toml").unlink()
    assert main(["verify", "-q", SERVICE]) == 0
    assert not (project / ".quiesce").exists()


@pytest.mark.usefixtures("project")
def test_a_build_uses_what_a_verification_found(asked: list[object]) -> None:
    assert main(["verify", "-q"]) == 0
    proofs = len(asked)
    asked.clear()
    assert main(["build", "-q"]) == 0
    others = len(asked)  # that the core's text is equal to the model, among others
    asked.clear()
    assert main(["generate", "-q", "--no-cache"]) == 0
    assert len(asked) >= others + proofs
    asked.clear()
    assert main(["generate", "-q"]) == 0
    assert len(asked) < others


@pytest.mark.parametrize("command", by_day(["build", "generate"], 2))
def test_a_check_proves_anew_and_believes_no_file(
    built: Path, asked: list[object], capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert main(["verify", "-q", "--save-cache", "proofs.jsonl"]) == 0
    assert list(entries(built))
    asked.clear()
    assert main([command, "-q", "--check"]) == 0
    anew = len(asked)
    asked.clear()
    assert main([command, "-q", "--check", "--no-cache"]) == 0
    assert len(asked) == anew > 0
    assert main([command, "-q", "--check", "--cache", "proofs.jsonl"]) == 2
    assert "--check proves everything anew, and believes no file" in capsys.readouterr().err


def test_a_saved_cache_is_the_same_each_time_and_is_never_written_by_its_use(
    project: Path, asked: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    first = report_of(capsys, "--save-cache", "one.jsonl", "--no-cache")
    assert not (project / ".quiesce").exists()
    assert report_of(capsys, "--save-cache", "two.jsonl") == first
    text = (project / "one.jsonl").read_bytes()
    assert text == (project / "two.jsonl").read_bytes()
    assert len(text.splitlines()) == len(list(entries(project)))
    for path in entries(project):
        path.unlink()
    asked.clear()
    assert report_of(capsys, "--cache", "one.jsonl") == first
    assert asked == []
    assert (project / "one.jsonl").read_bytes() == text


def test_a_miss_of_a_named_cache_runs_the_solver(project: Path, asked: list[object]) -> None:
    (project / "empty.jsonl").touch()
    assert main(["verify", "-q", "--cache", "empty.jsonl"]) == 0
    assert asked


def test_a_damaged_entry_is_told_and_proved_again(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = report_of(capsys)
    damaged = min(entries(project))
    damaged.write_text("{}", encoding="utf-8")
    assert main(["verify", "--json", "-"]) == 0
    output = capsys.readouterr()
    # One proof alone costs a solver something else than one among all; nothing else differs.
    assert _without_costs(output.out) == _without_costs(first)
    assert output.err.startswith("warning: proof cache: ")
    assert damaged.name in output.err
    assert "ignored" in output.err
    assert main(["verify", "-q"]) == 0
    assert capsys.readouterr().err == ""


def _without_costs(text: str) -> object:
    report = json.loads(text)
    for entry in report["obligations"]:
        del entry["rlimit"]
    return report


def test_the_proof_of_something_else_does_not_prove_what_is_false(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "-q", "--save-cache", "true.jsonl"]) == 0
    line = (project / "true.jsonl").read_text(encoding="utf-8").splitlines()[0]
    spec = project / SERVICE
    spec.write_text(spec.read_text(encoding="utf-8").replace("self.refs += 1", "self.refs -= 1"), encoding="utf-8")
    assert main(["verify", "-q", "--cache", "true.jsonl"]) == 1
    for path in entries(project):
        path.write_text(f"{line}\n", encoding="utf-8")
    capsys.readouterr()
    assert main(["verify", "-q"]) == 1
    output = capsys.readouterr()
    assert "is that of another query" in output.err
    assert "refuted" in output.out


def test_many_warnings_are_told_in_short(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "-q"]) == 0
    for path in entries(project):
        path.write_text("", encoding="utf-8")
    assert main(["verify", "-q"]) == 0
    assert len(capsys.readouterr().err.splitlines()) == 6


def test_a_folder_that_cannot_be_written_is_told_and_no_failure(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / ".quiesce").mkdir()
    (project / ".quiesce/cache").write_text("in the way", encoding="utf-8")
    assert main(["verify", "-q"]) == 0
    assert "not stored" in capsys.readouterr().err


@pytest.mark.usefixtures("project")
def test_other_budgets_are_other_questions(asked: list[object]) -> None:
    assert main(["verify", "-q"]) == 0
    first = len(asked)
    asked.clear()
    assert main(["verify", "-q", "--budget", "1000000"]) == 0
    assert len(asked) == first
    assert main(["verify", "-q", "--budget", "1"]) == 3


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--cache", "nowhere.jsonl"], "nowhere.jsonl: no such file"),
        (["--timeout", "3"], "--jobs 2"),
        (["--jobs", "1", "--timeout", "3"], "--jobs 2"),
        (["--seeds", "2", "--cache", "pyproject.toml"], "--seeds asks the solver each time"),
        (["--seeds", "2", "--save-cache", "x"], "--seeds asks the solver each time"),
        (["--save-cache", "nowhere/x"], "cannot write nowhere"),
    ],
)
def test_what_cannot_be_done_is_told(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    assert main(["verify", "-q", *arguments]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    "arguments",
    [
        ["--cache", "pyproject.toml", "--no-cache"],
        *(["--jobs", "2", "--timeout", text] for text in ("0", "-1", "nan", "inf", "soon")),
        *(["--jobs", text] for text in ("0", "-2", "many")),
    ],
    ids=" ".join,
)
def test_what_makes_no_sense_is_a_usage_error(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["verify", "-q", *arguments])
    assert ended.value.code == 2


def test_a_file_of_something_else_is_told_line_by_line(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "-q", "--cache", "pyproject.toml"]) == 0
    assert "pyproject.toml:1: ignored" in capsys.readouterr().err
    assert (project / "pyproject.toml").read_text(encoding="utf-8").startswith("[[tool.quiesce.specs]]")


def test_entries_are_whole_lines_of_json(project: Path) -> None:
    assert main(["verify", "-q"]) == 0
    for path in entries(project):
        assert json.loads(path.read_text(encoding="utf-8"))["key"] == path.stem
    assert os.listdir(project / ".quiesce") == ["cache"]


def test_git_does_not_offer_what_is_kept_for_this_machine_alone(built: Path) -> None:
    assert main(["verify", "-q"]) == 0
    for folder in (built / ".quiesce", built / ".quiesce/cache"):
        assert (folder / ".gitignore").read_bytes() == b"*\n"
