"""Workers are real processes here, and their faults are real."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from functools import partial
from importlib import import_module
from multiprocessing.connection import wait
from pathlib import Path
from types import ModuleType

import pytest
from quiesce.workers import pool as workers
from quiesce.workers.pool import Crashed, Done, Ended, TimedOut, run_all
from quiesce.workers.process import packed

from tests.by_day import by_day

pytestmark = pytest.mark.slow

PATIENCE = 60.0
"""Seconds until a process that should end counts as left behind."""

FOLDER = Path(__file__).parent


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module of faults, under a name by which workers find it too."""
    monkeypatch.syspath_prepend(FOLDER)
    return import_module("worker_faults")


class Home:
    """Workers connect here. A connection ends with the process that made it, however that ends."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self.port: int = listener.getsockname()[1]
        self.connections: list[socket.socket] = []

    def greet(self, workers: int) -> None:
        """Wait for that many processes to have begun their work, then give all of them a word."""
        for _ in range(workers):
            connection, _ = self._listener.accept()
            connection.settimeout(PATIENCE)
            self.connections.append(connection)
            assert connection.recv(100) == b"here"
        for connection in self.connections:
            with suppress(OSError):
                connection.sendall(b"go on")

    def see_all_gone(self) -> None:
        """Wait for the end of every process that began."""
        assert self.connections
        for connection in self.connections:
            with suppress(ConnectionResetError):
                assert connection.recv(100) == b""


@pytest.fixture
def home() -> Iterator[Home]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)
        found = Home(listener)
        yield found
        for connection in found.connections:
            connection.close()


def ends(function: Callable[..., object], items: list[object], jobs: int, timeout: float | None = None) -> list[object]:
    """How each item ended, in the order of the items; each ended once."""
    found = dict[int, Ended[object]]()
    for index, ended in run_all(function, items, jobs, timeout):
        assert index not in found
        found[index] = ended
    assert sorted(found) == list(range(len(items)))
    return [found[index] for index in range(len(items))]


def crash(ended: object) -> Crashed:
    assert isinstance(ended, Crashed)
    return ended


# --- good runs --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jobs", by_day([1, 50, 2, 3], 2))
@pytest.mark.parametrize("count", [0, 1, 5])
def test_every_item_is_answered_once(faults: ModuleType, jobs: int, count: int) -> None:
    assert ends(faults.double, list(range(count)), jobs) == [Done(2 * number) for number in range(count)]


def test_one_job_stays_in_this_process(faults: ModuleType) -> None:
    assert ends(faults.process, [0, 1], 1) == [Done(os.getpid())] * 2
    assert ends(lambda item: item, [0], 1) == [Done(0)]


def test_two_jobs_do_not_even_for_one_item(faults: ModuleType) -> None:
    assert ends(faults.process, [0], 2) != [Done(os.getpid())]


def test_items_and_results_may_be_longer_than_a_pipe_holds(faults: ModuleType) -> None:
    long = "x" * 3_000_000
    assert ends(faults.echo, [long, long, long], 2) == [Done(long)] * 3


@pytest.mark.parametrize("jobs", [0, -1])
def test_jobs_are_positive(jobs: int) -> None:
    with pytest.raises(ValueError, match="at least one job"):
        run_all(abs, [1], jobs)


@pytest.mark.parametrize("timeout", [0, -1.0, float("nan")])
def test_timeouts_are_positive(timeout: float) -> None:
    with pytest.raises(ValueError, match="positive number of seconds"):
        run_all(abs, [1], 2, timeout)


# --- faults of an item ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_exception_is_a_crash_that_says_what_and_where(faults: ModuleType, jobs: int) -> None:
    before, refused, after = ends(faults.refuse, [0, 1, 2], jobs)
    assert (before, after) == (Done(0), Done(2))
    assert crash(refused).reason == "ValueError: not this one"
    assert "in refuse" in crash(refused).trace


@pytest.mark.parametrize("jobs", [1, 2])
def test_leaving_python_is_a_crash(faults: ModuleType, jobs: int) -> None:
    before, left, after = ends(faults.leave, [0, 1, 2], jobs)
    assert (before, crash(left).reason, after) == (Done(0), "SystemExit: enough", Done(2))


@pytest.mark.parametrize(
    ("fault", "reason"),
    by_day(
        [
            ("exits", "the worker ended with exit code 3"),
            ("is killed", f"the worker was killed by signal {signal.SIGKILL}, {signal.strsignal(signal.SIGKILL)}"),
            ("breaks", f"the worker was killed by signal {signal.SIGSEGV}, {signal.strsignal(signal.SIGSEGV)}"),
            ("hangs up", f"the worker was killed by signal {signal.SIGKILL}, {signal.strsignal(signal.SIGKILL)}"),
        ],
        3,
    ),
)
def test_a_worker_that_is_lost_is_a_crash_and_is_replaced(faults: ModuleType, fault: str, reason: str) -> None:
    reasons = {reason}
    if fault == "hangs up":  # its thread that reads notices first, unless it is waiting already, and ends the process
        reasons.add("the worker ended with exit code 1")
    items = ["well", fault, fault, fault, "well", fault, "well"]
    for item, ended in zip(items, ends(faults.suffer, list(items), 2), strict=True):
        if item == fault:
            assert crash(ended).reason in reasons
        else:
            assert ended == Done("well")


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["hangs", "hangs in native code"])
def test_a_worker_that_hangs_is_killed_and_replaced(faults: ModuleType, home: Home, fault: str) -> None:
    items = ["well", fault, fault, "well", "well"]
    found = ends(partial(faults.report_and_suffer, home.port), list(items), 2, timeout=1.0)
    assert found == [TimedOut(1.0) if item == fault else Done("well") for item in items]
    home.greet(len(items))
    home.see_all_gone()


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows cannot stop a process so")
@pytest.mark.parametrize("fault", ["stops", "stops within the answer"])
def test_a_worker_that_somebody_stopped_is_killed_when_its_time_is_over(faults: ModuleType, fault: str) -> None:
    items: list[object] = ["well", fault, "well"]
    assert ends(faults.suffer, items, 2, timeout=1.0) == [Done("well"), TimedOut(1.0), Done("well")]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows cannot stop a process so")
def test_an_item_that_a_stopped_worker_does_not_take_is_given_to_another(faults: ModuleType) -> None:
    fault, long = "stops within the next item", "x" * 3_000_000
    items: list[object] = [fault, fault, long]
    assert ends(faults.suffer, items, 2, timeout=1.0) == [Done(fault), Done(fault), Done(long)]


def test_a_timeout_counts_from_the_moment_an_item_is_given(faults: ModuleType) -> None:
    """Starting a Python takes longer than this, and so do twenty items together."""
    assert ends(faults.double, list(range(20)), 2, timeout=PATIENCE) == [Done(2 * number) for number in range(20)]


def test_what_cannot_be_sent_is_a_crash(faults: ModuleType) -> None:
    before, unsendable, after = ends(faults.echo, [0, lambda: 1, 2], 2)
    assert (before, after) == (Done(0), Done(2))
    assert crash(unsendable).reason.startswith("cannot be sent between processes: ")
    assert "lambda" in crash(unsendable).reason


def test_a_result_that_cannot_be_sent_is_a_crash(faults: ModuleType) -> None:
    before, unsendable, after = ends(faults.unsendable_result, [0, 1, 2], 2)
    assert (before, after) == (Done(0), Done(2))
    assert "lambda" in crash(unsendable).reason


def test_a_result_that_cannot_be_received_is_a_crash(faults: ModuleType) -> None:
    before, fragile, after = ends(faults.fragile_result, [0, 1, 2], 2)
    assert (before, crash(fragile).reason, after) == (Done(0), "ValueError: broken on arrival", Done(2))


def test_an_item_that_is_a_crash_is_an_item_like_any_other(faults: ModuleType) -> None:
    assert ends(faults.echo, [Crashed("as an item"), TimedOut(1.0)], 2) == [
        Done(Crashed("as an item")),
        Done(TimedOut(1.0)),
    ]


def test_a_function_that_cannot_be_sent_crashes_every_item() -> None:
    found = ends(lambda item: item, [0, 1, 2], 2)
    assert ["lambda" in crash(ended).reason for ended in found] == [True] * 3


def test_workers_that_do_not_start_crash_every_item(faults: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "START_LIMIT", -1.0)
    assert ends(faults.double, [0, 1, 2], 2) == [Crashed("no worker started within -1.0 seconds")] * 3


def test_a_worker_that_died_after_its_answer_costs_the_next_item_nothing(faults: ModuleType) -> None:
    worker = workers._Worker(packed(Done(faults.double)), PATIENCE, 0, 21)
    try:
        while (ended := worker.result()) is None:
            wait(worker.handles(), PATIENCE)
        assert ended == Done(42)
        worker._process.kill()
        worker._process.join()
        assert not worker.take(1, 22)
        assert worker.dismissed
    finally:
        worker.dismiss()


# --- nothing is left --------------------------------------------------------------------------------------------


def results_once_all_work(faults: ModuleType, home: Home) -> Generator[tuple[int, Ended[str]], None, None]:
    """Results of three items; the only one that comes does so when all three are worked at."""
    items = ["hangs", "waits for a word", "hangs in native code"]
    threading.Thread(target=home.greet, args=(len(items),)).start()
    return run_all(partial(faults.report_and_suffer, home.port), items, len(items))


def test_closing_the_iterator_kills_the_workers(faults: ModuleType, home: Home) -> None:
    with closing(results_once_all_work(faults, home)) as results:
        assert next(results) == (1, Done("waits for a word"))
    home.see_all_gone()


def test_an_exception_of_whoever_takes_the_results_kills_the_workers(faults: ModuleType, home: Home) -> None:
    def consume() -> None:
        for _ in results_once_all_work(faults, home):
            raise KeyError("a mistake of the consumer")

    with pytest.raises(KeyError):
        consume()
    home.see_all_gone()


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="open files are counted there")
def test_no_open_file_is_left(faults: ModuleType) -> None:
    ends(faults.suffer, ["well"], 2)  # what multiprocessing opens once stays open
    before = len(os.listdir("/dev/fd"))
    ends(faults.suffer, ["well", "exits", "is killed", "hangs up", "hangs", "well"], 2, timeout=1.0)
    assert len(os.listdir("/dev/fd")) == before


SCRIPT = f"""
import sys
sys.path.insert(0, {str(FOLDER)!r})
from functools import partial
from quiesce.workers.pool import run_all
import worker_faults

