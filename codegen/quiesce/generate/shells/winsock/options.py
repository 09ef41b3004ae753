"""Options of a socket, linger above all."""

from functools import partial
from typing import TypeAlias

from . import osdep
from .calling import spi
from .connection import Connection
from .constants import (
    FIONBIO,
    FIONREAD,
    SO_DONTLINGER,
    SO_ERROR,
    SO_LINGER,
    SO_TYPE,
    SOCK_DGRAM,
    SOCK_STREAM,
    SOL_SOCKET,
)
from .core import Linger
from .errors import ErrorCode, WinsockError
from .request import Plan
from .sockets import Sockets

OptionValue: TypeAlias = int | bool | tuple[int, int]

DEFAULT_LINGER_SECONDS = 10
"""The time that SO_DONTLINGER false brings about where no SO_LINGER was set before; the provider's choice."""


class Options(Sockets):
    """Calls that configure a socket."""

    @spi
    def setsockopt(self, s: int, level: int, option: int, value: OptionValue | None) -> Plan[None]:
        """Set an option; SO_LINGER takes (onoff, seconds), SO_DONTLINGER a truth value, the others a number.

        WSAEFAULT for a value of the wrong shape, WSAENOPROTOOPT for an option that the socket does not have.
        """
        return Plan(now=partial(self._setsockopt, s, level, option, value))

    def _setsockopt(self, s: int, level: int, option: int, value: OptionValue | None) -> None:
        connection = self._connection(s)
        known = _option(level, option)
        if value is None:
            raise WinsockError(ErrorCode.WSAEFAULT)
        if known == (SOL_SOCKET, SO_LINGER):
            self._set_linger(connection, *_linger_pair(value))
        elif known == (SOL_SOCKET, SO_DONTLINGER):
            seconds = connection.linger_seconds
            if not value and seconds is None:
                seconds = DEFAULT_LINGER_SECONDS
            self._set_linger(connection, not value, seconds)
        elif known not in osdep.OPTIONS:
            raise _no_option(level, option)
        elif not isinstance(value, int):
            raise WinsockError(ErrorCode.WSAEFAULT)
        else:
            with osdep.USABLE:
                connection.os_socket.setsockopt(*osdep.OPTIONS[known], int(value))

    def _set_linger(self, connection: Connection, on: bool, seconds: int | None) -> None:
        if not connection.stream:
            raise WinsockError(ErrorCode.WSAENOPROTOOPT)
        linger = Linger.GRACEFUL if not on else Linger.TIMED if seconds else Linger.HARD
        self._core.wsp_set_sock_opt(connection.member, linger, connection.member.blocking)
        connection.linger_on, connection.linger_seconds = on, seconds

    @spi
    def getsockopt(self, s: int, level: int, option: int) -> Plan[OptionValue]:
        """Read an option, in the form in which `setsockopt` takes it."""
        return Plan(now=partial(self._getsockopt, s, level, option))

    def _getsockopt(self, s: int, level: int, option: int) -> OptionValue:
        connection = self._connection(s)
        known = _option(level, option)
        if known in osdep.OPTIONS:
            return connection.os_socket.getsockopt(*osdep.OPTIONS[known])
        if level != SOL_SOCKET:
            raise _no_option(level, option)
        if option in (SO_LINGER, SO_DONTLINGER) and not connection.stream:
            raise WinsockError(ErrorCode.WSAENOPROTOOPT)
        if option == SO_LINGER:
            return int(connection.linger_on), connection.linger_seconds or 0
        if option == SO_DONTLINGER:
            return not connection.linger_on
        if option == SO_TYPE:
            return SOCK_STREAM if connection.stream else SOCK_DGRAM
        if option == SO_ERROR:
            return osdep.take_error(connection.os_socket) or connection.failure
        raise _no_option(level, option)

    @spi
    def ioctl(self, s: int, command: int, argument: OptionValue | None = None) -> Plan[int]:
        """FIONBIO switches non-blocking mode on or off; FIONREAD answers how many bytes a receive would find."""
        return Plan(now=partial(self._ioctl, s, command, argument))

    def _ioctl(self, s: int, command: int, argument: OptionValue | None) -> int:
        connection = self._connection(s)
        if command == FIONREAD:
            return len(connection.put_back) + osdep.incoming(connection.os_socket)
        if command != FIONBIO:
            raise WinsockError(ErrorCode.WSAEOPNOTSUPP)
        if argument is None:
            raise WinsockError(ErrorCode.WSAEFAULT)
        self._core.wsp_set_sock_opt(connection.member, connection.member.linger, not argument)
        return 0


def _option(level: int, option: int) -> tuple[int, int]:
    if not isinstance(level, int) or not isinstance(option, int):
        raise WinsockError(ErrorCode.WSAENOPROTOOPT, f"not an option: {level!r}, {option!r}")
    return level, option


def _linger_pair(value: OptionValue) -> tuple[bool, int]:
    if not isinstance(value, tuple) or len(value) != 2 or not all(isinstance(part, int) for part in value):
        raise WinsockError(ErrorCode.WSAEFAULT)
    if not 0 <= value[1] <= 0xFFFF:
        raise WinsockError(ErrorCode.WSAEINVAL)
    return bool(value[0]), value[1]


def _no_option(level: int, option: int) -> WinsockError:
    return WinsockError(ErrorCode.WSAENOPROTOOPT, f"no option {option:#x} at level {level:#x}")
