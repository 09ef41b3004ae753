"""`quiesce mutate` as a person uses it: tables, JSON, exit codes, interruption."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from quiesce.certify.entries import Malformed
from quiesce.cli import main
from quiesce.console.commands.mutate import survey_exit
from quiesce.console.exits import Exit
from quiesce.console.reports.json.mutants_summary import from_json, summary_of, to_json
from quiesce.console.reports.pages.mutants import survey_lines, survey_sentence
from quiesce.generate.files.header import digest
from quiesce.kernel.subjects import Covered, Preserved
from quiesce.mutate.operators import mutants
from quiesce.mutate.verdicts import (
    Equivalent,
    Failed,
    Judged,
    Kill,
    Killed,
    Survey,
    Unconstrained,
    Undecided,
    Verdict,
)
from quiesce.spec.interpreter import step
from quiesce.spec.model import Machine
from quiesce.spec.reader import read_file
from quiesce.spec.state import State

SPEC = '''from quiesce.spec import Machine, Nat, always, call, when


class Room(Machine):
    """People in a room."""

    people: Nat = 0
    visits: Nat = 0

    @call("enter")
    def enter(self) -> None:
        """One more."""
        when(self.people == 0)
        self.people = 1
        self.visits += 1

    @call("enter", fails="FULL")
    def full(self) -> None:
        """There is room for one."""
        when(self.people > 0)

    @call("leave")
    def leave(self) -> None:
        """One less; who is not there has left."""
        self.people = 0

    @always
    def at_most_one(self) -> bool:
        """There is room for one."""
        return self.people <= 1
'''
VISITS = "enter/update 2/self.visits = self.visits + 1 to self.visits = self.visits + 2"


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "room.py"
    path.write_text(SPEC, encoding="utf-8")
    return path


def test_survivors_are_shown_with_their_place_and_a_suggestion(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mutate", "room.py", "--jobs", "1"]) == Exit.REFUTED
    out = capsys.readouterr().out
    line = 1 + SPEC.splitlines().index("        self.visits += 1")
    assert (
        f"room.py:{line}:9: unconstrained: enter: self.visits = self.visits + 1 -> self.visits = self.visits + 2" in out
    )
    assert "no promise says what enter makes of self.visits" in out
    assert f"of {len(mutants(read_file(spec)))} mutants" in out.splitlines()[-1]


def test_all_killed_is_a_success(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert spec.is_file()
    assert main(["mutate", "room.py", "-k", "full/when", "--jobs", "1"]) == Exit.OK
    assert "killed of" in capsys.readouterr().out
    assert main(["mutate", "room.py", "-k", "full/when", "--jobs", "1", "-q"]) == Exit.OK
    assert capsys.readouterr().out == ""


def starter_without(text: str, folder: Path) -> Path:
    """The spec that `new` writes, without this part of its text."""
    path = folder / "service.py"
    assert main(["new", "-q", str(path)]) == Exit.OK
    written = path.read_text(encoding="utf-8")
    assert text in written
    path.write_text(written.replace(text, ""), encoding="utf-8")
    return path


@pytest.mark.slow
def test_every_fault_of_the_starter_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    starter_without("", tmp_path)
    assert main(["mutate", "service.py", "--jobs", "1"]) == Exit.OK
    assert "unconstrained of" not in capsys.readouterr().out


def test_a_starter_that_promises_less_lets_a_fault_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    starter_without("opened, ", tmp_path)
    assert main(["mutate", "service.py", "--jobs", "1", "-k", "opened", "-q"]) == Exit.REFUTED


def test_a_filter_that_matches_nothing_is_no_success(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert spec.is_file()
    assert main(["mutate", "room.py", "-k", "nonsense"]) == Exit.USAGE
    assert "nonsense" in capsys.readouterr().err


def test_a_spec_that_is_not_proved_is_not_mutated(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec.write_text(SPEC.replace("self.people <= 1", "self.people < 1"), encoding="utf-8")
    assert main(["mutate", "room.py"]) == Exit.REFUTED
    out = capsys.readouterr().out
    assert "not proved" in out
    assert "killed" not in out


def test_a_solver_without_resources_leaves_the_spec_undecided(spec: Path) -> None:
    assert spec.is_file()
    assert main(["mutate", "room.py", "--budget", "1", "--depth", "1", "-q"]) == Exit.UNDECIDED


def test_list_judges_nothing_and_loads_no_solver(spec: Path) -> None:
    program = (
        "import sys\nfrom quiesce.cli import main\ncode = main(sys.argv[1:])\n"
        "sys.exit(code or any(name in sys.modules for name in ('z3', 'jinja2', 'networkx')))"
    )
    command = [sys.executable, "-c", program, "mutate", "--list", "room.py"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    listed = done.stdout.splitlines()
    assert len(listed) == len(mutants(read_file(spec)))
    assert any(VISITS in line for line in listed)


def test_json_has_every_mutant_and_runs_that_replay(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mutate", "room.py", "--jobs", "1", "--json", "-"]) == Exit.REFUTED
    survey = json.loads(capsys.readouterr().out)
    machine = read_file(spec)
    every = {mutant.id: mutant for mutant in mutants(machine)}
    assert survey["schema"] == 1
    assert [item["id"] for item in survey["mutants"]] == list(every)
    assert survey["counts"]["mutants"] == len(every) == sum(survey["counts"].values()) - len(every)
    assert {item["verdict"] for item in survey["mutants"]} >= {"killed", "unconstrained"}
    for item in survey["mutants"]:
        assert (item["suggestion"] is not None) == (item["verdict"] == "unconstrained")
        assert bool(item["killed_by"]) == (item["verdict"] == "killed")
        for kill in item["killed_by"]:
            _replays(every[item["id"]].machine, kill["counterexample"])


def _replays(machine: Machine, run: dict[str, object] | None) -> None:
    if run is None:
        return
    state = State(run["start"], {})  # type: ignore[arg-type]
    for move in run["steps"]:  # type: ignore[attr-defined]
        state = step(machine, state, machine.actions_by_name[move["action"]], move["arguments"])
        assert state.scalars == move["state"]


def test_json_goes_to_a_file_besides_the_table(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mutate", "room.py", "-k", VISITS, "--jobs", "1", "--json", "found.json"]) == Exit.REFUTED
    assert "unconstrained" in capsys.readouterr().out
    (item,) = json.loads((spec.parent / "found.json").read_text(encoding="utf-8"))["mutants"]
    assert item["id"] == VISITS
    assert (item["file"], item["column"]) == ("room.py", 9)


KILLED = Killed((Kill(Preserved("a", "b"), "b", None, ""),))


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([KILLED, Equivalent("")], Exit.OK),
        ([KILLED, Undecided("")], Exit.UNDECIDED),
        ([Undecided(""), Unconstrained("")], Exit.REFUTED),
        ([Unconstrained(""), Failed("")], Exit.INTERNAL),
        ([], Exit.INTERNAL),
    ],
)
def test_the_exit_code_tells_the_worst(spec: Path, verdicts: list[Verdict], expected: Exit) -> None:
    assert survey_exit((_survey(spec, verdicts),)) is expected


def _survey(spec: Path, verdicts: list[Verdict]) -> Survey:
    machine = read_file(spec)
    return Survey(
        machine, tuple(Judged(mutant, verdict) for mutant, verdict in zip(mutants(machine), verdicts, strict=False))
    )


def test_the_page_counts_kills_by_promise_and_lists_what_is_equivalent(spec: Path) -> None:
    shared = Killed(
        (Kill(Preserved("enter", "at_most_one"), "at_most_one", None, ""), Kill(Covered("enter"), None, None, ""))
    )
    own = Killed((Kill(Preserved("enter", "at_most_one"), "at_most_one", None, ""),))
    found = _survey(spec, [shared, own, Equivalent("proved so"), Undecided("too hard")])
    page = "\n".join(survey_lines(found.machine, summary_of(found)))
    assert "| `at_most_one` | 2 | 1 |" in page
    assert "| each call has exactly one outcome | 1 | 0 |" in page
    assert "2 killed, 1 equivalent, 1 undecided" in page
    survivors, equivalents = page.split("### Survivors")[1].split("Equivalent ones")
    assert "Too hard:" in survivors
    assert "Proved so:" in equivalents
    assert (
        survey_sentence(found.machine, summary_of(found))
        == "Of 4 small faults put into the spec, 1 are not shown to be noticed."
    )


def test_the_page_names_a_promise_that_kills_nothing(spec: Path) -> None:
    found = _survey(spec, [Killed((Kill(Covered("enter"), None, None, ""),))])
    assert "| `at_most_one` | 0 | 0 |" in "\n".join(survey_lines(found.machine, summary_of(found)))
    assert (
        survey_sentence(found.machine, summary_of(found)) == "Of 1 small faults put into the spec, none goes unnoticed."
    )


def test_what_is_kept_of_a_survey_is_read_as_it_was_written(spec: Path) -> None:
    found = summary_of(_survey(spec, [KILLED, Equivalent("proved so"), Unconstrained("promise | more"), Undecided("")]))
    assert from_json(to_json(found)) == found


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('"schema": 1', '"schema": 2', "schema: this is not schema 1"),
        ('"killed": 1', '"killed": 2', "sha256: the file was changed after it was written"),
        ('"alone": ', '"by itself": ', "sha256: the file was changed"),
        ('"left": [', '"rest": [', "there is no entry `left`"),
        ("{", "", "is no JSON"),
    ],
)
def test_a_survey_that_somebody_changed_is_refused(spec: Path, old: str, new: str, why: str) -> None:
    text = to_json(summary_of(_survey(spec, [KILLED, Equivalent("proved so")])))
    assert old in text
    with pytest.raises(Malformed, match=re.escape(why)):
        from_json(text.replace(old, new, 1))


@pytest.mark.parametrize("change", ['{"verdict": "lost"}', '{"killed": -1}', '{"killed": true}'])
def test_a_survey_with_a_fitting_digest_is_still_read_with_care(spec: Path, change: str) -> None:
    content = json.loads(to_json(summary_of(_survey(spec, [KILLED, Equivalent("proved so")]))))
    del content["sha256"]
    name, value = next(iter(json.loads(change).items()))
    (content["left"][0] if name == "verdict" else content["faults"][0]["mutants"])[name] = value
    content["sha256"] = digest(json.dumps(content))
    with pytest.raises(Malformed):
        from_json(json.dumps(content))


def test_a_survey_of_another_model_is_called_so(spec: Path) -> None:
    found = _survey(spec, [KILLED])
    earlier = "found of an earlier version of the spec"
    assert earlier not in "\n".join(survey_lines(found.machine, summary_of(found)))
    other = mutants(found.machine)[0].machine
    assert earlier in "\n".join(survey_lines(other, summary_of(found)))
    assert "put into an earlier version of the spec" in survey_sentence(other, summary_of(found))
    assert "earlier" not in survey_sentence(found.machine, summary_of(found))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
@pytest.mark.usefixtures("interruptible")
def test_an_interrupted_run_leaves_no_process_and_no_file(spec: Path) -> None:
    command = [sys.executable, "-m", "quiesce.cli", "mutate", "room.py", "--jobs", "2", "--json", "found.json"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    group = running.pid
    _until(lambda: len(_processes(group)) >= 3 or running.poll() is not None)
    assert running.poll() is None
    os.kill(running.pid, signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    _until(lambda: not _processes(group))
    assert [path.name for path in spec.parent.iterdir() if path.name != "__pycache__"] == ["room.py"]


def _processes(session: int) -> list[int]:
    """The processes of a session, as the system lists them."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,sess="], capture_output=True, text=True, check=True)  # noqa: S607
    pairs = (line.split() for line in listed.stdout.splitlines())
    return [int(pid) for pid, of in pairs if int(of) == session]


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)
