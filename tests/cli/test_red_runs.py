"""Whatever is wrong with an answer, the command is red: removed, renamed, errored, timed out, or never decided."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import NoReturn

import pytest
from quiesce.cli import main
from quiesce.kernel.subjects import Preserved
from quiesce.prove import prover
from quiesce.prove.checked import UNANSWERED, UNASKED, completed
from quiesce.prove.explain.assumptions import Audit
from quiesce.prove.prover import verify
from quiesce.prove.results import Report, Result, Verdict
from quiesce.prove.search.bounded import BoundedSearch
from quiesce.prove.solving import parallel
from quiesce.spec.reader import read_file

from tests.by_day import by_day

SERVICE = "model/service.py"
NAME = "step/last_stop/counted_only_while_up"
FAULTS = Path(__file__).parents[1] / "prove"


class Defect(Exception):
    """An engine broke down."""


def position(report: Report) -> int:
    return next(index for index, result in enumerate(report.results) if result.obligation.id == NAME)


def with_results(report: Report, *results: Result) -> Report:
    """The report with other results in the place of one."""
    index = position(report)
    return replace(report, results=(*report.results[:index], *results, *report.results[index + 1 :]))


def removed(report: Report) -> Report:
    return with_results(report)


def renamed(report: Report) -> Report:
    result = report.results[position(report)]
    other = replace(result.obligation, about=Preserved("last_stop", "counted_only_while_up again"))
    return with_results(report, replace(result, obligation=other))


def doubled(report: Report) -> Report:
    result = report.results[position(report)]
    return with_results(report, result, result)


def moved(report: Report) -> Report:
    """The same obligation, about another place of the spec."""
    result = report.results[position(report)]
    span = replace(result.obligation.span, line=1)
    return with_results(report, replace(result, obligation=replace(result.obligation, span=span)))


def emptied(report: Report) -> Report:
    return replace(report, results=())


def answered(verdict: Verdict) -> Callable[[Report], Report]:
    def change(report: Report) -> Report:
        return with_results(report, replace(report.results[position(report)], verdict=verdict))

    return change


CHANGES: dict[str, tuple[Callable[[Report], Report], int]] = {
    "removed": (removed, 4),
    "renamed": (renamed, 4),
    "doubled": (doubled, 4),
    "moved": (moved, 4),
    "emptied": (emptied, 4),
    "error": (answered(Verdict.ERROR), 4),
    "unknown": (answered(Verdict.UNKNOWN), 3),
    "vacuous": (answered(Verdict.VACUOUS), 1),
    "refuted": (answered(Verdict.REFUTED), 1),
}


@pytest.fixture(params=CHANGES)
def change(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[str, int]:
    """A prover that gets one answer wrong: in which way, and the exit code that this has to have."""
    how, code = CHANGES[request.param]

    def wrong(*arguments: object) -> Report:
        return how(verify(*arguments))  # type: ignore[arg-type]

    monkeypatch.setattr(prover, "verify", wrong)
    return str(request.param), code


@pytest.mark.usefixtures("project")
def test_the_untouched_report_is_green(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prover, "verify", verify)
    assert main(["verify", "-q"]) == 0


@pytest.mark.usefixtures("project")
def test_a_wrong_answer_is_red_and_is_named(change: tuple[str, int], capsys: pytest.CaptureFixture[str]) -> None:
    how, code = change
    assert main(["verify", "-q"]) == code
    output = capsys.readouterr().out
    assert NAME in output
    assert "proved: all" not in output
    assert (UNANSWERED in output) == (how in ("removed", "renamed", "moved", "emptied"))
    assert (UNASKED in output) == (how in ("doubled", "renamed"))
    assert (f"{NAME} again" in output) == (how == "renamed")


@pytest.mark.usefixtures("project")
def test_a_program_is_told_as_well(change: tuple[str, int], capsys: pytest.CaptureFixture[str]) -> None:
    how, code = change
    assert main(["verify", "--json", "-"]) == code
    report = json.loads(capsys.readouterr().out)
    verdict = how if how in ("unknown", "vacuous", "refuted") else "error"
    assert report["verdict"] == verdict
    assert report["counts"][verdict] >= 1
    found = [entry for entry in report["obligations"] if entry["id"].startswith(NAME)]
    assert verdict in {entry["verdict"] for entry in found}
    assert (UNASKED in {entry["detail"] for entry in found}) == (how in ("renamed", "doubled", "moved"))


@pytest.mark.parametrize("arguments", [["build"], ["generate"], ["build", "--check"]], ids=" ".join)
def test_nothing_is_generated_from_a_wrong_answer(
    built: Path, change: tuple[str, int], capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    core = built / "generated/service_provider/core.py"
    core.unlink()
    assert main([*arguments, "-q"]) == change[1]
    assert not core.exists()
    assert "not proved" in capsys.readouterr().err


@pytest.mark.usefixtures("project")
def test_a_comparison_of_seeds_is_red_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["verify", "-q", "--seeds", "2"]) == 0
    monkeypatch.setattr("quiesce.prove.stability.verify", lambda *arguments: removed(verify(*arguments)))
    assert main(["verify", "-q", "--seeds", "2"]) == 4


def test_a_complete_report_is_left_as_it_is(project: Path) -> None:
    report = verify(read_file(project / SERVICE))
    assert completed(report) is report
    assert completed(replace(report, results=tuple(reversed(report.results)))) == report
    mended = completed(removed(report))
    assert completed(mended) is mended
    assert mended != report


# --- processes ---------------------------------------------------------------------------------------------------


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module of faults, under a name by which workers find it too."""
    monkeypatch.syspath_prepend(FAULTS)
    return import_module("prover_faults")


