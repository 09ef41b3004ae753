"""A Winsock service provider with a proved lifecycle."""

from typing import TYPE_CHECKING

from .constants import (
    AF_INET,
    AF_INET6,
    FIONBIO,
    FIONREAD,
    INADDR_NONE,
    IPPROTO_TCP,
    IPPROTO_UDP,
    MSG_DONTROUTE,
    MSG_OOB,
    MSG_PEEK,
    SD_BOTH,
    SD_RECEIVE,
    SD_SEND,
    SO_ACCEPTCONN,
    SO_BROADCAST,
    SO_DONTLINGER,
    SO_ERROR,
    SO_KEEPALIVE,
    SO_LINGER,
    SO_OOBINLINE,
    SO_RCVBUF,
    SO_REUSEADDR,
    SO_SNDBUF,
    SO_TYPE,
    SOCK_DGRAM,
    SOCK_STREAM,
    SOL_SOCKET,
    TCP_NODELAY,
)
from .core import Phase
from .errors import ErrorCode, WinsockError
from .hooks import Hooks, NoHooks
from .lifecycle import Snapshot
from .overlapped import Overlapped
from .provider import WinsockProvider
from .stats import Report, Stats
from .version import WSPData

if TYPE_CHECKING:
    from winsock_layered_provider import LayeredWinsockProvider

__all__ = [
    "AF_INET",
    "AF_INET6",
    "FIONBIO",
    "FIONREAD",
    "INADDR_NONE",
    "IPPROTO_TCP",
    "IPPROTO_UDP",
    "MSG_DONTROUTE",
    "MSG_OOB",
    "MSG_PEEK",
    "SD_BOTH",
    "SD_RECEIVE",
    "SD_SEND",
    "SOCK_DGRAM",
    "SOCK_STREAM",
    "SOL_SOCKET",
    "SO_ACCEPTCONN",
    "SO_BROADCAST",
    "SO_DONTLINGER",
    "SO_ERROR",
    "SO_KEEPALIVE",
    "SO_LINGER",
    "SO_OOBINLINE",
    "SO_RCVBUF",
    "SO_REUSEADDR",
    "SO_SNDBUF",
    "SO_TYPE",
    "TCP_NODELAY",
    "ErrorCode",
    "Hooks",
    "LayeredWinsockProvider",
    "NoHooks",
    "Overlapped",
    "Phase",
    "Report",
    "Snapshot",
    "Stats",
    "WSPData",
    "WinsockError",
    "WinsockProvider",
]


def __getattr__(name: str) -> object:
    """The layered provider, which is a package of its own that stands on this one."""
    if name != "LayeredWinsockProvider":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from winsock_layered_provider import LayeredWinsockProvider  # noqa: PLC0415 - it imports this package

    return LayeredWinsockProvider
