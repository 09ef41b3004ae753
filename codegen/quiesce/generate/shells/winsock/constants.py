"""Winsock's own numbers, the same on every platform; `osdep` maps them to what the operating system wants."""

from typing import Final

AF_INET: Final = 2
AF_INET6: Final = 23

SOCK_STREAM: Final = 1
SOCK_DGRAM: Final = 2

IPPROTO_TCP: Final = 6
IPPROTO_UDP: Final = 17

SOL_SOCKET: Final = 0xFFFF
SO_ACCEPTCONN: Final = 0x0002
SO_REUSEADDR: Final = 0x0004
SO_KEEPALIVE: Final = 0x0008
SO_BROADCAST: Final = 0x0020
SO_LINGER: Final = 0x0080
SO_DONTLINGER: Final = ~SO_LINGER
SO_OOBINLINE: Final = 0x0100
SO_SNDBUF: Final = 0x1001
SO_RCVBUF: Final = 0x1002
SO_ERROR: Final = 0x1007
SO_TYPE: Final = 0x1008
TCP_NODELAY: Final = 0x0001

FIONBIO: Final = 0x8004667E
FIONREAD: Final = 0x4004667F

MSG_OOB: Final = 0x1
MSG_PEEK: Final = 0x2
MSG_DONTROUTE: Final = 0x4

SD_RECEIVE: Final = 0
SD_SEND: Final = 1
SD_BOTH: Final = 2

INADDR_NONE: Final = 0xFFFFFFFF
