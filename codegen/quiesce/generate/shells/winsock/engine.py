"""The I/O thread of one period between startup and release: it moves bytes, keeps time, and ends the drain."""

import threading
import time
from functools import partial
from typing import Final

from .core import Phase, WinsockProviderCore
from .hooks import Hooks
from .overlapped import run_foreign
from .traffic import Traffic
from .watch import Watch

LONGEST_PAUSE: Final = 0.02
"""Seconds after which the closes in progress are looked at in any case."""


class Engine:
    """Starts with an initialisation, ends with the release. Guarded by the provider's lock."""

    def __init__(self, lock: threading.RLock, changed: threading.Condition, core: WinsockProviderCore) -> None:
        self._lock = lock
        self._changed = changed
        self._core = core
        self._watch = Watch()
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._drain_deadline = 0.0
        self._epoch_ends = False
        self.traffic = Traffic(core, self._watch, changed)
        self.releasing = False
        """The drain is over; no startup may take over any more."""

    def start(self, hooks: Hooks) -> None:
        """Begin to run. RuntimeError if the system grants no thread."""
        thread = threading.Thread(target=self._run, args=(hooks,), name="winsock-provider-io", daemon=True)
        thread.start()
        self._thread = thread

    def is_current_thread(self) -> bool:
        """Whether the caller runs on the I/O thread, which must not wait for itself."""
        return threading.current_thread() is self._thread

    def expect_drain(self, seconds: float) -> None:
        """The last cleanup is about to begin; after `seconds`, peers that do not read are given up.

        Announced beforehand, so that the I/O thread ends the epoch even if an interrupt keeps the caller from it.
        """
        self._drain_deadline = time.monotonic() + seconds
        self._epoch_ends = True
        self._watch.wake()

    def end_epoch(self) -> None:
        """Do to the sockets what the core has decided about them. Doing it twice does no harm."""
        self.traffic.follow_core(time.monotonic())
        self._epoch_ends = False

    def stop(self) -> None:
        """End without a release, because the initialisation failed. Called without the lock."""
        if self._thread is None:
            self._watch.close()
            return
        with self._lock:
            self._stopping = True
            self._watch.wake()
        self._thread.join()

    def join(self) -> None:
        """Wait until the thread is gone; it needs the lock no more once the core was released."""
        if self._thread is not None and not self.is_current_thread():
            self._thread.join()

    def abandon(self) -> None:
        """Give back the handles only: after a fork no thread is here, and the parent still uses what they stand for."""
        self._watch.close()
        for connection in self.traffic.connections:
            connection.os_socket.close()

    def _run(self, hooks: Hooks) -> None:
        timeout: float | None = None
        while True:
            ready = self._watch.select(timeout)
            with self._lock:
                for connection, events in ready:
                    self.traffic.on_ready(connection, events)
                self._keep_time()
                ended, self.traffic.ended = self.traffic.ended, []
                self.releasing = self._core.can_release() and not ended
                over = self.releasing or self._stopping
                epoch = self._core.epoch
                if over:
                    self._watch.close()
                timeout = 0.0 if ended else self._timeout()
            for operation in ended:
                operation.notify()
            if over:
                break
        if self.releasing:
            self._release(hooks, epoch)

    def _keep_time(self) -> None:
        if self._epoch_ends:
            self.end_epoch()
        now = time.monotonic()
        self.traffic.check_closes(now)
        if self._core.phase is Phase.DRAINING and now >= self._drain_deadline:
            self.traffic.give_up()

    def _timeout(self) -> float | None:
        if not self.traffic.closing:
            return None
        pause = self.traffic.pause
        self.traffic.pause = min(2 * pause, LONGEST_PAUSE)
        return pause

    def _release(self, hooks: Hooks, epoch: int) -> None:
        try:
            run_foreign(partial(hooks.released, epoch))
        finally:
            with self._lock:
                self._core.release()
                self._changed.notify_all()
