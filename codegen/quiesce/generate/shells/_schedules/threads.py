"""The threads of a run: real ones, each of which waits at its gate until it is let go on."""

import math
import threading
from collections.abc import Callable
from types import FrameType

from .states import Apart, Ident


class Worker:
    """A real thread, which runs one function after the other, each when its gate is opened."""

    def __init__(self) -> None:
        self.gate = threading.Lock()
        self.gate.acquire()
        self.job: Callable[[], None] = lambda: None
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        while True:
            self.gate.acquire()
            self.job()


def always() -> bool:
    """Whether a thread that waits for nothing can go on."""
    return True


def never() -> bool:
    """Whether a thread that waits for the clock alone can go on."""
    return False


class Thread(Apart):
    """A thread of a run: where it stands, and when it can go on."""

    def __init__(self, name: str, ident: Ident, worker: Worker) -> None:
        self.name = name
        self.ident = ident
        self.worker = worker
        self.at: str | int = ""
        self.ready = always
        self.deadline = math.inf
        self.frame: FrameType | None = None
        self.handled: BaseException | None = None
        self.interrupted = False
        self.ended = False
        self.lost = False
        """Whether it could not be ended."""
        self.own = False
        """Whether the code under test has started it; such a thread is not interrupted."""
        self.cuts = 0
