"""Operations that outlive the call that began them."""

import contextlib
import threading
import time
from collections.abc import Callable, Generator
from functools import partial
from typing import Any, Final, Generic, Protocol, TypeVar

from .errors import ErrorCode, WinsockError
from .herald import run_foreign
from .timers import deadline_of

T = TypeVar("T")
Routine = Callable[[int, int], object]
"""A completion routine: it is called with the error number and the number of bytes transferred."""

GLANCE: Final = 0.5
"""Seconds after which whoever waits makes sure that somebody is there who will end the wait."""


class Carrier(Protocol):
    """The owner, as an operation that it carries out sees it."""

    def cancel(self, operation: "Overlapped[Any]") -> bool:
        """End the operation, unless it has ended by itself; whether it was ended."""

    def must_not_wait(self) -> bool:
        """Whether this thread is one that others wait for."""

    def is_gone(self) -> bool:
        """Whether nobody is left who could end the operation."""


class Overlapped(Generic[T]):
    """A send or receive under way. `transferred` counts its bytes, `size` those that were asked for.

    It may be awaited in a running event loop of asyncio, which gives what `result` gives. If the task that awaits it is
    cancelled, so is the operation.
    """

    __slots__ = ("_carrier", "_error", "_event", "_routine", "_value", "_waiters", "size", "transferred")

    def __init__(self, size: int, event: threading.Event | None, routine: Routine | None, carrier: Carrier) -> None:
        self._carrier = carrier
        self._error = int(ErrorCode.WSA_IO_PENDING)
        self._event = event
        self._routine = routine
        self._value: T | None = None
        self._waiters: list[Callable[[], object]] = []
        self.size = size
        self.transferred = 0

    def __repr__(self) -> str:
        match self._error:
            case ErrorCode.WSA_IO_PENDING:
                state = "pending"
            case 0:
                state = "done"
            case error:
                state = WinsockError(error).name
        return f"<Overlapped {state}, {self.transferred} of {self.size} bytes>"

    def error(self) -> int:
        """997 while pending, 0 when done, 995 when cancelled, otherwise why it failed."""
        return self._error

    @property
    def done(self) -> bool:
        """Whether the operation has ended, in whatever way."""
        return self._error != ErrorCode.WSA_IO_PENDING

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the operation has ended, and say whether it has; its routine may still have to run.

        `timeout` is in seconds, None for ever. WSAEINPROGRESS for a completion routine or a hook, which others wait
        for; WSAENETDOWN in a forked child, where nobody is left who could end it; WSAEINVAL for what is no number.
        """
        deadline = deadline_of(timeout)
        if self.done:
            return True
        if self._carrier.must_not_wait():
            raise WinsockError(ErrorCode.WSAEINPROGRESS)
        self._require_carrier()
        over = threading.Lock()
        over.acquire()
        self._waiters.append(over.release)
        try:
            while not self.done:  # looked at after the entry: else nobody would release
                pause = GLANCE if deadline is None else min(GLANCE, max(deadline - time.monotonic(), 0))
                if over.acquire(timeout=pause):
                    continue
                if deadline is not None and time.monotonic() >= deadline:
                    return self.done
                self._require_carrier()
            return True
        finally:
            with contextlib.suppress(ValueError):  # it was interrupted before it stood there
                self._waiters.remove(over.release)

    def result(self, timeout: float | None = None) -> T:
        """Wait for the operation, and return what the plain call would have returned, or raise its error.

        WSA_IO_INCOMPLETE if it has not ended after `timeout` seconds, WSA_OPERATION_ABORTED if it was cancelled; see
        `wait` for the errors of waiting.
        """
        if not self.wait(timeout):
            raise WinsockError(ErrorCode.WSA_IO_INCOMPLETE)
        if self._error:
            raise WinsockError(self._error)
        return self._value  # type: ignore[return-value] # which is there when there is no error

    def cancel(self) -> bool:
        """End the operation with WSA_OPERATION_ABORTED; False if it has ended already.

        Its event and its routine are told. A receive leaves what comes to the next one. The bytes of a send are a part
        of the stream already, between others perhaps, and are sent all the same: only nobody waits for their end.
        """
        return not self.done and self._carrier.cancel(self)

    def __await__(self) -> Generator[Any, None, T]:
        if not self.done:
            yield from self._wait_in_loop()
        return self.result(0)

    def _wait_in_loop(self) -> Generator[Any, None, None]:
        import asyncio  # noqa: PLC0415 - takes longer to load than this whole package, and is here if it is needed

        self._require_carrier()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()

        def settle() -> None:
            if not future.done():
                future.set_result(None)

        wake = partial(loop.call_soon_threadsafe, settle)
        self._waiters.append(wake)
        try:
            if not self.done:
                yield from future
        except asyncio.CancelledError:
            with contextlib.suppress(WinsockError):
                self.cancel()
            raise
        finally:
            self._waiters.remove(wake)

    def _require_carrier(self) -> None:
        if self._carrier.is_gone() and not self.done:
            raise WinsockError(ErrorCode.WSAENETDOWN, "nobody is left who could end the operation")

    # For the owner.

    def succeed(self, result: T, transferred: int) -> None:
        """The operation is done; its event and its routine have not been told yet."""
        self._value = result
        self.transferred = transferred
        self._end(0)

    def fail(self, error: int) -> None:
        """The operation failed or was cancelled; its event and its routine have not been told yet."""
        self._end(int(error))

    def _end(self, error: int) -> None:
        self._error = error
        for wake in tuple(self._waiters):
            with contextlib.suppress(Exception):  # an event loop that is closed, whose tasks wait for nothing
                wake()

    @property
    def has_listener(self) -> bool:
        """Whether an event or a routine wants to be told."""
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
