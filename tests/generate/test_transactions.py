"""Whatever happens while pages are written: all files are the old ones, or all are the new ones, and none is lost.

`QUIESCE_FAULTS` asks for every failing call with every error, and for a kill before every call; without it, some.
"""

import errno
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import pytest
from quiesce.generate.files.header import stamped
from quiesce.generate.files.journal import Entry, Journal, digest_seal
from quiesce.generate.files.journal import to_json as to_text
from quiesce.generate.files.manifest import NAME, manifest_of, to_json
from quiesce.generate.files.place import InTheWay, digest_of
from quiesce.generate.files.recovery import HalfWritten, Site
from quiesce.generate.files.write import Found, Transaction, WouldOverwrite

from tests.by_day import by_day
from tests.faults import ERRORS, counted, failing

pytestmark = pytest.mark.slow

Pages = Mapping[PurePosixPath, str]
THOROUGH = "QUIESCE_FAULTS" in os.environ
STRIDE = 1 if THOROUGH else 157
"""Of so many calls, one is tried; which ones differs between the errors."""

PACKAGE, PROOF = PurePosixPath("generated/gate"), PurePosixPath("proofs/gate")
SOURCE = PurePosixPath("model/gate.py")


def pages_of(folder: str, **bodies: str) -> Pages:
    names = {PurePosixPath(name.replace("__", "/")).with_suffix(".py"): body for name, body in bodies.items()}
    pages = {path: stamped(path, f"{body}\n", SOURCE) for path, body in names.items()}
    pages[PurePosixPath(NAME)] = to_json(manifest_of(pages, SOURCE))
    return {PurePosixPath(folder) / path: text for path, text in pages.items()}


OLD = (
    pages_of("gate", core="old = 1", hooks="same = 1", gone__a="old = 2", tests__t="old = 3"),
    pages_of("gate", p="4"),
)
EARLY = pages_of("gate", core="new = 1", hooks="same = 1", fresh__b="new = 2")
NEW = (
    pages_of("gate", core="new = 1", hooks="same = 1", fresh__b="new = 2", tests__t="new = 3"),
    pages_of("gate", p="5", q="6"),
)
GONE = {"generated/gate/gone", "generated/gate/gone/a.py"}
FRESH = {"generated/gate/fresh", "generated/gate/fresh/b.py", "proofs/gate/q.py"}
Tree = dict[str, tuple[bytes | None, int]]
"""The content of each file, None of each folder, and who may do what with it."""


def site(project: Path) -> Site:
    return Site(project, (PACKAGE, PROOF), PurePosixPath(".notes"))


def transaction(project: Path, patience: float = 0) -> Transaction:
    return Transaction(site(project), patience=patience)


def wanted(pages: tuple[Pages, Pages], project: Path) -> list[tuple[Pages, Path]]:
    return [(pages[0], project / "generated"), (pages[1], project / "proofs")]


def build(project: Path) -> None:
    """Write the new pages as a build does: the code first, then everything."""
    with transaction(project) as tree:
        tree.write([(EARLY, project / "generated")])
        tree.write(wanted(NEW, project))
        tree.commit()


