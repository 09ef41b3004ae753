"""The commands as a person uses them: real files, exit codes, messages."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from quiesce.cli import main
from quiesce.spec.interpreter import step
from quiesce.spec.reader import read_file
from quiesce.spec.state import State

from tests.by_day import by_day

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("equal_packages_are_tried_once")]

NOT_COUNTED = (
    "        self.phase = Phase.UP\n        self.refs = 1\n",
    "        self.phase = Phase.UP\n",
)


def break_spec(project: Path, text: str = NOT_COUNTED[0], fault: str = NOT_COUNTED[1]) -> Path:
    spec = project / "model/service.py"
    old = spec.read_text(encoding="utf-8")
    assert old.count(text) == 1
    spec.write_text(old.replace(text, fault), encoding="utf-8")
    return spec


def files(folder: Path) -> dict[str, bytes]:
    """All but what is kept to save time: compiled modules, and proofs that were found."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not {"__pycache__", "cache"}.intersection(path.parts)
    }


@pytest.fixture
def first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: a project with the spec that `new` writes."""
    monkeypatch.chdir(tmp_path)
    Path("pyproject.toml").write_text('[[tool.quiesce.specs]]\nspec = "model/service.py"\n', encoding="utf-8")
    assert main(["new", "-q", "model/service.py"]) == 0
    return tmp_path


def test_new_writes_a_spec_that_is_proved_and_overwrites_nothing(
    first: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify"]) == 0
    assert "proved: all" in capsys.readouterr().out
    before = files(first)
    assert main(["new", "model/service.py"]) == 2
    assert "exists" in capsys.readouterr().err
    assert files(first) == before


def test_build_writes_everything_and_then_has_nothing_to_do(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build"]) == 0
    assert (project / "generated/service_provider/core.py").is_file()
    assert (project / "generated/service_provider/graph.svg").is_file()
    assert (project / "proofs/service/README.md").is_file()
    capsys.readouterr()
    assert main(["build"]) == 0
    assert capsys.readouterr().out == "model/service.py: up to date\n"
    assert main(["build", "--check"]) == 0


@pytest.mark.parametrize("chosen", by_day([["-k", "test_core"], []], 2), ids=["of the core", "all"])
def test_the_generated_tests_pass(first: Path, chosen: list[str]) -> None:
    assert main(["build", "-q"]) == 0
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *chosen, "generated"]
    done = subprocess.run(
        command, cwd=first, env={**os.environ, "PYTHONPATH": "generated"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "passed" in done.stdout


def test_a_refuted_spec_ends_with_1_and_writes_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    break_spec(project)
    assert main(["verify"]) == 1
    output = capsys.readouterr().out
    assert "refuted: step/first_start/counted_only_while_up" in output
    assert "1  first_start()" in output
    before = files(project)
    assert main(["build"]) == 1
    assert main(["generate"]) == 1
    assert files(project) == before


@pytest.mark.usefixtures("project")
def test_a_spent_budget_ends_with_3(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--budget", "1"]) == 3
    assert "spent its budget" in capsys.readouterr().out


def test_the_json_report_has_every_obligation_and_runs_that_replay(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    machine = read_file(break_spec(project))
    assert main(["verify", "--json", "-"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["schema"], report["spec"], report["verdict"]) == (1, "model/service.py", "refuted")
    assert report["counts"]["obligations"] == len(report["obligations"])
    runs = [entry["counterexample"] for entry in report["obligations"] if entry["verdict"] == "refuted"]
    assert runs
    for run in runs:
        state = State(run["start"], {})
        for taken in run["steps"]:
            state = step(machine, state, machine.actions_by_name[taken["action"]], taken["arguments"])
            assert state == State(taken["state"], {})


def test_the_json_report_can_go_to_a_file(project: Path) -> None:
    assert main(["verify", "-q", "--json", "report.json"]) == 0
    assert json.loads((project / "report.json").read_text(encoding="utf-8"))["verdict"] == "proved"


def test_a_hand_edited_file_is_named_and_kept_unless_forced(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    core = built / "generated/service_provider/core.py"
    generated = core.read_text(encoding="utf-8")
    core.write_text(generated.replace("self.refs += 1", "self.refs += 2"), encoding="utf-8")
    edited = files(built)
    assert main(["build"]) == 1
    assert "service_provider/core.py: hand-edited" in capsys.readouterr().err
    assert files(built) == edited
    assert main(["build", "--check"]) == 1
    assert "hand-edited" in capsys.readouterr().err
    assert main(["build", "-q", "--force"]) == 0
    assert core.read_text(encoding="utf-8") == generated


@pytest.mark.nightly
def test_a_changed_spec_makes_files_stale(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    break_spec(built, "Others still use the service.", "Somebody else still uses the service.")
    assert main(["generate", "--check"]) == 1
    assert "core.py: stale" in capsys.readouterr().err
    assert main(["build", "-q"]) == 0
    assert main(["build", "--check"]) == 0


@pytest.mark.parametrize("command", ["check", "verify", "generate", "build", "graph"])
@pytest.mark.parametrize(
    ("name", "make", "message"),
    [
        ("missing.py", Path.exists, "no such file"),
        ("folder.py", lambda path: path.mkdir(), "directory"),
        ("bytes.py", lambda path: path.write_bytes(b"\xff\xfe"), "UTF-8"),
        ("syntax.py", lambda path: path.write_text("class (", encoding="utf-8"), "error[Q004]"),
        ("deep.py", lambda path: path.write_text("x = " + "(" * 9999, encoding="utf-8"), "error[Q"),
        ("empty.py", lambda path: path.write_text("", encoding="utf-8"), "describes no machine"),
    ],
)
def test_bad_input_is_named_and_nothing_is_written(
    project: Path,
    capsys: pytest.CaptureFixture[str],
    command: str,
    name: str,
    make: Callable[[Path], object],
    message: str,
) -> None:
    make(project / name)
    before = files(project)
    assert main([command, name]) == 2
    error = capsys.readouterr().err
    assert name in error
    assert message in error
    assert "Traceback" not in error
    assert files(project) == before


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("[tool.quiesce]\nspecs = 3\n", "array of tables"),
        ('[[tool.quiesce.specs]]\nspec = "../x.py"\n', "inside the project"),
        ('[[tool.quiesce.specs]]\nspec = "x.py"\npackage = "a-b"\n', "'a-b' is no name in Python"),
        ('[[tool.quiesce.specs]]\nspec = "model/service.py"\nshell = "glass"\n', "no shell 'glass'"),
        ("[tool.quiesce]\nspec = []\n", "does not know spec"),
        ("[tool.quiesce\n", "cannot be read"),
    ],
)
def test_a_bad_project_is_named(project: Path, capsys: pytest.CaptureFixture[str], table: str, message: str) -> None:
    (project / "pyproject.toml").write_text(table, encoding="utf-8")
    assert main(["build"]) == 2
    assert message in capsys.readouterr().err


def test_without_a_spec_the_message_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["verify"]) == 2
    assert "quiesce new" in capsys.readouterr().err


def test_commands_work_from_a_folder_inside_the_project(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project / "model")
    assert main(["check", "service.py"]) == 0
    assert capsys.readouterr().out.startswith("model/service.py: Service is well-formed")


@pytest.mark.parametrize(
    ("form", "start"), [("svg", "<svg"), ("dot", "digraph"), ("mermaid", "stateDiagram-v2"), ("table", "| from")]
)
def test_the_graph_comes_in_four_forms(
    project: Path, capsys: pytest.CaptureFixture[str], form: str, start: str
) -> None:
    assert main(["graph", "--format", form, "-o", "graph.out"]) == 0
    assert (project / "graph.out").read_text(encoding="utf-8").startswith(start)
    assert main(["graph", "--format", form]) == 0
    assert capsys.readouterr().out == (project / "graph.out").read_text(encoding="utf-8")


def test_colours_come_only_when_asked_for(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify"]) == 0
    assert "\x1b" not in capsys.readouterr().out
    assert main(["--color", "always", "verify"]) == 0
    assert "\x1b[" in capsys.readouterr().out
    assert (project / "model/service.py").is_file()


def test_an_interrupt_leaves_nothing_half_written(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(problem: object) -> None:
        raise KeyboardInterrupt(problem)

    before = files(project)
    monkeypatch.setattr("quiesce.prove.attempt.explore", interrupted)
    assert main(["build"]) == 130
    assert files(project) == before


@pytest.mark.parametrize(("unbuffered", "code"), [("", 0), ("1", 141)])
def test_a_reader_that_leaves_early_is_no_error_and_no_success_unless_all_was_done(
    project: Path, unbuffered: str, code: int
) -> None:
    program = "import sys; from quiesce.cli import main; sys.exit(main(['verify', '-v']))"
    running = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=project,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert running.stdout is not None
    running.stdout.close()
    _, error = running.communicate(timeout=60)
    assert b"Traceback" not in error
    assert b"Exception" not in error
    assert running.returncode == code
