"""Proof cores are written on demand, in full."""

from pathlib import Path

import pytest
from quiesce.cli import main

pytestmark = pytest.mark.slow


def test_cores_are_written_besides_the_report(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--cores", "cores.md"]) == 0
    assert "proved: all" in capsys.readouterr().out
    text = (project / "cores.md").read_text(encoding="utf-8")
    assert text.startswith("# Service: proof cores\n")
    assert "## What each promise rests on" in text


def test_cores_alone_go_to_standard_output(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert project
    assert main(["verify", "--cores", "-"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("# Service: proof cores\n")
    assert "proved: all" not in said


def test_what_is_not_proved_has_no_cores(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = project / "model/service.py"
    spec.write_text(spec.read_text(encoding="utf-8").replace("self.refs += 1", "self.refs -= 1"), encoding="utf-8")
    for output in ("cores.md", "-"):
        assert main(["verify", "--cores", output]) == 1
        said = capsys.readouterr().out
        assert "refuted" in said
        assert "proof cores" not in said
    assert not (project / "cores.md").exists()


def test_two_things_cannot_go_to_standard_output(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert project
    assert main(["verify", "--cores", "-", "--json", "-"]) == 2
    assert "cannot both go to standard output" in capsys.readouterr().err
