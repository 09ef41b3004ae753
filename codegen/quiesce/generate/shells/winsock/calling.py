"""The common parts of all calls of the interface: one exception type, and a last error per thread."""

import functools
import threading
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from . import osdep
from .core import Refused
from .errors import ErrorCode, WinsockError

P = ParamSpec("P")
T = TypeVar("T")


class _LastError(threading.local):
    number = 0


class Caller:
    """An object whose calls leave the calling thread a last error."""

    def __init__(self) -> None:
        self._last_error = _LastError()

    def get_last_error(self) -> int:
        """The number of the calling thread's latest failure; 0 if its latest call succeeded."""
        return self._last_error.number

    def remember_error(self, number: int) -> None:
        """Set the calling thread's last error."""
        self._last_error.number = number


C = TypeVar("C", bound=Caller)


def spi(function: Callable[Concatenate[C, P], T]) -> Callable[Concatenate[C, P], T]:
    """A call of the interface: a refusal of the core or of the operating system becomes a `WinsockError`."""

    @functools.wraps(function)
    def call(caller: C, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            result = function(caller, *args, **kwargs)
        except WinsockError as error:
            caller.remember_error(error.winerror)
            raise
        except Refused as refusal:
            refused = WinsockError(ErrorCode[refusal.error])
            caller.remember_error(refused.winerror)
            raise refused from None
        except OSError as failure:
            failed = WinsockError(osdep.winsock_number(failure), str(failure))
            caller.remember_error(failed.winerror)
            raise failed from failure
        caller.remember_error(0)
        return result

    return call
