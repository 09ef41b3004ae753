"""The whole provider on real sockets against the interpreter of its model, in random runs; and faults that this finds.

QUIESCE_EXAMPLES multiplies how many runs are made.
"""

import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import winsock_provider
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.by_day import by_day, examples
from tests.machines import changed

pytest.importorskip("fcntl", reason="the peers ask their kernel what has arrived")

from tests.provider import conftest
from tests.provider.conformance import LINGER, VERSIONS, Trial
from tests.provider.lines import Line

pytestmark = pytest.mark.slow

SIZES = [0, 1, 100, 5000, 100_000, 400_000]
STEPS = {
    "startup": 2,
    "failing startup": 1,
    "refused startup": 1,
    "cleanup": 3,
    "socket": 6,
    "no socket": 1,
    "send": 8,
    "receive": 5,
    "shutdown": 1,
    "linger": 3,
    "blocking": 2,
    "duplicate": 2,
    "close": 4,
    "send and close": 2,
    "close that would wait": 2,
    "peer reads": 6,
    "peer sends": 4,
    "peer resets": 1,
}
"""What may happen, and how often in proportion."""

Step = tuple[str, int, int]
A_STEP = st.tuples(
    st.sampled_from([name for name, times in STEPS.items() for _ in range(times)]),
    st.integers(0, 99),
    st.integers(0, 99),
)
A_RUN = st.lists(A_STEP, min_size=40, max_size=100)
A_TRIAL = st.tuples(st.sampled_from(["DRAIN", "RESET"]), st.sampled_from(["WAIT", "TAKE_OVER"]), st.integers(0, 3))


def some_descriptor(trial: Trial, number: int) -> int:
    """Mostly one that stands for a socket; now and then a dead one, or one that never was."""
    live = [s for s, line in trial.descriptors.items() if line is not None]
    known = list(trial.descriptors) if number % 8 == 7 or not live else live
    return known[number % len(known)]


def some_line(trial: Trial, number: int) -> Line | None:
    return trial.lines[number % len(trial.lines)] if trial.lines else None


def take(trial: Trial, step: Step) -> None:
    """Let one step happen; both numbers say which."""
    name, which, how = step
    s, line = some_descriptor(trial, which), some_line(trial, which)
    versions = [*VERSIONS]
    match name:
        case "startup":
            trial.startup(versions[1 + how % (len(versions) - 1)], buffer=True, works=True)
        case "failing startup":
            trial.startup(versions[1 + how % (len(versions) - 1)], buffer=True, works=False)
        case "refused startup":
            trial.startup(versions[which % 2], buffer=bool(how % 2), works=True)
        case "cleanup":
            trial.cleanup()
        case "socket":
            trial.socket(granted=True)
        case "no socket":
            trial.socket(granted=False)
        case "send":
            trial.send(s, SIZES[how % len(SIZES)], overlapped=how % 4 == 3)
        case "receive":
            trial.receive(s, overlapped=how % 2 == 0)
        case "shutdown":
            trial.shutdown(s)
        case "linger":
            trial.configure(s, [*LINGER][how % len(LINGER)])
        case "blocking":
            trial.set_blocking(s, how % 2 == 0)
        case "duplicate":
            trial.duplicate(s)
        case "close":
            trial.close(s)
        case "send and close":
            trial.send(s, SIZES[how % len(SIZES)], overlapped=False, look=False)
            trial.close(s, look=False)
        case "close that would wait":
            trial.configure(s, "TIMED")
            trial.set_blocking(s, False)
            trial.send(s, 100_000, overlapped=False, look=False)
            trial.close(s, look=False)
        case "peer reads" if line is not None:
            trial.peer_reads(line, (1, 5000, 1 << 20)[how % 3])
        case "peer sends" if line is not None:
            trial.peer_sends(line, 1 + how % 3)
        case "peer resets" if line is not None:
            trial.peer_resets(line)
        case _:
            assert name.startswith("peer")  # and there is no peer yet


