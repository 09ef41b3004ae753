"""Writing replaces all files of a package or none, and never what somebody else wrote."""

from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

import pytest
from quiesce.generate.files.compare import Status, compare
from quiesce.generate.files.write import WouldOverwrite

from tests.generate.earlier import earlier
from tests.generate.writing import write

Pages = Mapping[PurePosixPath, str]
PACKAGE = "gate_provider"
CORE = PurePosixPath(PACKAGE, "core.py")


@pytest.fixture
def pages(pages_of: Callable[[str], Pages]) -> Pages:
    return pages_of("gate")


@pytest.fixture
def older(pages: Pages) -> Pages:
    """The same package as an earlier generation wrote it."""
    return earlier(pages, CORE, "# as it once was\n")


def contents(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes().decode() for path in files}


def as_files(pages: Pages) -> dict[str, str]:
    return {str(path): text for path, text in pages.items()}


def test_files_are_written_as_they_are(pages: Pages, tmp_path: Path) -> None:
    found = write(pages, tmp_path / "new" / "generated")
    assert {state.status for state in found} == {Status.MISSING}
    assert contents(tmp_path / "new" / "generated") == as_files(pages)


def test_what_is_up_to_date_is_not_touched(pages: Pages, tmp_path: Path) -> None:
    write(pages, tmp_path)
    before = _identity(tmp_path / CORE)
    write(pages, tmp_path)
    assert _identity(tmp_path / CORE) == before


def test_a_file_that_is_written_again_is_another_one(pages: Pages, tmp_path: Path) -> None:
    write(pages, tmp_path)
    before = _identity(tmp_path / CORE)
    (tmp_path / CORE).write_bytes((tmp_path / CORE).read_bytes() + b"\n")
    assert _identity(tmp_path / CORE) != before


def _identity(path: Path) -> tuple[int, int, int]:
    """Which file this is and when it was last written. Not when it was read, for `write` may read it to compare."""
    state = path.stat()
    return state.st_ino, state.st_size, state.st_mtime_ns


def test_stale_files_are_replaced_and_orphans_removed(pages: Pages, older: Pages, tmp_path: Path) -> None:
    write(older, tmp_path)
    fewer = {path: text for path, text in pages.items() if path.name != "hooks.py"}
    write(fewer, tmp_path)
    assert contents(tmp_path) == as_files(fewer)


def test_what_somebody_else_wrote_is_not_overwritten(pages: Pages, older: Pages, tmp_path: Path) -> None:
    write(older, tmp_path)
    (tmp_path / CORE).write_bytes(b"mine\n")
    edited = tmp_path / PACKAGE / "provider.py"
    edited.write_bytes(edited.read_bytes() + b"# mine\n")
    before = contents(tmp_path)
    with pytest.raises(WouldOverwrite) as refusal:
        write(pages, tmp_path)
    assert [(file.path.name, file.status) for file in refusal.value.files] == [
        ("core.py", Status.FOREIGN),
        ("provider.py", Status.HAND_EDITED),
    ]
    assert "core.py (foreign), gate_provider/provider.py (hand-edited)" in str(refusal.value)
    assert contents(tmp_path) == before
    write(pages, tmp_path, force=True)
    assert contents(tmp_path) == as_files(pages)


def test_other_files_of_the_folder_stay(pages: Pages, older: Pages, tmp_path: Path) -> None:
    write(older, tmp_path)
    (tmp_path / PACKAGE / "notes").mkdir()
    (tmp_path / PACKAGE / "notes" / "mine.txt").write_bytes(b"mine")
    (tmp_path / PACKAGE / "__pycache__").mkdir()
    (tmp_path / PACKAGE / "__pycache__" / "core.pyc").write_bytes(b"")
    write(pages, tmp_path)
    assert contents(tmp_path) == {**as_files(pages), f"{PACKAGE}/notes/mine.txt": "mine"}


def test_an_orphan_that_somebody_changed_stays(pages: Pages, tmp_path: Path) -> None:
    write(pages, tmp_path)
    hooks = tmp_path / PACKAGE / "hooks.py"
    hooks.write_bytes(hooks.read_bytes() + b"# mine\n")
    write({path: text for path, text in pages.items() if path.name != "hooks.py"}, tmp_path)
    assert hooks.read_bytes().endswith(b"# mine\n")


def test_a_file_in_place_of_the_package_stays(pages: Pages, tmp_path: Path) -> None:
    (tmp_path / PACKAGE).write_bytes(b"mine")
    with pytest.raises(NotADirectoryError, match=PACKAGE):
        write(pages, tmp_path, force=True)
    assert contents(tmp_path) == {PACKAGE: "mine"}


def test_compare_sees_what_write_did(pages: Pages, tmp_path: Path) -> None:
    write(pages, tmp_path)
    assert {state.status for state in compare(pages, tmp_path)} == {Status.UP_TO_DATE}
