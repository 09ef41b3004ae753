"""People's code, run on a thread of its own: completion routines, events, hooks and the handlers of their logs.

It may raise what it likes, wait, or never return: the owner of the I/O does not notice.
"""

import logging
import queue
import sys
import threading
from collections.abc import Callable
from typing import Final

LOG: Final = logging.getLogger("winsock_provider")

Job = Callable[[], object]
Report = Callable[[BaseException | None], None]


class Herald:
    """Starts with its first job. Used by the owner's thread alone."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[tuple[Job, Report] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self.ident: int | None = None
        """The herald's thread, as `threading.get_ident` tells it; None before it has begun."""

    def run(self, job: Job, report: Report) -> None:
        """Run `job` soon, behind those that came before it, and report how it ended. Does not wait."""
        if self._thread is None:
            thread = threading.Thread(target=_run, args=(self._jobs,), name="winsock-provider-herald", daemon=True)
            try:
                thread.start()
            except RuntimeError:  # the system grants no thread, and nobody may be left untold
                _run_one(job, report)
                return
            self._thread, self.ident = thread, thread.ident
        self._jobs.put((job, report))

    def end(self, wait: bool) -> None:
        """No job follows. `wait` for the end of those that are under way."""
        if self._thread is not None:
            self._jobs.put(None)
            if wait:
                self._thread.join()


def _run(jobs: "queue.SimpleQueue[tuple[Job, Report] | None]") -> None:
    while (entry := jobs.get()) is not None:
        _run_one(*entry)
        del entry


def _run_one(job: Job, report: Report) -> None:
    failure: BaseException | None = None
    try:
        job()
    except BaseException as raised:
        failure = raised
    try:
        report(failure)
    finally:
        del failure  # whose traceback holds this frame


def run_foreign(function: Job, what: str) -> None:
    """Run people's code where no caller could catch its exception: the thread hook and the log are told."""
    try:
        function()
    except BaseException as failure:
        if isinstance(failure, KeyboardInterrupt) and threading.current_thread() is threading.main_thread():
            raise  # somebody stops the program, and this happens to be what it was doing
        try:
            if not isinstance(failure, SystemExit):
                threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread())))
        except BaseException:
            LOG.exception("threading.excepthook failed while it was told of a failure of %s", what)
        try:
            if isinstance(failure, SystemExit):
                LOG.error("%s called sys.exit; the provider goes on", what)  # noqa: TRY400 - the trace tells no more
        except BaseException:  # noqa: S110 - the log was the last place to tell
            pass