def runs_beside_the_model(package: ModuleType, max_examples: int, phases: tuple[Phase, ...] = tuple(Phase)) -> None:
    """Make random runs of the provider of `package`. AssertionError or NotEnabled where the model does not agree."""

    @settings(
        deadline=None,
        database=None,
        max_examples=max_examples,
        phases=phases,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(trial=A_TRIAL, steps=A_RUN)
    def run(trial: tuple[str, str, int], steps: list[Step]) -> None:
        open_sockets, while_draining, patience = trial
        one = Trial(package, open_sockets, while_draining, impatient=patience == 0)
        try:
            one.startup((2, 2), buffer=True, works=True)
            one.socket(granted=True)
            for step in steps:
                take(one, step)
        finally:
            one.end()

    run()


def test_provider_and_model_agree_in_random_runs() -> None:
    runs_beside_the_model(winsock_provider, examples(20))


FAULTS: dict[str, tuple[str, str, str]] = {
    "a close of one of several descriptors closes the socket": (
        "sockets.py",
        """        if outcome == "close_shared":
            return []
""",
        "",
    ),
    "a close ends before everything has arrived": (
        "traffic.py",
        "return held == 0",
        "return True",
    ),
    "a cleanup of somebody else is lost": (
        "direct.py",
        "            nesting.count -= 1\n",
        "",
    ),
    "a startup that says nothing new counts twice": (
        "direct.py",
        "            nesting.count += 1\n",
        "            nesting.count += 2\n",
    ),
    "the lowest version above the request is agreed to": (
        "lifecycle.py",
        "agreed = max((known for known in self._versions if known <= tuple(version)), default=(0, 0))",
        "agreed = min((known for known in self._versions if known <= tuple(version)), default=(0, 0))",
    ),
    "a shutdown does not refuse further sends": (
        "endpoints.py",
        "            self._core.wsp_shutdown(connection.member)\n",
        "",
    ),
    "the last cleanup leaves operations pending": (
        "traffic.py",
        """            connection.cancel_operations()
            connection.cancel_waiters()
            if member""",
        "            if member",
    ),
    "the last cleanup tells of what it cancels": (
        "traffic.py",
        """            connection.cancel_operations()
            connection.cancel_waiters()
            if member""",
        """            for operation in connection.cancel_operations():
                self._tell(operation)
            connection.cancel_waiters()
            if member""",
    ),
    "a close does not tell of what it cancels": (
        "sockets.py",
        "        cancelled.popleft().notify()\n",
        "        cancelled.popleft()\n",
    ),
    "what callers have sent is unknown when a close decides whether it would block": (
        "sockets.py",
        """        self._traffic.settle(connection)
        timed =""",
        "        timed =",
    ),
    "a hard close delivers": (
        "osdep.py",
        "    reset_when_closed(os_socket)\n    close(os_socket)\n",
        "    close(os_socket)\n",
    ),
    "a dead descriptor is handed out again": (
        "sockets.py",
        "owner.next_descriptor += 1",
        "owner.next_descriptor = 1 + max(owner.desk.descriptors, default=0)",
    ),
    "a timed close does not wait": (
        "sockets.py",
        "        while (\n            not connection.closed and",
        "        while (\n            False and not connection.closed and",
    ),
    "a small queued send is put at the wrong end": (
        "connection.py",
        "self.queue.append(Chunk(bytearray(view[sent:]), None))",
        "self.queue.appendleft(Chunk(bytearray(view[sent:]), None))",
    ),
}
"""What is broken in a copy of the package: a file of it, a text there, and what takes its place."""


def with_a_fault(name: str, folder: Path) -> None:
    """A copy of the package, called `faulty`, with one fault in it."""
    file, before, after = FAULTS[name]
    there = folder / "faulty"
    shutil.copytree(
        Path(winsock_provider.__file__).parent, there, ignore=shutil.ignore_patterns("__pycache__", "tests")
    )
    text = (there / file).read_text(encoding="utf-8")
    (there / file).write_text(changed(text, (before, after)), encoding="utf-8")


@pytest.mark.parametrize("name", by_day(FAULTS, 7))
def test_a_fault_of_the_shell_is_found(name: str, tmp_path: Path) -> None:
    with_a_fault(name, tmp_path)
    command = [sys.executable, "-m", "tests.provider.test_conformance", str(tmp_path)]
    here = Path(__file__).parents[2]
    run = subprocess.run(command, cwd=here, check=False, capture_output=True, text=True, timeout=300)
    assert run.returncode == 1
    assert run.stdout.startswith("found"), run.stderr


def main(folder: str) -> int:
    """Look for the fault in a copy of the package; the exit code is 1 if it was found."""
    sys.path.insert(0, folder)
    conftest.PATIENCE = 1.0  # what hangs is found, too
    try:
        runs_beside_the_model(importlib.import_module("faulty"), 400, (Phase.generate,))
    except Exception as found:
        print("found", type(found).__name__, str(found)[-300:], flush=True)
        os._exit(1)  # whatever the fault has left behind
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
