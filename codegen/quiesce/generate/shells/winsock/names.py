"""Look-ups of hosts and services, and the one call that needs no startup."""

import socket
from functools import partial

from . import osdep
from .calling import local, spi
from .constants import INADDR_NONE
from .errors import ErrorCode, WinsockError
from .lookups import look_up
from .request import Plan, Steps
from .sockets import Sockets


class Names(Sockets):
    """Calls on the databases of names. A provider that does not run refuses before it looks at the arguments."""

    @spi
    def gethostbyname(self, name: str | None) -> Plan[str]:
        """The IPv4 address of a host, of this one for None, in dotted form. WSAHOST_NOT_FOUND if it has none.

        WSAEINTR if the last cleanup cancels it.
        """
        return Plan(steps=partial(self._gethostbyname, name))

    def _gethostbyname(self, name: str | None) -> Steps[str]:
        self._owner.require_running()
        question = partial(_host, socket.gethostname() if name is None else name)
        return (yield from look_up(self._owner, question, lambda: True))

    @local
    def getservbyname(self, name: str | None, proto: str | None = None) -> int:
        """The port of a service. WSANO_DATA if it is unknown."""
        if name is None:
            raise WinsockError(ErrorCode.WSAEFAULT)
        try:
            with osdep.USABLE:
                return socket.getservbyname(name) if proto is None else socket.getservbyname(name, proto)
        except WinsockError:
            raise
        except OSError as unknown:
            raise WinsockError(ErrorCode.WSANO_DATA, str(unknown)) from unknown

    @local
    def getservbyport(self, port: int, proto: str | None = None) -> str:
        """The service of a port. WSANO_DATA if it is unknown."""
        try:
            with osdep.USABLE:
                return socket.getservbyport(port) if proto is None else socket.getservbyport(port, proto)
        except WinsockError:
            raise
        except OSError as unknown:
            raise WinsockError(ErrorCode.WSANO_DATA, str(unknown)) from unknown

    @staticmethod
    def inet_addr(text: str) -> int:
        """An IPv4 address as Windows holds it in memory, 0x0100007F for "127.0.0.1"; INADDR_NONE if it is none."""
        try:
            return int.from_bytes(socket.inet_aton(text), "little")
        except (OSError, TypeError, ValueError):
            return INADDR_NONE


def _host(name: str) -> str:
    with osdep.USABLE:
        return socket.gethostbyname(name)
