"""The common parts of all calls of the interface: one exception type, and a last error per thread."""

import functools
import threading
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from . import osdep
from .core import Refused
from .errors import ErrorCode, WinsockError
from .owner import Owner
from .request import Plan

P = ParamSpec("P")
T = TypeVar("T")


class _LastError(threading.local):
    number = 0


class Remembering:
    """An object whose calls leave the calling thread a last error."""

    def __init__(self) -> None:
        self._last_error = _LastError()
        self._failing: dict[int, None] = {}
        """The threads that have another number than 0, and maybe some more. It is seldom that there are any."""

    def get_last_error(self) -> int:
        """The number of the calling thread's latest failure; 0 if its latest call succeeded."""
        return self._last_error.number

    def remember_error(self, number: int) -> None:
        """Set the calling thread's last error."""
        ident = threading.get_ident()
        if number:
            self._failing[ident] = None
            self._last_error.number = number  # in one step with the line above, as a handler may call in, too
            return
        self._last_error.number = 0
        if ident in self._failing:
            del self._failing[ident]  # in one step with the lines above


class Caller(Remembering):
    """The same, with calls that are carried out by an owner."""

    _owner: Owner


C = TypeVar("C", bound=Caller)


def spi(function: Callable[Concatenate[C, P], Plan[T]]) -> Callable[Concatenate[C, P], T]:
    """A call of the interface: `function` says what is to be done, the owner does it.

    Every failure is a `WinsockError`, and the first to be looked for is that the provider does not run. A call that is
    interrupted while it waits is taken back.
    """
    return _call(function, Owner.require_running)


def spi_at_any_time(function: Callable[Concatenate[C, P], Plan[T]]) -> Callable[Concatenate[C, P], T]:
    """The same for a call that does not need a provider that runs."""
    return _call(function, lambda _owner: None)


def _call(
    function: Callable[Concatenate[C, P], Plan[T]], check: Callable[[Owner], None]
) -> Callable[Concatenate[C, P], T]:
    @functools.wraps(function)
    def call(caller: C, /, *args: P.args, **kwargs: P.kwargs) -> T:
        owner, request, known = caller._owner, None, None
        try:
            check(owner)
            plan = function(caller, *args, **kwargs)
            if plan.answer is not None:
                caller.remember_error(0)
                return plan.answer
            request = owner.request(plan)
            owner.post(request)
            result: T = owner.wait_for(request)
            if plan.after is not None:
                plan.after(result)
            caller.remember_error(0)
        except BaseException as failure:
            if request is not None and failure is not request.failure:
                owner.abandon(request)
            if not isinstance(failure, Exception):
                raise
            known = as_winsock_error(failure)
            caller.remember_error(known.winerror)
            if known is failure:
                raise
            raise known from (None if isinstance(failure, Refused) else failure)
        else:
            return result
        finally:
            del request, known  # else the exception's traceback, and this frame in it, would keep each other alive

    return call


def local(function: Callable[Concatenate[C, P], T]) -> Callable[Concatenate[C, P], T]:
    """A call that needs no owner, only a provider that runs."""

    @functools.wraps(function)
    def call(caller: C, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            caller._owner.require_running()
            result = function(caller, *args, **kwargs)
        except Exception as failure:
            known = as_winsock_error(failure)
            caller.remember_error(known.winerror)
            if known is failure:
                raise
            try:
                raise known from (None if isinstance(failure, Refused) else failure)
            finally:
                del known
        caller.remember_error(0)
        return result

    return call


def as_winsock_error(failure: Exception) -> WinsockError:
    """The error that a call raises for `failure`; every failure has a number of Winsock's."""
    match failure:
        case WinsockError():
            return failure
        case Refused():
            return WinsockError(ErrorCode[failure.error])
        case OSError():
            return WinsockError(osdep.winsock_number(failure), str(failure))
        case TypeError() | ValueError() | OverflowError() | BufferError():
            return WinsockError(ErrorCode.WSAEFAULT, str(failure))
        case MemoryError():
            return WinsockError(ErrorCode.WSAENOBUFS, str(failure))
        case _:
            return WinsockError(ErrorCode.WSASYSCALLFAILURE, f"{type(failure).__name__}: {failure}")
