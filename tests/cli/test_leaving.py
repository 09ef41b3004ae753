"""The end of the program: quick, with everything done that was put off to it, and in the usual way if need be."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

BUFFERED = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}

NEVER_GIVEN_BACK = """
class Taken:
    def __del__(self):
        print("given back")
kept = Taken()
"""


def left(before: str, code: int = 3) -> subprocess.CompletedProcess[str]:
    """A process that leaves with a code after some preparation."""
    script = f"import sys\nfrom quiesce.console.leaving import leave\n{before}\nleave({code})"
    return subprocess.run(
        [sys.executable, "-c", script], env=BUFFERED, capture_output=True, encoding="utf-8", check=False, timeout=60
    )


def test_no_object_is_given_back_first() -> None:
    done = left(NEVER_GIVEN_BACK)
    assert (done.returncode, done.stdout, done.stderr) == (3, "", "")


def test_what_was_written_arrives() -> None:
    done = left("sys.stdout.write('said'); sys.stderr.write('told')", 0)
    assert (done.returncode, done.stdout, done.stderr) == (0, "said", "told")


def test_what_asked_to_be_called_at_the_end_is_called() -> None:
    assert left("import atexit; atexit.register(print, 'last'); atexit.register(print, 'first')").stdout == (
        "first\nlast\n"
    )


@pytest.mark.parametrize(
    "watching",
    [
        "sys.settrace(lambda *_: None)",
        "sys.setprofile(lambda *_: None)",
        "import cProfile; cProfile.Profile().enable()",
        "import threading; threading.Thread(target=lambda: (goes_on.wait(), print('done'))).start()",
    ],
    ids=["debugger", "profiler", "profiler in C", "thread"],
)
def test_whoever_counts_on_the_usual_end_gets_it(watching: str) -> None:
    done = left(
        f"""
from threading import Event
goes_on = Event()
{watching}
try:
    leave(7)
except SystemExit as usual:
    sys.settrace(None)
    print("usual end", usual.code)
    goes_on.set()
    raise
"""
    )
    assert done.returncode == 7
    assert done.stdout == "usual end 7\n" + ("done\n" if "Thread" in watching else "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a file that is always full")
def test_what_cannot_be_written_is_no_success() -> None:
    script = "import sys\nfrom quiesce.console.leaving import leave\nsys.stdout.write('lost')\nleave(0)"
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-c", script], stdout=full, stderr=subprocess.PIPE, env=BUFFERED, check=False
        )
    assert done.returncode != 0
    assert b"No space left" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="no shell to close a stream with")
def test_a_program_that_was_started_without_a_stream_ends_as_well() -> None:
    script = "from quiesce.console.leaving import leave; leave(5)"
    command = ["/bin/sh", "-c", '"$@" >&- 2>&-', "sh", sys.executable, "-c", script]
    assert subprocess.run(command, check=False, timeout=60).returncode == 5
