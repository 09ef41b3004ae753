"""Files that are not as a build would leave them: each kind is told by its name, and none is lost unasked."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
from quiesce.certify.proposal import in_lines
from quiesce.cli import main
from quiesce.generate.files import manifest
from quiesce.generate.files.header import digest, stamped

from tests.by_day import by_day

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("equal_packages_are_tried_once")]

PACKAGE = Path("generated/service_provider")
OLD_PAGE = PurePosixPath("old.py")


def files(folder: Path) -> dict[str, bytes]:
    """All but what is kept to save time: compiled modules, and proofs that were found."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not {"__pycache__", "cache"}.intersection(path.parts)
    }


def make_missing(path: Path) -> None:
    path.unlink()


def make_edited(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8") + "\n# a note\n", encoding="utf-8", newline="\n")


def make_foreign(path: Path) -> None:
    path.write_text("mine\n", encoding="utf-8")


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def make_stale(path: Path) -> None:
    """A page of an earlier generation, and a manifest that knows it."""
    write_page(path, "# of an earlier version\n")


def write_page(path: Path, body: str) -> None:
    """A page, and its entry in the manifest beside it."""
    place = path.with_name(manifest.NAME)
    found = manifest.from_json(place.read_text(encoding="utf-8"))
    assert found is not None
    text = stamped(PurePosixPath(path.name), body, PurePosixPath(found.source))
    path.write_text(text, encoding="utf-8", newline="\n")
    older = replace(found, files={**found.files, path.name: digest(text)})
    place.write_text(manifest.to_json(older), encoding="utf-8", newline="\n")


def add_old_page(package: Path) -> Path:
    """A file that an earlier generation wrote, and that its manifest still names."""
    write_page(package / OLD_PAGE, "pass\n")
    return package / OLD_PAGE


def complaints(capsys: pytest.CaptureFixture[str]) -> set[str]:
    lines = capsys.readouterr().err.splitlines()
    return {line for line in lines if line.startswith(("generated/", "proofs/"))}


@pytest.mark.parametrize("file", by_day(["generated/service_provider/core.py", "proofs/service/README.md"], 2))
@pytest.mark.parametrize(
    ("status", "change"),
    [
        ("missing", make_missing),
        ("stale", make_stale),
        ("hand-edited", make_edited),
        ("foreign", make_foreign),
        ("foreign", make_folder),
    ],
)
def test_check_tells_what_is_wrong_and_touches_nothing(
    built: Path, capsys: pytest.CaptureFixture[str], file: str, status: str, change: Callable[[Path], None]
) -> None:
    change(built / file)
    before = files(built)
    assert main(["build", "--check"]) == 1
    stale = {f"{PurePosixPath(file).with_name(manifest.NAME)}: stale"} if status == "stale" else set()
    assert complaints(capsys) == {f"{file}: {status}", *stale}
    assert files(built) == before


def test_what_is_written_does_not_depend_on_what_was_there(built: Path) -> None:
    as_built = files(built / "proofs")
    shutil.rmtree(built / "proofs")
    assert main(["build", "-q"]) == 0
    assert files(built / "proofs") == as_built


def test_other_hints_are_noticed_even_if_all_digests_fit(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Hints that prove as much are not those that a build would find; and hints that prove less are refused, too."""
    as_built = files(built)
    place = built / "proofs/service/hints.json"
    hints = json.loads(place.read_text(encoding="utf-8"))
    hints["witnesses"].pop(0)
    other = in_lines(hints)
    place.write_text(other, encoding="utf-8", newline="\n")
    file = place.with_name(manifest.NAME)
    found = manifest.from_json(file.read_text(encoding="utf-8"))
    assert found is not None
    fitting = replace(found, files={**found.files, "hints.json": digest(other)})
    file.write_text(manifest.to_json(fitting), encoding="utf-8", newline="\n")
    assert main(["build", "--check"]) == 1
    assert complaints(capsys) == {f"proofs/service/{name}: stale" for name in ("hints.json", manifest.NAME)}
    assert main(["recheck"]) == 1
    assert main(["generate", "-q"]) == 0
    assert files(built) == as_built


@pytest.mark.parametrize("change", by_day([make_missing, make_stale], 2))
def test_what_nobody_touched_is_written_anew(built: Path, change: Callable[[Path], None]) -> None:
    as_built = files(built)
    change(built / PACKAGE / "core.py")
    assert files(built) != as_built
    assert main(["build", "-q"]) == 0
    assert files(built) == as_built


@pytest.mark.nightly
@pytest.mark.parametrize("change", by_day([make_edited, make_foreign], 2))
def test_what_somebody_wrote_is_kept_until_forced(built: Path, change: Callable[[Path], None]) -> None:
    as_built = files(built)
    change(built / PACKAGE / "core.py")
    changed = files(built)
    assert main(["build", "-q"]) == 1
    assert files(built) == changed
    assert main(["build", "-q", "--force"]) == 0
    assert files(built) == as_built


def test_an_orphan_is_told_and_removed(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    as_built = files(built)
    add_old_page(built / PACKAGE)
    assert main(["build", "--check"]) == 1
    assert f"{(PACKAGE / OLD_PAGE).as_posix()}: orphan" in complaints(capsys)
    assert main(["build"]) == 0
    assert f"  removed  {(PACKAGE / OLD_PAGE).as_posix()}" in capsys.readouterr().out.splitlines()
    assert files(built) == as_built


def test_an_orphan_that_somebody_changed_is_kept(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = add_old_page(built / PACKAGE)
    make_edited(old)
    text = old.read_bytes()
    assert main(["build", "--check"]) == 1
    assert f"{(PACKAGE / OLD_PAGE).as_posix()}: hand-edited orphan" in complaints(capsys)
    assert main(["build", "-q"]) == 0
    assert old.read_bytes() == text


@pytest.mark.nightly
def test_files_beside_the_generated_ones_are_nobodys_business(built: Path) -> None:
    own = built / PACKAGE / "notes.txt"
    own.write_text("mine\n", encoding="utf-8")
    assert main(["build", "--check", "-q"]) == 0
    (built / PACKAGE / "core.py").unlink()
    assert main(["build", "-q"]) == 0
    assert own.read_text(encoding="utf-8") == "mine\n"


def test_a_note_of_an_earlier_build_is_no_evidence(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notes = list((built / ".quiesce").glob("*.json"))
    assert notes
    for note in notes:
        note.write_text("{", encoding="utf-8")
    assert main(["build"]) == 0
    assert "every file was up to date" in capsys.readouterr().out


def test_check_does_not_trust_the_note(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quiesce.console.builds.stamps.is_current", lambda *_: True)
    make_edited(built / PACKAGE / "core.py")
    assert main(["build", "-q"]) == 0
    assert main(["build", "-q", "--check"]) == 1


@pytest.mark.parametrize("place", ["generated", "generated/service_provider"])
def test_a_file_in_the_way_of_a_folder_is_a_usage_error(
    project: Path, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    (project / place).parent.mkdir(exist_ok=True)
    (project / place).write_text("mine\n", encoding="utf-8")
    before = files(project)
    assert main(["build"]) == 2
    error = capsys.readouterr().err
    assert "cannot write" in error
    assert "Traceback" not in error
    assert {name: text for name, text in files(project).items() if not name.startswith(".quiesce/")} == before


def test_of_two_specs_the_proved_one_is_built(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (project / "model/service.py").read_text(encoding="utf-8")
    (project / "model/broken.py").write_text(text.replace("self.refs += 1", "self.refs -= 1"), encoding="utf-8")
    with (project / "pyproject.toml").open("a", encoding="utf-8") as table:
        table.write('[[tool.quiesce.specs]]\nspec = "model/broken.py"\n')
    assert main(["build", "-q"]) == 1
    assert "model/broken.py: not proved, so nothing is generated from it" in capsys.readouterr().err
    assert [path.name for path in (project / "generated").iterdir()] == ["service_provider"]
    assert [path.name for path in (project / "proofs").iterdir()] == ["service"]
    assert main(["build"]) == 1
    assert capsys.readouterr().out.startswith("model/service.py: up to date\n")


def test_an_undecided_spec_writes_nothing(project: Path) -> None:
    before = files(project)
    assert main(["build", "-q", "--budget", "1"]) == 3
    assert files(project) == before


def test_line_ends_of_a_checkout_are_no_edit_and_an_edit_is_still_found(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("generated", "proofs", "model"):
        for path in (path for path in (built / folder).rglob("*") if path.is_file() and path.suffix != ".pyc"):
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert main(["build", "--check", "-q"]) == 0
    for file in ("generated/service_provider/core.py", "proofs/service/hints.json"):
        text = (built / file).read_bytes()
        (built / file).write_bytes(text + b"# mine\r\n")
        capsys.readouterr()
        assert main(["build", "--check", "-q"]) == 1
        assert complaints(capsys) == {f"{file}: hand-edited"}
        (built / file).write_bytes(text)