@pytest.mark.slow
@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("fault", "told"),
    by_day(
        [
            ("hangs", "no answer came within 1 seconds"),
            ("exits", "the worker ended with exit code 3"),
            ("raises", "ValueError: broken down"),
            ("answers too little", "0 answers came back"),
        ],
        4,
    ),
)
def test_a_lost_process_is_undecided(
    faults: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], fault: str, told: str
) -> None:
    monkeypatch.setattr(parallel, "answer", partial(faults.suffer, fault, "/last_stop/"))
    limit = ["--timeout", "1"] if fault == "hangs" else []
    assert main(["verify", "-q", "--jobs", "2", *limit]) == 3
    output = capsys.readouterr().out
    assert NAME in output
    assert f"  {told}" in output
    assert main(["build", "-q", "--jobs", "2", *limit]) == 3


@pytest.mark.usefixtures("project")
def test_processes_that_do_not_suffer_prove_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--no-cache", "--json", "-"]) == 0
    alone = json.loads(capsys.readouterr().out)
    assert main(["verify", "--no-cache", "--json", "-", "--jobs", "2", "--timeout", "100"]) == 0
    together = json.loads(capsys.readouterr().out)
    for entry in (*alone["obligations"], *together["obligations"]):
        del entry["rlimit"]
    assert together == alone