if __name__ == "__main__":
    port = int(sys.argv[1])
    for result in run_all(partial(worker_faults.report_and_suffer, port), sys.argv[3:], int(sys.argv[2])):
        print(result, flush=True)
"""


def living(group: int) -> list[str]:
    """The processes of a group that have not ended, as the kernel shows them."""
    lines = [line for path in Path("/proc").glob("[0-9]*/stat") if (line := read(path))]
    fields = [(line, line.rpartition(")")[2].split()) for line in lines]
    return [line for line, (state, _, of_group, *_) in fields if of_group == str(group) and state not in "ZX"]


def read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("fault", by_day(["hangs in native code", "hangs"], 2))
@pytest.mark.parametrize(
    ("number", "whole_group"),
    [(signal.SIGINT, True), (signal.SIGINT, False), (signal.SIGTERM, False), (signal.SIGKILL, False)],
    ids=["Ctrl-C", "interrupted", "terminated", "killed"],
)
def test_a_parent_that_is_stopped_leaves_no_process(
    tmp_path: Path, home: Home, number: signal.Signals, whole_group: bool, fault: str
) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    parent = subprocess.Popen(
        [sys.executable, str(script), str(home.port), "3", "well", fault, fault, fault, "well"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    assert parent.stdout is not None
    try:
        output = parent.stdout.readline()  # it is told at once, but maybe after all of them have greeted
        home.greet(4)
        assert len(living(parent.pid)) >= 4 or not Path("/proc").exists()
        (os.killpg if whole_group else os.kill)(parent.pid, number)
        rest, errors = parent.communicate(timeout=PATIENCE)  # until all have closed it, not the parent alone
        home.see_all_gone()
        deadline = time.monotonic() + PATIENCE
        while living(parent.pid) and time.monotonic() < deadline:  # the last one may still be about to end
            time.sleep(0.01)
        assert living(parent.pid) == []
    except BaseException:
        with suppress(ProcessLookupError):
            os.killpg(parent.pid, signal.SIGKILL)
        raise
    assert parent.returncode == -number
    assert (output, rest) == ("(0, Done(value='well'))\n", "")
    assert errors.count("Traceback") == (number == signal.SIGINT)


def test_a_process_left_behind_would_be_seen() -> None:
    child = "import time; print(flush=True); time.sleep(1000)"
    parent = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {child!r}])"
    started = subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, start_new_session=True)
    with started:
        assert started.stdout is not None
        started.stdout.readline()
        started.wait(PATIENCE)
        assert len(living(started.pid)) == 1
        os.killpg(started.pid, signal.SIGKILL)


def test_ctrl_c_is_blocked_in_a_worker_from_birth_and_then_ignored(faults: ModuleType) -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    assert ends(faults.attitude_to_interrupts, [0], 2) == [Done((True, True))]
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before


# --- the main module --------------------------------------------------------------------------------------------


def script_output(*arguments: str) -> tuple[str, str]:
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, encoding="utf-8", timeout=2 * PATIENCE, check=True
    )
    return done.stdout, done.stderr


GUARDED = """
from quiesce.workers.pool import run_all

