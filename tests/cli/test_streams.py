"""What becomes of an answer where standard output is narrow, full, closed, or nobody reads it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.by_day import by_day

pytestmark = pytest.mark.slow

FULL = Path("/dev/full")
SETTINGS = {"PYTHONUNBUFFERED", "PYTHONIOENCODING", "PYTHONUTF8", "NO_COLOR"}

COUNTER = '''"""A counter."""

from quiesce.spec import Machine, Nat, always, call


class Counter(Machine):
    n: Nat = 0

    @call("up")
    def up(self) -> None:
        self.n += 1

    @always
    def small(self) -> bool:
        """Größer als 1 → nie."""
        return self.n < 1
'''

needs_a_full_device = pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")
needs_a_shell = pytest.mark.skipif(os.name == "nt", reason="the shell of Windows cannot close a stream")


def run(
    *arguments: str, cwd: Path, redirected: str = "", limit: str = "", **changes: str
) -> subprocess.CompletedProcess[bytes]:
    """A process with standard output and error as a shell redirects them."""
    clean = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    command = [sys.executable, "-m", "quiesce", *arguments]
    return subprocess.run(
        ["/bin/sh", "-c", f'{limit} exec "$@" {redirected}', "sh", *command] if redirected or limit else command,
        cwd=cwd,
        env={**clean, **changes},
        capture_output=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def counter(tmp_path: Path) -> Path:
    (tmp_path / "counter.py").write_text(COUNTER, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("unbuffered", by_day(["", "1"], 2))
@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["check", "counter.py"],
        ["verify", "counter.py"],
        ["verify", "--json", "-", "counter.py"],
    ],
    ids=" ".join,
)
@needs_a_full_device
def test_an_answer_that_finds_no_room_is_told_in_one_sentence(
    counter: Path, arguments: list[str], unbuffered: str
) -> None:
    done = run(*arguments, cwd=counter, redirected=f">{FULL}", PYTHONUNBUFFERED=unbuffered)
    said = b"error: not everything could be written: No space left on device\n"
    # Python's own help is lost in silence where it is not buffered.
    assert (done.returncode, done.stderr) in [(2, said), *([(0, b"")] if unbuffered and "--help" in arguments else [])]


@needs_a_full_device
def test_a_full_device_does_not_matter_where_nothing_is_said(counter: Path) -> None:
    good = COUNTER.replace("self.n < 1", "self.n >= 0")
    (counter / "counter.py").write_text(good, encoding="utf-8")
    done = run("verify", "-q", "counter.py", cwd=counter, redirected=f">{FULL}")
    assert (done.returncode, done.stderr) == (0, b"")


@needs_a_full_device
@pytest.mark.parametrize(
    "arguments", [["check", "nowhere.py"], ["graph", "-o", "/", "counter.py"], ["verify", "--cache", "x"]]
)
def test_what_nobody_can_be_told_of_keeps_its_exit_code(counter: Path, arguments: list[str]) -> None:
    assert run(*arguments, cwd=counter, redirected=f"2>{FULL}").returncode == 2


@needs_a_shell
@pytest.mark.parametrize("arguments", [["--help"], ["check", "counter.py"], ["verify", "counter.py"]], ids=" ".join)
def test_a_closed_output_is_told_in_one_sentence(counter: Path, arguments: list[str]) -> None:
    done = run(*arguments, cwd=counter, redirected=">&-")
    said = "error: standard output is closed, so no answer can be given: send it to a file, or to /dev/null\n"
    assert (done.returncode, done.stderr.decode()) == (2, said)


@needs_a_shell
def test_what_belongs_to_a_closed_standard_error_does_not_get_into_the_answer(counter: Path) -> None:
    done = run("check", "nowhere.py", cwd=counter, redirected="2>&-")
    assert (done.returncode, done.stdout, done.stderr) == (2, b"", b"")


@needs_a_shell
def test_a_reader_of_the_help_may_leave_early(counter: Path) -> None:
    done = run("--help", cwd=counter, redirected="| true")
    assert done.stderr == b""


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("ascii", rb"Gr\xf6\xdfer als 1 \u2192 nie."),
        ("latin-1", b"Gr\xf6\xdfer als 1 \\u2192 nie."),
        ("cp1252:strict", b"Gr\xf6\xdfer als 1 \\u2192 nie."),
        ("ascii:surrogateescape", rb"Gr\xf6\xdfer als 1 \u2192 nie."),
        ("utf-8", "Größer als 1 → nie.".encode()),
    ],
)
def test_a_character_that_the_output_lacks_hides_no_answer(counter: Path, encoding: str, shown: bytes) -> None:
    done = run("verify", "counter.py", cwd=counter, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (1, b"")
    assert shown in done.stdout
    assert b"refuted: step/up/small" in done.stdout


@needs_a_shell
@pytest.mark.parametrize("arguments", [["new", "second.py"], ["verify", "--json", "second.py", "counter.py"]])
def test_a_file_that_finds_no_room_leaves_nothing_behind(counter: Path, arguments: list[str]) -> None:
    done = run(*arguments, cwd=counter, limit="ulimit -f 0;")
    assert (done.returncode, b"cannot write" in done.stderr) == (2, True)
    assert [path.name for path in counter.iterdir()] == ["counter.py"]
