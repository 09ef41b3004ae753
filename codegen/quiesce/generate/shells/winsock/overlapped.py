"""Operations that outlive the call that began them."""

import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

from .errors import ErrorCode

T = TypeVar("T")
Routine = Callable[[int, int], object]
"""A completion routine: it is called with the error number and the number of bytes transferred."""


class Overlapped(Generic[T]):
    """A send or receive under way.

    `result` is what the plain call would have returned, None unless it succeeded; `transferred` counts bytes.
    """

    __slots__ = ("_error", "_event", "_routine", "result", "size", "transferred")

    def __init__(self, size: int, event: threading.Event | None, routine: Routine | None) -> None:
        self._error = int(ErrorCode.WSA_IO_PENDING)
        self._event = event
        self._routine = routine
        self.size = size
        self.transferred = 0
        self.result: T | None = None

    def error(self) -> int:
        """997 while pending, 0 when done, 995 when cancelled, otherwise why it failed."""
        return self._error

    def succeed(self, result: T, transferred: int) -> None:
        """The operation is done; nobody has been told yet."""
        self.result = result
        self.transferred = transferred
        self._error = 0

    def fail(self, error: int) -> None:
        """The operation failed or was cancelled; nobody has been told yet."""
        self._error = int(error)

    def notify(self) -> None:
        """Perform the completion action. Never called with the lock held, for it runs people's code."""
        if self._event is not None:
            self._event.set()
        if self._routine is not None:
            run_foreign(partial(self._routine, self._error, self.transferred))


def run_foreign(function: Callable[[], object]) -> None:
    """Run people's code where no caller could catch its exception; what it raises goes to `threading.excepthook`."""
    try:
        function()
    except Exception:
        threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread())))
