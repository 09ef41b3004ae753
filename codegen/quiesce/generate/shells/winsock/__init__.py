"""A Winsock service provider with a proved lifecycle."""

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
from .stats import Stats
from .traffic import Report
from .version import WSPData

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
