"""One function over many items, in several processes.

A worker is a fresh Python (`spawn`, the same on every platform). Only pickled items and results cross, never objects of
a solver. Each worker holds one end of a pipe, and a thread of it does nothing but read there: it notices at once when
the other end is gone, even while a solver runs, and ends the process. So none is left behind, neither by Ctrl-C, which
workers ignore and leave to their parent, nor when the parent is killed outright. (Only native code that keeps Python's
global lock could delay that; Z3 gives it up while it works.)

A fresh Python imports the main module once more, under another name. A script that starts workers has to do so under
`if __name__ == "__main__":`; otherwise its workers cannot start, and every item is `Crashed`. What a main module prints
while it is imported is seen; nothing that a worker prints thereafter is. A worker knows the functions of importable
modules and of a script's own file, but not those of `python -c` or of a prompt.
"""

import os
import signal
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from math import inf
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection, wait
from time import monotonic
from typing import Any, TypeAlias

from quiesce.workers.process import Crashed, Done, Item, Outcome, attempt, packed, serve, unpacked

__all__ = ["START_LIMIT", "Crashed", "Done", "Ended", "TimedOut", "processors", "run_all"]

START_LIMIT = 120.0
"""Seconds that a worker may take to start, before it is given an item."""

_MOST_WORKERS = 30 if sys.platform == "win32" else 1_000
"""Windows waits for at most 63 things at once, and each worker is two."""


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The function did not return within that many seconds, and its process was killed."""

    seconds: float


Ended: TypeAlias = Done[Outcome] | Crashed | TimedOut


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_all(
    function: Callable[[Item], Outcome], items: Sequence[Item], jobs: int, timeout: float | None = None
) -> Generator[tuple[int, Ended[Outcome]], None, None]:
    """Call `function` on each item, `jobs` at a time; gives the index of an item and how it ended, as they end.

    Every item is answered exactly once. `timeout` is in seconds, for one item. With one job all happens in this
    process: nothing is pickled, `timeout` is *not* enforced, and what kills a process kills this one. With more jobs,
    even for a single item, no item harms another. Nothing starts before the first result is asked for, and no
    item is given out between two of them; closing the iterator (`contextlib.closing`) kills what still runs.

    Raises:
        ValueError: fewer than one job, or a timeout that is not positive.
    """
    if jobs < 1:
        raise ValueError(f"at least one job is needed, not {jobs}")
    if timeout is not None and not timeout > 0:
        raise ValueError(f"a timeout is a positive number of seconds, not {timeout}")
    if jobs == 1:
        return ((index, attempt(function, item)) for index, item in enumerate(items))
    return _in_workers(packed(Done(function)), items, jobs, inf if timeout is None else timeout)


def _in_workers(
    function: bytes, items: Sequence[Any], jobs: int, timeout: float
) -> Generator[tuple[int, Ended[Any]], None, None]:
    tasks = enumerate(items)
    crew: list[_Worker] = []
    try:
        crew.extend(_Worker(function, timeout, *task) for task in islice(tasks, min(jobs, _MOST_WORKERS)))
        while crew:
            due = min(worker.due for worker in crew)
            wait([handle for worker in crew for handle in worker.handles()], None if due == inf else due - monotonic())
            for place, worker in enumerate(crew):
                result = worker.result()
                if result is not None:
                    index, task = worker.index, next(tasks, None)
                    if task is None:
                        worker.dismiss()
                    elif not worker.take(*task):
                        crew[place] = _Worker(function, timeout, *task)
                    yield index, result
            crew = [worker for worker in crew if not worker.dismissed]
    finally:
        for worker in crew:
            worker.dismiss()


class _Worker:
    """A process, its current item, and the time at which that item is due."""

    def __init__(self, function: bytes, timeout: float, index: int, item: object) -> None:
        self.index, self._item = index, item
        self.due = monotonic() + START_LIMIT
        self.dismissed = False
        self._timeout = timeout
        self._ready = False
        spawning = get_context("spawn")
        self._pipe, theirs = spawning.Pipe()
        told = theirs, function, sys.get_int_max_str_digits()
        self._process = spawning.Process(target=serve, args=told, daemon=True)
        with theirs, _interrupts_held_back():
            self._process.start()

    def handles(self) -> tuple[Connection, int]:
        """The handles that become ready when there may be a result."""
        return self._pipe, self._process.sentinel

    def take(self, index: int, item: object) -> bool:
        """Go on with another item, unless the process is gone."""
        self.index, self._item = index, item
        try:
            return not self.dismissed and self._begin()
        except OSError:
            self.dismiss()
            return False

    def _begin(self) -> bool:
        self._pipe.send_bytes(packed(Done(self._item)))
        self.due = monotonic() + self._timeout
        return True

    def result(self) -> Ended[Any] | None:
        """The result of the item, if there is one yet. A process that died, or did not answer in time, is dismissed."""
        alive = not wait([self._process.sentinel], 0)  # a live process that closed it is lost, too
        try:
            if self._pipe.poll():
                message = self._pipe.recv_bytes()
                if self._ready:
                    return unpacked(message)
                self._ready = self._begin()
                return None
        except (EOFError, OSError):
            alive = False
        if alive and monotonic() < self.due:
            return None
        ended = self._overdue() if alive else Crashed(self._last_words())
        self.dismiss()
        return ended

    def _overdue(self) -> TimedOut | Crashed:
        return TimedOut(self._timeout) if self._ready else Crashed(f"no worker started within {START_LIMIT} seconds")

    def _last_words(self) -> str:
        self._process.kill()  # one that is ending has its exit code already; one that only cut itself off lives
        self._process.join()
        code = self._process.exitcode or 0
        how = f"was killed by signal {-code}, {signal.strsignal(-code)}" if code < 0 else f"ended with exit code {code}"
        return f"the worker {how}{'' if self._ready else ' before it got its item (can the main module be imported?)'}"

    def dismiss(self) -> None:
        """Kill the process and let go of all that belongs to it."""
        if not self.dismissed:
            self._process.kill()
            self._process.join()
            self._process.close()
            self._pipe.close()
            self.dismissed = True


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Have processes born with Ctrl-C blocked, where that exists: none shall die of it and print a traceback."""
    if sys.platform == "win32":
        yield
        return
    resource_tracker.ensure_running()  # it would unblock Ctrl-C when started later
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