def tree_of(project: Path) -> Tree:
    """All but folders that were made for pages and have none: they do no harm."""
    found: Tree = {}
    for place, folders, files in os.walk(project):
        if ".notes" in folders:
            folders.remove(".notes")
        for path in (Path(place, name) for name in (*folders, *files)):
            content = None if path.is_dir() else path.read_bytes()
            found[path.relative_to(project).as_posix()] = (content, stat.S_IMODE(path.stat().st_mode))
    for folder, page in (sorted(GONE), sorted(FRESH)[:2]):
        if page not in found:
            found.pop(folder, None)
    return found


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with old pages, files of a person among them, and modes that are not the usual ones."""
    project = tmp_path_factory.mktemp("old")
    with transaction(project) as tree:
        tree.write(wanted(OLD, project))
        tree.commit()
    package = project / PACKAGE
    (package / "mine.txt").write_bytes(b"mine")
    (package / "mine.txt").chmod(0o600)
    (package / "empty").mkdir(mode=0o700)
    (package / "tests" / "mine.py").write_bytes(b"mine")
    (package / "tests").chmod(0o700)
    (package / "core.py").chmod(0o640)
    (project / PROOF).chmod(0o750)
    shutil.rmtree(project / ".notes")
    return project


@pytest.fixture(scope="module")
def new(old: Path, tmp_path_factory: pytest.TempPathFactory) -> Tree:
    project = tmp_path_factory.mktemp("new") / "project"
    shutil.copytree(old, project)
    build(project)
    assert not (project / PACKAGE / "gone").exists()
    return tree_of(project)


def test_new_pages_leave_everything_else_and_all_modes_as_they_are(old: Path, new: Tree) -> None:
    before = tree_of(old)
    pages = {f"{folder}/{path}" for folder, texts in zip(("generated", "proofs"), NEW, strict=True) for path in texts}
    assert new.keys() == before.keys() - GONE | FRESH
    for name in before.keys() - GONE:
        assert new[name] == before[name] or (name in pages and new[name][1] == before[name][1]), name


def left_over(project: Path) -> list[str]:
    ours = (".quiesce-", "old", "new", "journal")
    return sorted(path.name for path in project.rglob("*") if path.name.startswith(ours))


def repaired(project: Path, new: Tree) -> None:
    """See that the next build, on a good day, gives the new pages and leaves nothing over."""
    build(project)
    assert tree_of(project) == new
    assert (left_over(project), site(project).is_interrupted) == ([], False)


def counts(outcomes: Iterable[str]) -> str:
    return ", ".join(f"{number} {outcome}" for outcome, number in sorted(Counter(outcomes).items()))


@contextmanager
def notes_of(project: Path, *, are_apart: bool) -> Iterator[None]:
    """Within this, the notes of a project lie on another file system than its files, if they are apart."""
    notes, replacing = project / ".notes", os.replace

    def refusing(source: Path, target: Path) -> None:
        if are_apart and (Path(source).parent == notes) != (Path(target).parent == notes):
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        replacing(source, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "replace", refusing)
        yield


def calls_of(old: Path, place: Path, *, are_apart: bool = False) -> list[str]:
    project = place / "counting"
    shutil.copytree(old, project)
    with notes_of(project, are_apart=are_apart), counted(project, lambda *_: None) as calls:
        build(project)
    return calls


@pytest.mark.parametrize("when", by_day(["once", "for good", "once, with notes on another file system"], 2))
def test_after_any_failing_call_the_old_files_are_in_place_or_all_new_ones(
    old: Path, new: Tree, tmp_path: Path, when: str
) -> None:
    before = tree_of(old)
    are_apart = "another" in when
    calls = calls_of(old, tmp_path, are_apart=are_apart)
    outcomes = []
    for shift, error in enumerate(ERRORS):
        for number in range(1 + shift * 2 % STRIDE, len(calls) + 1, STRIDE):
            project = tmp_path / f"{error}-{number}"
            shutil.copytree(old, project)
            fault = failing(number, error, for_good=when == "for good")
            with notes_of(project, are_apart=are_apart), counted(project, fault):
                try:
                    build(project)
                except HalfWritten:
                    outcomes.append("half")
                except OSError:
                    outcomes.append("old")
                else:
                    outcomes.append("new")
            told = f"{calls[number - 1]} {number} fails with {os.strerror(error)}"
            if outcomes[-1] == "half":
                assert site(project).is_interrupted, told
            else:
                assert tree_of(project) == (new if outcomes[-1] == "new" else before), told
            repaired(project, new)
            shutil.rmtree(project)
    print(f"{len(calls)} calls, {len(outcomes)} failures: {counts(outcomes)}")
    assert outcomes.count("old") > 10
    assert ("half" in outcomes) == (when == "for good")


def test_on_a_full_disk_the_old_files_are_in_place(old: Path, new: Tree, tmp_path: Path) -> None:
    before = tree_of(old)
    writes = [number for number, name in enumerate(calls_of(old, tmp_path), 1) if name in FILLING]
    for number in writes[:: 1 if THOROUGH else 3]:
        project = tmp_path / str(number)
        shutil.copytree(old, project)
        full = failing(number, errno.ENOSPC, for_good=True, only=FILLING)
        with counted(project, full), pytest.raises(OSError, match="No space"):
            build(project)
        assert tree_of(project) == before
        repaired(project, new)
    assert len(writes) > 10


FILLING = frozenset({"write", "mkdir"})
"""Calls that a full disk fails."""

KILLING = """
import os, sys
from pathlib import Path
from tests.faults import counted, killed
from tests.generate.test_transactions import build, notes_of
for project in sorted(Path(sys.argv[1]).iterdir()):
    child = os.fork()
    if not child:
        with notes_of(project, are_apart=len(sys.argv) > 2), counted(project, killed(int(project.suffix[1:]))):
            build(project)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def kill(projects: Iterable[Path], *, are_apart: bool = False) -> list[int]:
    """Build each project in a process that dies before the call whose number its name ends with; the exit codes."""
    [folder] = {project.parent for project in projects}
    line = [sys.executable, "-c", KILLING, str(folder), *(["apart"] if are_apart else [])]
    done = subprocess.run(line, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    return [int(code) for code in done.stdout.split()]


can_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="without a fork, a process for each kill takes too long")


