"""What lies beside a spec and cannot be read is no trouble for a spec that does not use it."""

import os
from pathlib import Path
from typing import Any

import pytest
from quiesce.cli import main
from quiesce.console.builds import stamps
from quiesce.spec import files

pytestmark = pytest.mark.slow


def is_built_once(capsys: pytest.CaptureFixture[str]) -> bool:
    """Whether a build builds, and the next one has nothing to do."""
    assert main(["build"]) == 0
    assert main(["build"]) == 0
    return capsys.readouterr().out.endswith("\nmodel/service.py: up to date\n")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
def test_what_is_no_file(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    beside = built / "model"
    (beside / ".#service.py").symlink_to("somebody@host.4711:1234567890")  # as an editor locks a file
    (beside / "loop.py").symlink_to("loop.py")
    os.mkfifo(beside / "pipe.py")
    (beside / "folder.py").mkdir()
    assert is_built_once(capsys)


def test_a_file_that_may_not_be_read(
    built: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    beside = built / "model/other.py"
    beside.write_text("other = 1\n", encoding="utf-8")
    read = files.read_bytes

    def refusing(path: Path, longest: int | None = None) -> bytes:
        if path.name == beside.name:
            raise PermissionError(13, "Permission denied", str(path))
        return read(path, longest)

    with monkeypatch.context() as patch:
        patch.setattr(stamps, "read_bytes", refusing)
        assert is_built_once(capsys)
    assert main(["build"]) == 0  # now it can be read, and might matter
    assert "every file was up to date" in capsys.readouterr().out


def test_a_neighbour_that_a_spec_uses_and_that_cannot_even_be_looked_at_is_told(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = project / "model/service.py"
    spec.write_text(f"from other import Other\n{spec.read_text(encoding='utf-8')}", encoding="utf-8")
    looking = os.stat

    def refusing(path: Any, *given: Any, **named: Any) -> os.stat_result:
        if str(path).endswith("other.py"):
            raise PermissionError(13, "Permission denied", str(path))
        return looking(path, *given, **named)

    monkeypatch.setattr(os, "stat", refusing)
    assert main(["check"]) == 2
    said = capsys.readouterr().err
    assert ("model/other.py" in said, "no permission to read the file" in said) == (True, True)


def test_a_spec_elsewhere_is_refused_and_nothing_is_written(
    project: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "spec.py"
    elsewhere.write_bytes((project / "model/service.py").read_bytes())
    for command in ("build", "generate"):
        assert main([command, str(elsewhere)]) == 2
        assert "has to lie inside the project" in capsys.readouterr().err
    assert not (project / "generated").exists()
    assert main(["check", str(elsewhere)]) == 0
