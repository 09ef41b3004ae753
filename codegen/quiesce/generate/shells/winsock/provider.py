"""The provider as its clients see it."""

from collections.abc import Callable, Mapping
from functools import cached_property

from . import procedure_table
from .calling import local
from .direct import Direct
from .errors import ErrorCode, WinsockError
from .names import Names
from .options import Options
from .selecting import Selecting


class WinsockProvider(Direct, Options, Selecting, Names):
    """A Winsock service provider: counted startup and cleanup around sockets that are drained before they are freed.

    Every refusal, failures of the operating system included, is a `WinsockError`. All methods may be called by any
    thread; none but a blocking call on a socket, a startup and the last cleanup ever waits.
    """

    @cached_property
    def _table(self) -> Mapping[str, Callable[..., object]]:
        return procedure_table.procedure_table(self, self._unsupported)

    @property
    def procedure_table(self) -> Mapping[str, Callable[..., object]]:
        """The 30 procedures of the service provider interface, by name; read-only."""
        return self._table

    @local
    def _unsupported(self, /, *_arguments: object, **_options: object) -> object:
        raise WinsockError(ErrorCode.WSAEOPNOTSUPP)

    @staticmethod
    def process() -> "WinsockProvider":
        """The one instance of this process, whose counter is the per-process counter."""
        return _PROCESS


_PROCESS = WinsockProvider()