@can_fork
@pytest.mark.parametrize("are_apart", by_day([True, False], 2), ids=["notes on another file system", ""])
def test_after_a_kill_before_any_call_the_next_build_repairs_everything(
    old: Path, new: Tree, tmp_path: Path, *, are_apart: bool
) -> None:
    before = tree_of(old)
    calls = calls_of(old, tmp_path, are_apart=are_apart)
    projects = [tmp_path / f"killed/at.{number}" for number in range(1, len(calls) + 1, 1 if THOROUGH else 41)]
    for project in projects:
        shutil.copytree(old, project)
    assert set(kill(projects, are_apart=are_apart)) == {-signal.SIGKILL}
    states = []
    for project in projects:
        found = tree_of(project)
        told = f"{project.name}: {calls[int(project.suffix[1:]) - 1]}"
        states.append("new" if found == new else "old" if found == before else "between")
        if site(project).is_interrupted:
            assert put_back(project) == before, told
        else:
            assert states[-1] != "between", told
        repaired(project, new)
    print(f"{len(calls)} calls, {len(states)} kills: {counts(states)}")
    assert set(states) == {"old", "between", "new"}


@can_fork
def test_whoever_repairs_may_be_killed_as_well(old: Path, new: Tree, tmp_path: Path) -> None:
    before = tree_of(old)
    last = [number for number, name in enumerate(calls_of(old, tmp_path), 1) if name == "replace"][-1]
    half = tmp_path / f"first/half.{last}"
    shutil.copytree(old, half)
    assert kill([half]) == [-signal.SIGKILL]
    counting = tmp_path / "repairing"
    shutil.copytree(half, counting)
    with counted(counting, lambda *_: None) as calls:
        put_back(counting)
    projects = [tmp_path / f"again/at.{number}" for number in range(1, len(calls) + 1, 1 if THOROUGH else 41)]
    for project in projects:
        shutil.copytree(half, project)
    assert set(kill(projects)) == {-signal.SIGKILL}
    for project in projects:
        assert put_back(project) == before or not site(project).is_interrupted, project.name
        repaired(project, new)
    print(f"{len(calls)} calls, {len(projects)} kills of what repairs")


def put_back(project: Path) -> Tree:
    """The files after somebody has looked whether there is anything to write, and found nothing."""
    with transaction(project) as tree:
        tree.write(wanted(OLD, project), worth=lambda _: False)
    return tree_of(project)


def interrupted(old: Path, project: Path) -> Transaction:
    """A transaction that has written the code, and nothing else yet."""
    shutil.copytree(old, project)
    tree = transaction(project)
    tree.write([(EARLY, project / "generated")])
    return tree


