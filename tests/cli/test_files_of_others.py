"""A file that somebody else has put into a generated folder stays as it is, whatever kind of file it is."""

import errno
import os
import stat
import time
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest
from quiesce.cli import main
from quiesce.generate.files import lock
from quiesce.generate.files.lock import acquire

pytestmark = pytest.mark.slow

PACKAGE = Path("generated/service_provider")
SPEC = Path("model/service.py")


def change_code() -> None:
    """A change that makes another core."""
    text = SPEC.read_text(encoding="utf-8")
    SPEC.write_text(text.replace("when(self.refs > 1)", "when(self.refs >= 2)"), encoding="utf-8", newline="\n")


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_a_file_where_a_folder_of_pages_should_be_is_foreign(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tests = built / PACKAGE / "tests"
    rmtree(tests)
    tests.write_bytes(b"mine")
    for force, code in (([], 1), (["--force"], 2)):
        assert main(["build", "-q", *force]) == code
        said = capsys.readouterr().err
        assert ("move it away" in said, "generated/service_provider/tests" in said) == (True, True)
        assert tests.read_bytes() == b"mine"


def closed(function: Any) -> Any:
    def refusing(path: Any = ".", *given: Any, **named: Any) -> Any:
        if str(path).endswith("private"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return function(path, *given, **named)

    return refusing


def test_nothing_but_pages_is_touched_and_nobody_may_do_more_with_these_than_before(
    built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, posix = built / PACKAGE, os.name != "nt"
    (package / "empty").mkdir()
    (package / "private").mkdir()
    (package / "private/mine.txt").write_bytes(b"mine")
    os.link(package / "private/mine.txt", package / "hard.txt")
    private = {package: 0o700, package / "empty": 0o700, package / "tests": 0o750, package / "core.py": 0o600}
    for path, mode in private.items():
        path.chmod(mode)
    if posix:
        os.mkfifo(package / "pipe")
        (package / "link").symlink_to("nowhere")
    modes = {path: mode_of(path) for path in private}
    before = (package / "core.py").read_bytes()
    change_code()
    with monkeypatch.context() as patch:
        for name in ("scandir", "listdir"):
            patch.setattr(os, name, closed(getattr(os, name)))
        assert main(["build", "-q"]) == 0
    assert (package / "core.py").read_bytes() != before
    assert {path: mode_of(path) for path in private} == modes
    assert (package / "private/mine.txt").read_bytes() == b"mine"
    assert (package / "hard.txt").stat().st_nlink == 2
    assert not posix or stat.S_ISFIFO((package / "pipe").lstat().st_mode)
    assert not posix or os.readlink(package / "link") == "nowhere"


def test_a_build_that_may_not_write_says_who_does(
    built: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    notes = built / ".quiesce/writing/service"
    held = acquire(notes / "lock", 0, lambda _: None)
    monkeypatch.setattr(lock, "_BETWEEN", 0)
    monkeypatch.setattr(time, "monotonic", iter(range(1_000_000)).__next__)
    before = (built / PACKAGE / "core.py").read_bytes()
    change_code()
    assert main(["build", "-q"]) == 2
    os.close(held)
    said = capsys.readouterr().err
    assert f"model/service.py: nothing was written: process {os.getpid()} on " in said
    assert str(notes / "lock") in said
    assert (built / PACKAGE / "core.py").read_bytes() == before
