"""The line ends of a checkout are nobody's edit, and hide none."""

import shutil
import subprocess
from pathlib import Path

import pytest
from quiesce.cli import main

from tests.by_day import by_day

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("equal_packages_are_tried_once")]

CORE = Path("generated/service_provider/core.py")


def git(*arguments: object, cwd: Path) -> None:
    author = ("-c", "user.name=somebody", "-c", "user.email=somebody@localhost")
    subprocess.run(["git", *author, *map(str, arguments)], cwd=cwd, capture_output=True, check=True)  # noqa: S607


@pytest.fixture
def checkout(built: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: a fresh clone of a built project in which every line of a text ends with CR and LF."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    (built / ".gitignore").write_text(".quiesce/\n__pycache__/\n", encoding="utf-8")
    git("init", "-q", cwd=built)
    git("add", "-A", cwd=built)
    git("commit", "-q", "-m", "as built", cwd=built)
    clone = built.with_name("clone")
    git("clone", "-q", "-c", "core.autocrlf=true", built, clone, cwd=built)
    assert (clone / CORE).read_bytes().count(b"\r\n") > 50
    assert not (clone / ".quiesce").exists()
    monkeypatch.chdir(clone)
    return clone


def edit(path: Path, before: bytes, after: bytes) -> None:
    text = path.read_bytes()
    assert text.count(before) == 1
    path.write_bytes(text.replace(before, after))


def test_a_clean_checkout_is_green(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.read_bytes() for path in checkout.rglob("*.*") if path.is_file()}
    assert main(["build", "--check"]) == 0, capsys.readouterr().err
    assert main(["recheck", "-q"]) == 0
    assert main(["build"]) == 0
    assert "every file was up to date" in capsys.readouterr().out
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("file", "before", "after"),
    by_day(
        [
            (CORE, b"self.refs += 1", b"self.refs += 2"),
            (Path("generated/service_provider/MANIFEST.json"), b"by quiesce; do", b"by quiesce; do "),
            (Path("proofs/service/hints.json"), b'"schema": ', b'"schema":  '),
        ],
        3,
    ),
)
def test_a_hand_edit_in_such_a_checkout_is_found(
    checkout: Path, capsys: pytest.CaptureFixture[str], file: Path, before: bytes, after: bytes
) -> None:
    edit(checkout / file, before, after)
    edited = (checkout / file).read_bytes()
    assert main(["build", "--check"]) == 1
    assert f"{file.as_posix()}: hand-edited" in capsys.readouterr().err
    assert main(["build", "-q"]) == 1
    assert (checkout / file).read_bytes() == edited
    assert main(["build", "-q", "--force"]) == 0
    assert main(["build", "-q", "--check"]) == 0


def test_a_carriage_return_inside_a_line_is_a_hand_edit(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(checkout / CORE, b"self.refs += 1", b"self.refs \r+= 1")
    assert main(["build", "--check"]) == 1
    assert f"{CORE.as_posix()}: hand-edited" in capsys.readouterr().err


@pytest.mark.nightly
def test_what_a_changed_spec_gives_is_stale_in_such_a_checkout(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(checkout / "model/service.py", b"Others still use the service.", b"Somebody else uses the service.")
    assert main(["build", "--check"]) == 1
    assert f"{CORE.as_posix()}: stale" in capsys.readouterr().err
    assert main(["build", "-q"]) == 0
    assert main(["build", "-q", "--check"]) == 0