def half(number):
    return number // 2

if __name__ == "__main__":
    print(sorted(run_all(half, [2, 4], 2), key=str))
"""


def test_a_guarded_script_can_use_its_own_functions(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(GUARDED, encoding="utf-8")
    assert script_output(str(script)) == ("[(0, Done(value=1)), (1, Done(value=2))]\n", "")


def test_without_a_guard_every_item_crashes_and_the_script_ends(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(GUARDED.replace('if __name__ == "__main__"', "if True"), encoding="utf-8")
    output, errors = script_output(str(script))
    assert (output.count("Crashed("), output.count("can the main module be imported?")) == (2, 2)
    assert "Done(value" not in output
    assert "__main__" in errors


def test_a_command_line_can_use_the_functions_of_modules_but_not_its_own() -> None:
    assert script_output("-c", "from quiesce.workers.pool import run_all; print(*run_all(abs, [-1], 2))") == (
        "(0, Done(value=1))\n",
        "",
    )
    output, errors = script_output("-c", GUARDED)
    assert (output.count("reason=\"AttributeError: Can't get"), output.count("Done(value"), errors) == (2, 0, "")


def test_what_workers_print_is_not_mixed_into_the_output() -> None:
    script = f"""
import sys
sys.path.insert(0, {str(FOLDER)!r})
from quiesce.workers.pool import run_all
import worker_faults
print([ended.value for _, ended in sorted(run_all(worker_faults.make_noise, [1, 2], 2), key=str)])
"""
    assert script_output("-c", script) == ("[1, 2]\n", "")
