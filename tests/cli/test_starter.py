"""Whatever file `quiesce new` is asked for: it writes a spec that can be read and proved, or says why it does not."""

import keyword
from pathlib import Path, PurePosixPath

import pytest
from quiesce import spec
from quiesce.cli import main
from quiesce.console.naming import why_not_importable
from quiesce.console.starter import starter
from quiesce.spec.reader import read_text

STEMS = sorted(
    {
        *(name.lower() for name in (*dir(spec), *keyword.kwlist)),
        *("phase", "service", "first_start", "machine", "enum", "x", "größe", "ﬁ", "_", "1st", "a_b", "none_", "self"),
    }
)


def test_every_name_that_is_accepted_makes_a_spec_that_can_be_read() -> None:
    accepted = [stem for stem in STEMS if why_not_importable(stem) is None]
    assert len(accepted) > 30
    names = {stem: read_text(starter(stem), PurePosixPath(f"{stem}.py")).name for stem in accepted}
    assert (names["first_start"], names["phase"], names["größe"]) == ("FirstStart", "Service", "Service")


@pytest.mark.parametrize("name", [".", "..", "/", "", "./", "./.."])
def test_a_folder_is_no_file_to_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new", name]) == 2
    assert "this is a folder; name a file in it, such as " in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["enum.py", "model/socket.py", "quiesce.py", "class.py"])
def test_a_module_that_python_needs_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new", name]) == 2
    assert "choose another name" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