INTERRUPTED = """
import sys
from functools import partial
sys.path.insert(0, sys.argv[1])
import prover_faults
from quiesce.cli import main
from quiesce.prove.solving import parallel

parallel.answer = partial(prover_faults.report_and_hang, int(sys.argv[2]))
sys.exit(main(["verify", "--jobs", "2"]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one process alone there")
@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_leaves_no_process_behind(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(120)
        command = [sys.executable, "-c", INTERRUPTED, str(FAULTS), str(listener.getsockname()[1])]
        running = subprocess.Popen(command, cwd=project, stderr=subprocess.PIPE, encoding="utf-8")
        workers = [listener.accept()[0] for _ in range(2)]
        for worker in workers:
            worker.settimeout(120)
            assert worker.recv(4) == b"here"
        running.send_signal(signal.SIGINT)
        _, error = running.communicate(timeout=120)
        assert running.returncode in (130, -signal.SIGINT)
        assert error.splitlines()[-1].startswith("interrupted")
        for worker in workers:
            with worker, suppress(ConnectionResetError):
                assert worker.recv(1) == b""


# --- budgets and contradictions ----------------------------------------------------------------------------------


@pytest.mark.usefixtures("project")
def test_a_spent_budget_names_the_condition_the_budget_and_what_to_try(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "-q", "--budget", "1"]) == 3
    lines = capsys.readouterr().out.splitlines()
    place = next(number for number, line in enumerate(lines) if line.endswith("unknown: total/stop/covered"))
    assert "its budget of 1 on this condition: raise --budget, or add a promise" in lines[place + 1]


WAKING = '''
    @call("wake")
    def wake(self) -> None:
        """Somebody has to use it."""
        when(self.refs > 0)
        assume(self.refs == 1, "nobody else uses it")

    @call("wake", fails="ASLEEP")
    def wake_nobody(self) -> None:
        """There is nobody."""
        when(self.refs == 0)
'''


def add(project: Path, text: str) -> None:
    spec = project / SERVICE
    before = spec.read_text(encoding="utf-8")
    imported = before.replace("always, call", "always, assume, call")
    assert imported != before
    spec.write_text(imported + text, encoding="utf-8")


def test_an_assumption_that_can_be_met_is_fine(project: Path) -> None:
    add(project, WAKING)
    assert main(["verify", "-q"]) == 0


def test_a_contradictory_assumption_is_a_fault_of_the_spec_and_no_proof(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(project, WAKING.replace("self.refs == 1", "self.refs == 0"))
    assert main(["verify", "-q"]) == 2
    output = capsys.readouterr().out
    assert "contradicts the guard and the promises" in output
    assert "proved: all" not in output
    assert main(["build", "-q"]) == 2
    assert not (project / "generated").exists()


# --- engines that break down -------------------------------------------------------------------------------------


def broken_down(*_: object, **__: object) -> NoReturn:
    raise Defect("as if it could not be")


def break_promise(project: Path) -> None:
    spec = project / SERVICE
    text = spec.read_text(encoding="utf-8")
    spec.write_text(text.replace("self.refs += 1", "self.refs -= 1"), encoding="utf-8")


def errors_of(text: str) -> list[dict[str, str]]:
    return [entry for entry in json.loads(text)["obligations"] if entry["verdict"] == "error"]


def test_a_search_that_breaks_down_is_an_error_of_its_obligation(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    break_promise(project)
    assert main(["verify", "-q", "--no-cache"]) == 1
    capsys.readouterr()
    monkeypatch.setattr(BoundedSearch, "shortest", broken_down)
    assert main(["verify", "--json", "-", "--no-cache"]) == 4
    output = capsys.readouterr().out
    assert errors_of(output)
    assert all("Defect: as if it could not be (test_red_runs.py:" in entry["detail"] for entry in errors_of(output))
    assert json.loads(output)["counts"]["proved"] > 0


def test_strengthening_that_breaks_down_is_an_error_of_what_it_was_for(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    break_promise(project)
    monkeypatch.setattr("quiesce.prove.strengthen.strengthened", broken_down)
    assert main(["verify", "--json", "-"]) == 4
    output = capsys.readouterr().out
    assert errors_of(output)
    assert all("Defect: as if it could not be (test_red_runs.py:" in entry["detail"] for entry in errors_of(output))
    assert json.loads(output)["counts"]["proved"] > 0
    assert main(["verify"]) == 4
    assert "a defect of quiesce, not of the spec: Defect" in capsys.readouterr().out


@pytest.mark.usefixtures("project")
def test_strengthening_that_is_not_needed_may_be_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quiesce.prove.strengthen.strengthened", broken_down)
    assert main(["verify", "-q"]) == 0


def test_an_audit_that_breaks_down_is_no_fault_of_the_spec(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    add(project, WAKING)
    monkeypatch.setattr(Audit, "result", broken_down)
    assert main(["verify", "-q"]) == 4
    assert "Defect: as if it could not be" in capsys.readouterr().out
