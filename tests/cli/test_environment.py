"""What the system refuses is told in a sentence, with exit code 2: it is no answer about a spec, and no defect."""

import errno
import json
import os
import signal
import subprocess
import sys
import zipapp
from pathlib import Path

import pytest
from quiesce.cli import main
from quiesce.console.environment import fault_of_environment

from tests.by_day import by_day

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such things")

COUNTER = """
from quiesce.spec import Machine, Nat, always, call


class Counter(Machine):
    n: Nat = 0

    @call("up")
    def up(self) -> None:
        self.n += 1

    @always
    def counted(self) -> bool:
        return self.n >= 0
"""

DEEP = "[" * 100_000 + "]" * 100_000


@pytest.fixture
def counter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a small spec that is true."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "counter.py").write_text(COUNTER, encoding="utf-8")
    return tmp_path


def sentence(capsys: pytest.CaptureFixture[str]) -> str:
    """The only line that was printed, on standard error."""
    said = capsys.readouterr()
    assert said.out == ""
    [line] = said.err.splitlines()
    return line


def shell(script: str, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A script for the shell, in which `"$@"` is the command."""
    command = ["/bin/sh", "-c", script, "sh", sys.executable, "-P", "-m", "quiesce", *words]
    return subprocess.run(command, cwd=cwd, capture_output=True, encoding="utf-8", check=False, timeout=120)


# --- folders, links and pipes -----------------------------------------------------------------------------------


@posix
@pytest.mark.parametrize("words", [["check", "counter.py"], ["new", "x.py"], ["build"]], ids=" ".join)
def test_a_current_folder_that_is_gone_is_told(tmp_path: Path, words: list[str]) -> None:
    done = shell('mkdir gone && cd gone && rmdir ../gone && exec "$@"', *words, cwd=tmp_path)
    said = "error: the current folder cannot be used (No such file or directory): change to another one\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


@posix
@pytest.mark.parametrize("path", ["loop.py", "loop.py/x.py"])
@pytest.mark.parametrize("command", [["check"], ["build"], ["recheck"], ["graph"]], ids=" ".join)
def test_links_in_a_circle_are_told(
    counter: Path, capsys: pytest.CaptureFixture[str], command: list[str], path: str
) -> None:
    (counter / "loop.py").symlink_to("loop.py")
    assert main([*command, path]) == 2
    assert capsys.readouterr().err.startswith(f"{path}:1:1: error[Q001]: the file cannot be read: ")


@posix
@pytest.mark.parametrize(
    "words",
    [
        ["check", "pipe.py"],
        ["verify", "pipe.py"],
        ["check", "user.py"],
        ["recheck", "counter.py"],
        ["recheck", "counter.py", "--certificate", "pipe.py"],
        ["verify", "counter.py", "--cache", "pipe.py"],
        ["check", "/dev/zero"],
    ],
    ids=" ".join,
)
def test_nobody_waits_for_a_pipe(counter: Path, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    os.mkfifo(counter / "pipe.py")
    (counter / "user.py").write_text(COUNTER.replace("\n\nclass", "from pipe import Pipe\n\nclass"), encoding="utf-8")
    (counter / "proofs/counter").mkdir(parents=True)
    os.mkfifo(counter / "proofs/counter/hints.json")
    assert main(words) == 2
    assert "Traceback" not in capsys.readouterr().err


@posix
def test_a_project_whose_notes_are_pipes_is_built(project: Path) -> None:
    (project / ".quiesce").mkdir()
    for name in (".quiesce/service.json", "model/neighbour.py"):
        os.mkfifo(project / name)
    assert main(["build", "-q"]) == 0
    assert (project / "generated/service_provider/core.py").is_file()


@pytest.mark.parametrize("output", [".", "..", "./", "nowhere/x", "counter.py/x"])
@pytest.mark.parametrize(
    "words", [["graph", "-o"], ["certify", "-o"], ["verify", "-q", "--json"], ["verify", "-q", "--save-cache"]]
)
def test_a_place_where_no_file_can_be_is_told(
    counter: Path, capsys: pytest.CaptureFixture[str], words: list[str], output: str
) -> None:
    assert main([*words, output, "counter.py"]) == 2
    assert sentence(capsys).startswith("error: ")
    assert sorted(path.name for path in counter.iterdir()) == ["counter.py"]


# --- files that are too deep ------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [f"a = {DEEP}", f"a = {'9' * 10_000}", "a = \udcff", "[tool.quiesce", "\0"], ids=ascii)
def test_settings_that_cannot_be_read_are_told(counter: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    (counter / "pyproject.toml").write_bytes(text.encode(errors="surrogateescape"))
    assert main(["check", "counter.py"]) == 2
    assert "pyproject.toml: cannot be read: " in sentence(capsys)


@pytest.mark.slow
@pytest.mark.parametrize("name", by_day([".quiesce/service.json", "proofs/service/MANIFEST.json"], 2))
def test_notes_that_are_too_deep_are_made_anew(built: Path, name: str) -> None:
    (built / name).write_text(DEEP, encoding="utf-8")
    assert main(["build", "-q", "--force"]) == 0
    assert "written" in (built / ".quiesce/service.json").read_text(encoding="utf-8")
    assert json.loads((built / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["proofs/service/mutants.json", "proofs/service/hints.json"])
def test_evidence_that_is_too_deep_is_told(built: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    (built / name).write_text(DEEP, encoding="utf-8")
    assert main(["recheck" if "hints" in name else "build"]) in {1, 2}
    assert "nested too deeply" in capsys.readouterr().err


# --- descriptors, streams and memory ----------------------------------------------------------------------------


@posix
@pytest.mark.parametrize(
    ("descriptors", "words"),
    by_day(
        [
            (8, ["verify", "-q", "--jobs", "2", "counter.py"]),
            (14, ["verify", "-q", "--jobs", "2", "counter.py"]),
            (12, ["mutate", "-q", "--jobs", "2", "counter.py"]),
            (6, ["build", "-q", "counter.py"]),
        ],
        2,
    ),
)
def test_too_few_descriptors_are_told(counter: Path, descriptors: int, words: list[str]) -> None:
    done = shell(f'ulimit -n {descriptors} && exec "$@"', *words, cwd=counter)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert "Too many open files" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.EMFILE, "Too many open files"), "Too many open files"),
        (PermissionError(errno.EACCES, "Permission denied", "x\x1b"), "'x\\x1b': Permission denied"),
        (MemoryError(), "there is not enough memory"),
        (OSError("a library says so"), None),
        (ValueError("ours"), None),
        (RecursionError("ours"), None),
    ],
    ids=lambda value: type(value).__name__,
)
def test_only_what_the_system_says_is_its_fault(error: Exception, told: str | None) -> None:
    assert fault_of_environment(error) == told


# --- the program itself -----------------------------------------------------------------------------------------

INTERRUPTED = """
import signal, sys, weakref

class PressCtrlC:
    def __init__(self, module, where):
        self.module, self.where = module, where

    def find_spec(self, name, path=None, target=None):
        if name != self.module:
            return
        if self.where == "in a callback":  # where Python drops exceptions
            gone = PressCtrlC("", "")
            seen = weakref.ref(gone, lambda _: signal.raise_signal(signal.SIGINT))
            del gone
        else:
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, PressCtrlC(sys.argv.pop(1), sys.argv.pop(1)))
from quiesce.__main__ import main
main()
"""


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(
    ("module", "where"),
    [
        ("quiesce.cli", "in an import"),
        ("argparse", "in an import"),
        ("quiesce.console.project", "in an import"),
        ("quiesce.console.commands.check", "in an import"),
        ("quiesce.spec.reader", "in an import"),
        ("quiesce.cli", "in a callback"),
    ],
)
def test_ctrl_c_while_a_module_is_loaded_ends_with_130(counter: Path, module: str, where: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, module, where, "check", "counter.py"],
        cwd=counter,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode in (130, -signal.SIGINT)
    assert (done.stdout, done.stderr) == ("", "interrupted; nothing was left half-written\n")


@pytest.mark.slow
@pytest.mark.parametrize("entry", by_day(["quiesce.cli:main", "quiesce.__main__:main"], 2))
def test_the_exit_codes_of_a_zip_application_are_those_of_the_command(counter: Path, entry: str) -> None:
    (counter / "source").mkdir()
    zipapp.create_archive(counter / "source", counter / "app.pyz", main=entry)
    (counter / "broken.py").write_text(COUNTER.replace(">= 0", "< 1"), encoding="utf-8")
    codes = {
        words: subprocess.run(
            [sys.executable, "app.pyz", *words.split()], cwd=counter, capture_output=True, check=False
        ).returncode
        for words in ("check counter.py", "verify broken.py", "verify --jobs 2 counter.py", "check nowhere.py", "")
    }
    assert list(codes.values()) == [0, 1, 0, 2, 2]


def test_a_program_that_gives_arguments_is_given_the_exit_code(counter: Path) -> None:
    assert main(["check", str(counter / "counter.py")]) == 0
