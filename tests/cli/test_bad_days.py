"""A build meets faults of the file system, and kills: it ends with a sentence, old files or new ones, and is repaired.

`QUIESCE_FAULTS` asks for a fault and a kill at every call; without it, some are tried.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pytest
from quiesce.cli import main

from tests.faults import ERRORS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="a build for each fault takes too long without a fork"),
]

THOROUGH = "QUIESCE_FAULTS" in os.environ
ROOT = Path(__file__).parents[2]
MINE = Path("generated/service_provider/mine.txt")
SPEC = Path("model/service.py")
Tree = dict[str, bytes]


def tree_of(project: Path) -> Tree:
    files = (path for folder in ("generated", "proofs") for path in (project / folder).rglob("*") if path.is_file())
    return {path.relative_to(project).as_posix(): path.read_bytes() for path in files}


@dataclass(frozen=True)
class Case:
    """A project with old files and a changed spec, of which all proofs are known, and the files to come of it."""

    project: Path
    old: Tree
    new: Tree


@pytest.fixture(scope="module")
def case(built_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Case:
    project = tmp_path_factory.mktemp("case") / "project"
    shutil.copytree(built_once, project)
    (project / MINE).write_bytes(b"mine")
    old = tree_of(project)
    spec = (project / SPEC).read_bytes().replace(b"when(self.refs > 1)", b"when(self.refs >= 2)")
    (project / SPEC).write_bytes(spec)
    done = project.with_name("done")
    shutil.copytree(project, done)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(done)
        assert main(["build", "-q"]) == 0
    shutil.copytree(done / ".quiesce/cache", project / ".quiesce/cache", dirs_exist_ok=True)
    return Case(project, old, tree_of(done))


class Builder:
    """A process that builds copies of a project on bad days: see `bad_days`."""

    def __init__(self, case: Case, folder: Path) -> None:
        shutil.copytree(case.project, folder / "warm")
        line = [sys.executable, "-m", "tests.cli.bad_days", str(folder)]
        self._case, self._folder = case, folder
        self._process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        self.calls: list[str] = json.loads(self._answer())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def build(self, project: Path, number: int, error: int | None) -> tuple[int, str]:
        """The exit code of a build, and what it said."""
        assert self._process.stdin is not None
        given = {"project": str(project), "number": number, "error": error}
        print(json.dumps(given), file=self._process.stdin, flush=True)
        code, said = json.loads(self._answer())
        return code, said

    @contextmanager
    def copy(self, name: str) -> Iterator[Path]:
        """A copy of the project."""
        project = self._folder / name
        shutil.copytree(self._case.project, project)
        yield project
        shutil.rmtree(project)


@pytest.fixture(scope="module")
def builder(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builder]:
    with Builder(case, tmp_path_factory.mktemp("builder")) as found:
        yield found


def chosen(calls: list[str]) -> list[int]:
    """The numbers of calls, from 1: all, or that of one which puts a file into its place, with others behind it."""
    replacing = [number for number, name in enumerate(calls, 1) if name == "replace"]
    return list(range(1, len(calls) + 1)) if THOROUGH else [replacing[-4]]


def test_a_failing_call_is_told_in_a_sentence_and_leaves_old_files_or_new_ones(case: Case, builder: Builder) -> None:
    codes = Counter[int]()
    for number in chosen(builder.calls):
        error = ERRORS[number % len(ERRORS)]
        with builder.copy(f"failing-{number}") as project:
            code, said = builder.build(project, number, error)
            told = f"{builder.calls[number - 1]} {number} fails with {os.strerror(error)}: {said}"
            assert (code in (0, 2), "Traceback" in said) == (True, False), told
            assert tree_of(project) == (case.old if code else case.new), told
            assert not code or said, told
            if is_half_written(project) or number % 20 == 0 or not THOROUGH:
                assert builder.build(project, 0, 0)[0] == 0, told
                assert tree_of(project) == case.new, told
        codes[code] += 1
    print(f"{len(builder.calls)} calls, {codes.total()} faults: exit codes {dict(codes)}")


def test_a_killed_build_is_repaired_by_the_next_one(case: Case, builder: Builder) -> None:
    states = Counter[str]()
    for number in chosen(builder.calls)[::2]:
        with builder.copy(f"killed-{number}") as project:
            code, _ = builder.build(project, number, None)
            found = tree_of(project)
            state = "old" if found == case.old else "new" if found == case.new else "between"
            told = f"killed before {builder.calls[number - 1]} {number}: {state}"
            assert code == -signal.SIGKILL or number > len(builder.calls) - 5, told  # other runs have fewer calls
            assert found[str(MINE)] == b"mine", told
            assert state != "between" or is_half_written(project), told
            assert builder.build(project, 0, 0)[0] == 0, told
            assert (tree_of(project), is_half_written(project)) == (case.new, False), told
        states[state] += 1
    print(f"{states.total()} kills: {dict(states)}")
    assert states["between"]


def is_half_written(project: Path) -> bool:
    return (project / ".quiesce/writing/service/journal.json").exists()


def test_a_check_of_half_written_files_says_so(
    case: Case, builder: Builder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    replacing = [number for number, name in enumerate(builder.calls, 1) if name == "replace"]
    with builder.copy("half") as project:
        builder.build(project, replacing[-4], None)
        before = tree_of(project)
        monkeypatch.chdir(project)
        assert main(["build", "--check", "-q"]) == 1
        assert "was killed while it did" in capsys.readouterr().err
        assert tree_of(project) == before
        monkeypatch.chdir(case.project)


@pytest.mark.skipif(not THOROUGH, reason="eight builds at once take as long as eight; QUIESCE_FAULTS asks for them")
def test_eight_builds_at_once_all_succeed(case: Case, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(case.project, project)
    specs = [
        (project / SPEC).read_bytes(),
        (case.project / SPEC).read_bytes().replace(b"self.refs >= 2", b"self.refs > 1"),
    ]
    told = Counter[str]()
    for turn in range(8):
        (project / SPEC).write_bytes(specs[turn % 2])
        line = [sys.executable, "-m", "quiesce", "build"]
        builds = [subprocess.Popen(line, cwd=project, stdout=subprocess.PIPE, text=True) for _ in range(8)]
        answers = [build.communicate()[0] for build in builds]
        assert [build.returncode for build in builds] == [0] * 8
        told.update("up to date" if "up to date" in answer else "written" for answer in answers)
        found = tree_of(project)
        assert {name: text for name, text in found.items() if "__pycache__" not in name} == (
            case.old if turn % 2 else case.new
        )
    print(f"8 times 8 builds: {dict(told)}")
