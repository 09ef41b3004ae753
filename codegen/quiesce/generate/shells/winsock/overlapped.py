"""Operations that outlive the call that began them."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

from .errors import ErrorCode, WinsockError
from .herald import run_foreign

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

    @property
    def has_listener(self) -> bool:
        """Whether anybody wants to be told."""
        return self._event is not None or self._routine is not None

    def notify(self) -> None:
        """Perform the completion action, which runs people's code: never on the owner's thread."""
        if self._event is not None:
            run_foreign(self._event.set, "the event of an operation")
        if self._routine is not None:
            run_foreign(partial(self._routine, self._error, self.transferred), "a completion routine")


def check_completion(event: object, routine: object) -> None:
    """WSA_INVALID_HANDLE for an event that cannot be set, WSAEFAULT for a routine that cannot be called."""
    if event is not None and not callable(getattr(event, "set", None)):
        raise WinsockError(ErrorCode.WSA_INVALID_HANDLE, f"not an event: {type(event).__name__}")
    if routine is not None and not callable(routine):
        raise WinsockError(ErrorCode.WSAEFAULT, f"not a completion routine: {type(routine).__name__}")