def test_what_a_person_changes_while_a_build_goes_on_is_kept_and_the_rest_put_back(old: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    core = project / PACKAGE / "core.py"
    for force in (False, True):
        with interrupted(old, project) as tree:
            core.write_bytes(core.read_bytes() + b"# mine")
            edited = core.read_bytes()
            with pytest.raises(OSError if force else WouldOverwrite, match="core"):
                tree.write(wanted(NEW, project), force=force)
        found, before = tree_of(project), tree_of(old)
        assert found.pop("generated/gate/core.py")[0] == edited
        assert before.pop("generated/gate/core.py")
        assert found == before
        shutil.rmtree(project)


def test_what_a_person_changes_in_the_middle_of_a_step_is_kept(old: Path, tmp_path: Path) -> None:
    before = {**tree_of(old), "generated/gate/core.py": None}
    asked = list[Found]()

    def edit(core: Path) -> None:
        core.write_bytes(b"mine")

    for moment in ("compared", "kept"):
        project = tmp_path / moment
        core = project / PACKAGE / "core.py"
        shutil.copytree(old, project)

        def worth(found: Found, core: Path = core, moment: str = moment) -> bool:
            asked.append(found)
            if moment == "compared" and len(asked) == 2:
                edit(core)
            return True

        def act(_count: int, name: str, core: Path = core, moment: str = moment) -> None:
            if moment == "kept" and name == "mkdir" and site(core.parents[2]).is_interrupted:
                edit(core)

        with transaction(project) as tree, pytest.raises(OSError, match="change"), counted(project, act):
            tree.write(wanted(NEW, project), worth=worth)
        assert core.read_bytes() == b"mine", moment
        assert {**tree_of(project), "generated/gate/core.py": None} == before, moment


def test_a_transaction_that_cannot_be_ended_is_undone(
    old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    removing = os.unlink

    def refusing(path: Path) -> None:
        if Path(path).name == "journal.json":
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        removing(path)

    with interrupted(old, project) as tree:
        tree.write(wanted(NEW, project))
        monkeypatch.setattr(os, "unlink", refusing)
        with pytest.raises(OSError, match=os.strerror(errno.EIO)):
            tree.commit()
    assert tree_of(project) == tree_of(old)


def test_what_python_compiled_of_files_that_are_put_back_goes_with_them(old: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    compiled = project / PACKAGE / "__pycache__"
    with interrupted(old, project):
        compiled.mkdir()
        for name in ("core.cpython-311.pyc", "hooks.cpython-311.pyc"):
            (compiled / name).write_bytes(b"")
    assert [path.name for path in compiled.iterdir()] == ["hooks.cpython-311.pyc"]


def test_a_file_of_somebody_else_among_the_notes_stays(old: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(old, project)
    site(project).notes.mkdir()
    (site(project).notes / "older.txt").write_bytes(b"mine")
    build(project)
    assert (site(project).notes / "older.txt").read_bytes() == b"mine"


def test_what_was_kept_and_is_not_as_it_was_is_not_put_back(old: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    with pytest.raises(HalfWritten, match="old0 is not as it was written"), interrupted(old, project):
        (site(project).notes / "old0").write_bytes(b"torn")
    assert site(project).is_interrupted
    assert b"torn" not in {content for content, _ in tree_of(project).values()}


def test_a_journal_is_obeyed_only_about_files_of_its_own_folders(old: Path, tmp_path: Path) -> None:
    """It could have come with a repository."""
    project = tmp_path / "project"
    shutil.copytree(old, project)
    for name in ("mine.txt", "generated/mine.txt", ".hidden"):
        (project / name).write_bytes(b"mine")
    before = tree_of(project)
    ours = digest_of(b"mine")
    names = ["mine.txt", "generated/mine.txt", ".hidden", "proofs/gate/../../mine.txt", "/etc/hosts", "new.txt"]
    for name in names:
        forged = Journal("00", {PurePosixPath(name): Entry("old0", None, (None, ours))})
        site(project).notes.mkdir(exist_ok=True)
        site(project).journal.write_text(to_text(forged, digest_seal), encoding="utf-8")
        assert put_back(project) == before, name


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"schema": 2}', "\udcff", '{"schema": 1, "token": "0", "entries": []}']
)
def test_a_journal_that_is_none_is_cleared_away(old: Path, new: Tree, tmp_path: Path, text: str) -> None:
    project = tmp_path / "project"
    shutil.copytree(old, project)
    site(project).notes.mkdir()
    site(project).journal.write_bytes(text.encode(errors="surrogateescape"))
    repaired(project, new)


@pytest.mark.skipif(os.name == "nt", reason="making links needs a right that not everybody has")
def test_notes_behind_a_link_are_not_cleared_away(old: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(old, project)
    (tmp_path / "other").mkdir()
    for name in ("lock", "old0", "journal.json"):
        (tmp_path / "other" / name).write_bytes(b"mine")
    site(project).notes.symlink_to(tmp_path / "other")
    with pytest.raises(InTheWay, match="move it away"):
        build(project)
    assert {path.read_bytes() for path in (tmp_path / "other").iterdir()} == {b"mine"}
    site(project).notes.unlink()
    assert tree_of(project) == tree_of(old)
