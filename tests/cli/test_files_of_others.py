"""A file that somebody else has put into a generated folder stays as it is, whatever kind of file it is."""

import errno
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from quiesce.cli import main
from quiesce.generate.files import manifest
from quiesce.generate.files.header import digest

PACKAGE = Path("generated/service_provider")
SPEC = Path("model/service.py")
as_on_posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")


def change_code() -> None:
    """A change that makes another core."""
    text = SPEC.read_text(encoding="utf-8")
    SPEC.write_text(text.replace("when(self.refs > 1)", "when(self.refs >= 2)"), encoding="utf-8", newline="\n")


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.mark.parametrize("force", [[], ["--force"]], ids=["", "forced"])
def test_a_file_where_a_folder_of_pages_should_be_is_foreign(
    project: Path, capsys: pytest.CaptureFixture[str], force: list[str]
) -> None:
    tests = project / PACKAGE / "tests"
    tests.parent.mkdir(parents=True)
    tests.write_bytes(b"mine")
    assert main(["build", "-q", *force]) == (2 if force else 1)
    said = capsys.readouterr().err
    assert ("move it away" in said, "generated/service_provider/tests" in said) == (True, True)
    assert tests.read_bytes() == b"mine"
    assert [path.name for path in tests.parent.iterdir()] == ["tests"]
    assert not (project / "proofs").exists()


def test_it_is_foreign_for_a_check_as_well(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tests = built / PACKAGE / "tests"
    for page in tests.iterdir():
        page.unlink()
    tests.rmdir()
    tests.write_bytes(b"mine")
    assert main(["build", "--check", "-q"]) == 1
    assert "generated/service_provider/tests: foreign" in capsys.readouterr().err.splitlines()


def test_empty_folders_stay_and_nobody_may_do_more_with_a_file_than_before(built: Path) -> None:
    package = built / PACKAGE
    (package / "empty").mkdir()
    private = {package: 0o700, package / "empty": 0o700, package / "tests": 0o750, package / "core.py": 0o600}
    for path, mode in private.items():
        path.chmod(mode)
    modes = {path: mode_of(path) for path in private}
    before = (package / "core.py").read_bytes()
    change_code()
    assert main(["build", "-q"]) == 0
    assert (package / "core.py").read_bytes() != before
    assert {path: mode_of(path) for path in private} == modes


def test_a_folder_that_cannot_be_listed_keeps_its_files(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = built / PACKAGE / "private/mine.txt"
    mine.parent.mkdir()
    mine.write_bytes(b"mine")

    def closed(function: Any) -> Any:
        def refusing(path: Any = ".", *given: Any, **named: Any) -> Any:
            if str(path).endswith("private"):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
            return function(path, *given, **named)

        return refusing

    with monkeypatch.context() as patch:
        for name in ("scandir", "listdir"):
            patch.setattr(os, name, closed(getattr(os, name)))
        change_code()
        assert main(["build", "-q"]) == 0
    assert mine.read_bytes() == b"mine"


@as_on_posix
def test_pipes_links_and_hard_links_stay_what_they_are(built: Path) -> None:
    package = built / PACKAGE
    os.mkfifo(package / "pipe")
    (package / "link").symlink_to("nowhere")
    (package / "mine.txt").write_bytes(b"mine")
    os.link(package / "mine.txt", built / "other.txt")
    change_code()
    assert main(["build", "-q"]) == 0
    assert stat.S_ISFIFO((package / "pipe").lstat().st_mode)
    assert os.readlink(package / "link") == "nowhere"
    assert (package / "mine.txt").stat().st_nlink == 2


@as_on_posix
@pytest.mark.parametrize("kind", ["pipe", "link to a file", "link to nothing", "link to itself", "folder"])
@pytest.mark.parametrize("force", [[], ["--force"]], ids=["", "forced"])
def test_what_is_no_file_is_never_replaced_by_a_page(
    built: Path, capsys: pytest.CaptureFixture[str], kind: str, force: list[str]
) -> None:
    core = built / PACKAGE / "core.py"
    core.unlink()
    (built / "mine.txt").write_bytes(b"mine")
    match kind:
        case "pipe":
            os.mkfifo(core)
        case "folder":
            core.mkdir()
        case _:
            leads = {"a file": built / "mine.txt", "nothing": Path("nowhere"), "itself": Path("core.py")}
            core.symlink_to(leads[kind.removeprefix("link to ")])
    before = core.lstat()
    assert main(["build", "-q", *force]) == (2 if force else 1)
    assert "generated/service_provider/core.py" in capsys.readouterr().err
    assert (core.lstat().st_ino, core.lstat().st_mode) == (before.st_ino, before.st_mode)
    assert (built / "mine.txt").read_bytes() == b"mine"
    assert not (built / PACKAGE / "nowhere").exists()


@as_on_posix
@pytest.mark.parametrize("folder", ["generated", "generated/service_provider", "proofs/service"])
def test_a_link_out_of_the_project_is_not_written_through(
    built: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str], folder: str
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (built / folder).rename(built / "away")
    (built / folder).symlink_to(outside)
    assert main(["build", "-q", "--no-cache"]) == 2
    assert "leads out of the project" in capsys.readouterr().err
    assert list(outside.iterdir()) == []


def test_a_manifest_that_names_a_file_elsewhere_has_nothing_removed(built: Path) -> None:
    mine = built / "mine.txt"
    mine.write_bytes(b"mine")
    place = built / PACKAGE / manifest.NAME
    for name in (str(mine), "../../mine.txt"):
        known = manifest.from_json(place.read_text(encoding="utf-8"))
        assert known is not None
        forged = manifest.Manifest(known.source, {**known.files, name: digest("mine")})
        place.write_bytes(manifest.to_json(forged).encode())
        assert main(["build", "-q"]) == 0
        assert mine.read_bytes() == b"mine"


def test_what_python_has_compiled_of_a_page_goes_with_it(built: Path) -> None:
    """It is told from what is up to date by whole seconds, and could be run in place of a page of the same length."""
    compiled = built / PACKAGE / "__pycache__"
    compiled.mkdir()
    for name in ("core.cpython-311.pyc", "hooks.cpython-311.pyc"):
        (compiled / name).write_bytes(b"")
    change_code()
    assert main(["build", "-q"]) == 0
    assert [path.name for path in compiled.iterdir()] == ["hooks.cpython-311.pyc"]
