"""`quiesce verify --seeds N`: green only if everything is proved with every seed; what wavers is told by name."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from quiesce.cli import main
from quiesce.prove import stability
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.prove.results import Report, Verdict
from quiesce.spec.model import Machine

pytestmark = pytest.mark.slow

SERVICE = "model/service.py"
KEPT = "step/last_stop/counted_only_while_up"


def lucky(verdicts: Sequence[Verdict], costs: Sequence[int]) -> Callable[[Machine, Effort], Report]:
    """A prover whose answer on one obligation depends on the seed."""

    def prove(machine: Machine, options: Effort) -> Report:
        report = verify(machine, options)
        results = tuple(
            replace(r, verdict=verdicts[options.seed], rlimit=costs[options.seed]) if r.obligation.id == KEPT else r
            for r in report.results
        )
        assert results != report.results
        return replace(report, results=results)

    return prove


def test_equal_verdicts_and_costs_are_green(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--seeds", "3"]) == 0
    output = capsys.readouterr().out
    assert f"proved: all {_due(project)} obligations" in output
    assert "Service with 3 seeds\n  verdicts         the same with every seed\n" in output
    assert "\nnot brittle: " in output


def _due(project: Path) -> int:
    file = project / "report.json"
    assert main(["verify", "-q", "--json", str(file)]) == 0
    return len(json.loads(file.read_text(encoding="utf-8"))["obligations"])


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("verdict", "code", "told"),
    [
        (Verdict.UNKNOWN, 3, "unknown with seed 1"),
        (Verdict.REFUTED, 4, "proved with seed 0, refuted with seed 1: one of both is wrong"),
        (Verdict.VACUOUS, 4, "vacuous with seed 1"),
        (Verdict.ERROR, 4, "error with seed 1"),
    ],
)
def test_a_verdict_that_depends_on_the_seed_is_red(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    verdict: Verdict,
    code: int,
    told: str,
) -> None:
    monkeypatch.setattr(stability, "verify", lucky([Verdict.PROVED, verdict, Verdict.PROVED], [700, 900, 800]))
    assert main(["verify", "-q", "--seeds", "3", SERVICE]) == code
    output = capsys.readouterr().out
    assert "1 depend on the seed" in output
    assert f"brittle: {KEPT}\n  proved with seeds 0, 2\n  {verdict.value} with seed 1\n" in output
    assert "  700 to 900, median 800, spread 25.0%\n" in output
    assert told in output


def test_a_spec_that_is_refuted_with_every_seed_is_refuted(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = project / SERVICE
    text = spec.read_text(encoding="utf-8")
    assert text.count("        when(self.refs == 1)\n") == 1
    spec.write_text(text.replace("        when(self.refs == 1)\n", "        when(self.refs <= 1)\n"), encoding="utf-8")
    assert main(["verify", "--seeds", "2"]) == 1
    assert "the same with every seed" in capsys.readouterr().out


@pytest.mark.usefixtures("project")
def test_costs_far_apart_are_told_but_not_red(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(stability, "verify", lucky([Verdict.PROVED] * 2, [10_000, 90_000]))
    assert main(["verify", "-q", "--seeds", "2"]) == 0
    output = capsys.readouterr().out
    assert f"brittle: {KEPT}\n  10,000 to 90,000, median 10,000, spread 800.0%\n" in output
    assert "\nbrittle: 1 of " in output


@pytest.mark.usefixtures("project")
def test_nothing_to_tell_is_not_told_when_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "-q", "--seeds", "2"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("project")
def test_budget_and_depth_are_those_of_every_run(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Effort] = []

    def noted(machine: Machine, options: Effort) -> Report:
        given.append(options)
        return verify(machine, options)

    monkeypatch.setattr(stability, "verify", noted)
    assert main(["verify", "-q", "--seeds", "2", "--budget", "1", "--depth", "3"]) == 3
    assert given == [Effort(budget=1, depth=3, seed=0), Effort(budget=1, depth=3, seed=1)]


def test_json_has_them_under_a_key_of_its_own(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "--json", "-"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert main(["verify", "--seeds", "2", "--json", "-"]) == 0
    seeded = json.loads(capsys.readouterr().out)
    assert list(seeded) == [*plain, "stability"]
    assert {key: value for key, value in seeded.items() if key != "stability"} == plain
    assert seeded["stability"]["seeds"] == [0, 1]
    assert seeded["stability"]["same_verdicts"] is True
    assert [entry["id"] for entry in seeded["stability"]["obligations"]] == [e["id"] for e in plain["obligations"]]
    assert all(entry["verdicts"] == {"proved": [0, 1]} for entry in seeded["stability"]["obligations"])

    monkeypatch.setattr(stability, "verify", lucky([Verdict.PROVED, Verdict.UNKNOWN], [10_000, 90_000]))
    file = project / "report.json"
    assert main(["verify", "-q", "--seeds", "2", "--json", str(file)]) == 3
    wavering = json.loads(file.read_text(encoding="utf-8"))
    assert wavering["verdict"] == "unknown"
    assert wavering["stability"]["same_verdicts"] is False
    assert wavering["stability"]["brittle"] == [KEPT]
    [entry] = [entry for entry in wavering["stability"]["obligations"] if entry["brittle"]]
    assert entry["verdicts"] == {"proved": [0], "unknown": [1]}
    assert entry["rlimit"] == {"min": 10_000, "median": 10_000, "max": 90_000}


@pytest.mark.usefixtures("project")
def test_one_seed_is_no_comparison(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--seeds", "1"]) == 2
    assert "give it 2 or more" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        main(["verify", "--seeds", "0"])
    assert ended.value.code == 2
