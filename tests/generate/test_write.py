"""Writing replaces all files of a package or none, and never what somebody else wrote."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

import pytest
from quiesce.generate.files import manifest
from quiesce.generate.files.compare import Status, compare
from quiesce.generate.files.header import digest
from quiesce.generate.files.place import InTheWay
from quiesce.generate.files.recovery import Site
from quiesce.generate.files.write import Transaction, WouldOverwrite

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
    fewer = {path: text for path, text in pages.items() if path.name != "_pending.py"}
    write(fewer, tmp_path)
    assert contents(tmp_path) == as_files(fewer)


def test_what_somebody_else_wrote_is_not_overwritten(pages: Pages, older: Pages, tmp_path: Path) -> None:
    write(older, tmp_path)
    (tmp_path / CORE).write_bytes(b"mine\n")
    edited = tmp_path / PACKAGE / "lifecycle.py"
    edited.write_bytes(edited.read_bytes() + b"# mine\n")
    before = contents(tmp_path)
    with pytest.raises(WouldOverwrite) as refusal:
        write(pages, tmp_path)
    assert [(file.path.name, file.status) for file in refusal.value.files] == [
        ("core.py", Status.FOREIGN),
        ("lifecycle.py", Status.HAND_EDITED),
    ]
    assert "core.py (foreign), gate_provider/lifecycle.py (hand-edited)" in str(refusal.value)
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
    pending = tmp_path / PACKAGE / "_pending.py"
    pending.write_bytes(pending.read_bytes() + b"# mine\n")
    write({path: text for path, text in pages.items() if path.name != "_pending.py"}, tmp_path)
    assert pending.read_bytes().endswith(b"# mine\n")


def test_a_file_in_place_of_the_package_stays(pages: Pages, tmp_path: Path) -> None:
    (tmp_path / PACKAGE).write_bytes(b"mine")
    with pytest.raises(NotADirectoryError, match=PACKAGE):
        write(pages, tmp_path, force=True)
    assert contents(tmp_path) == {PACKAGE: "mine"}


def test_compare_sees_what_write_did(pages: Pages, tmp_path: Path) -> None:
    write(pages, tmp_path)
    assert {state.status for state in compare(pages, tmp_path)} == {Status.UP_TO_DATE}


as_on_posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")


def test_a_file_where_a_folder_of_pages_should_be_is_foreign_itself(pages: Pages, tmp_path: Path) -> None:
    write({path: text for path, text in pages.items() if "tests" not in path.parts}, tmp_path)
    (tmp_path / PACKAGE / "tests").write_bytes(b"mine")
    with_tests = {**pages, PurePosixPath(PACKAGE, "tests/test_core.py"): "pass\n"}
    states = {state.path: state.status for state in compare(with_tests, tmp_path)}
    assert states[PurePosixPath(PACKAGE, "tests")] is Status.FOREIGN
    assert not any("tests" in path.parent.parts for path in states)
    with pytest.raises(InTheWay, match="tests"):
        write(with_tests, tmp_path, force=True)
    assert (tmp_path / PACKAGE / "tests").read_bytes() == b"mine"


@as_on_posix
@pytest.mark.parametrize("kind", ["pipe", "link to a file", "link to nothing", "link to itself", "folder"])
def test_what_is_no_file_is_never_replaced_by_a_page(pages: Pages, tmp_path: Path, kind: str) -> None:
    root, core = tmp_path / "root", tmp_path / "root" / CORE
    write(pages, root)
    core.unlink()
    (tmp_path / "mine.txt").write_bytes(b"mine")
    leads = {"link to a file": "../../mine.txt", "link to nothing": "nowhere", "link to itself": core.name}
    if kind == "pipe":
        os.mkfifo(core)
    elif kind == "folder":
        core.mkdir()
    else:
        core.symlink_to(leads[kind])
    before = core.lstat()
    with pytest.raises(WouldOverwrite, match="core"):
        write(pages, root)
    with pytest.raises(InTheWay, match="move it away"):
        write(pages, root, force=True)
    assert (core.lstat().st_ino, core.lstat().st_mode) == (before.st_ino, before.st_mode)
    assert (tmp_path / "mine.txt").read_bytes() == b"mine"
    assert not core.with_name("nowhere").exists()


@as_on_posix
@pytest.mark.parametrize("folder", ["generated", f"generated/{PACKAGE}", f"generated/{PACKAGE}/more"])
@pytest.mark.parametrize("leads", ["inside", "../outside"])
def test_a_link_is_written_through_only_if_it_stays_in_the_project(
    pages: Pages, tmp_path: Path, folder: str, leads: str
) -> None:
    project = tmp_path / "project"
    (project / folder).parent.mkdir(parents=True)
    place = project / leads
    place.mkdir()
    (project / folder).symlink_to(place)
    page = PurePosixPath(PACKAGE, "more/page.py")
    tree = Transaction(Site(project, (PurePosixPath("generated", PACKAGE),), PurePosixPath(".notes")))
    if leads == "inside":
        with tree:
            tree.write([({**pages, page: ""}, project / "generated")])
            tree.commit()
        assert (project / "generated" / page).exists()
    else:
        with tree, pytest.raises(OSError, match="leads out of the project"):
            tree.write([({**pages, page: ""}, project / "generated")])
    assert bool(list(place.iterdir())) == (leads == "inside")
    assert (project / folder).is_symlink()


def test_a_manifest_that_names_a_file_elsewhere_has_nothing_removed(pages: Pages, tmp_path: Path) -> None:
    root, mine = tmp_path / "root", tmp_path / "mine.txt"
    mine.write_bytes(b"mine")
    for name in (str(mine), "../../mine.txt"):
        write(pages, root)
        place = root / PACKAGE / manifest.NAME
        known = manifest.from_json(place.read_text(encoding="utf-8"))
        assert known is not None
        forged = manifest.Manifest(known.source, {**known.files, name: digest("mine")})
        place.write_bytes(manifest.to_json(forged).encode())
        assert {state.status for state in write(pages, root)} == {Status.UP_TO_DATE, Status.STALE}
        assert mine.read_bytes() == b"mine"


def test_what_python_has_compiled_of_a_page_goes_with_it(pages: Pages, older: Pages, tmp_path: Path) -> None:
    """It is told from what is up to date by whole seconds, and could be run in place of a page of the same length."""
    write(older, tmp_path)
    compiled = tmp_path / PACKAGE / "__pycache__"
    compiled.mkdir()
    for name in ("core.cpython-311.pyc", "hooks.cpython-311.pyc"):
        (compiled / name).write_bytes(b"")
    write(pages, tmp_path)
    assert [path.name for path in compiled.iterdir()] == ["hooks.cpython-311.pyc"]
