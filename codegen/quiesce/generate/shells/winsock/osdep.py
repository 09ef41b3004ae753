"""The seam to the operating system: what differs from platform to platform, or from Winsock, is decided here."""

import contextlib
import errno
import select
import socket
import struct
import sys
from collections.abc import Iterable
from types import TracebackType
from typing import Final, TypeAlias

from . import constants as winsock
from .errors import ErrorCode, WinsockError

if sys.platform != "win32":
    import fcntl
    import termios

Address: TypeAlias = tuple[str, int] | tuple[str, int, int, int]
Readiness: TypeAlias = tuple[set[socket.socket], set[socket.socket], set[socket.socket]]

FAMILIES: Final = {winsock.AF_INET: socket.AF_INET, winsock.AF_INET6: socket.AF_INET6}
TYPES: Final = {winsock.SOCK_STREAM: socket.SOCK_STREAM, winsock.SOCK_DGRAM: socket.SOCK_DGRAM}
PROTOCOLS: Final = {
    winsock.SOCK_STREAM: (0, winsock.IPPROTO_TCP),
    winsock.SOCK_DGRAM: (0, winsock.IPPROTO_UDP),
}
OPTIONS: Final = {
    (winsock.SOL_SOCKET, winsock.SO_ACCEPTCONN): (socket.SOL_SOCKET, socket.SO_ACCEPTCONN),
    (winsock.SOL_SOCKET, winsock.SO_REUSEADDR): (socket.SOL_SOCKET, socket.SO_REUSEADDR),
    (winsock.SOL_SOCKET, winsock.SO_KEEPALIVE): (socket.SOL_SOCKET, socket.SO_KEEPALIVE),
    (winsock.SOL_SOCKET, winsock.SO_BROADCAST): (socket.SOL_SOCKET, socket.SO_BROADCAST),
    (winsock.SOL_SOCKET, winsock.SO_OOBINLINE): (socket.SOL_SOCKET, socket.SO_OOBINLINE),
    (winsock.SOL_SOCKET, winsock.SO_SNDBUF): (socket.SOL_SOCKET, socket.SO_SNDBUF),
    (winsock.SOL_SOCKET, winsock.SO_RCVBUF): (socket.SOL_SOCKET, socket.SO_RCVBUF),
    (winsock.IPPROTO_TCP, winsock.TCP_NODELAY): (socket.IPPROTO_TCP, socket.TCP_NODELAY),
}
FLAGS: Final = {
    winsock.MSG_OOB: socket.MSG_OOB,
    winsock.MSG_PEEK: socket.MSG_PEEK,
    winsock.MSG_DONTROUTE: socket.MSG_DONTROUTE,
}

# Winsock's names are the POSIX names with "WSA" in front; the rest has no namesake.
_NUMBERS: Final = {
    **{getattr(errno, code.name[3:]): code for code in ErrorCode if hasattr(errno, code.name[3:])},
    errno.EBADF: ErrorCode.WSAENOTSOCK,
    errno.ENFILE: ErrorCode.WSAEMFILE,
    errno.ENOMEM: ErrorCode.WSAENOBUFS,
    errno.EPERM: ErrorCode.WSAEACCES,
    errno.EPIPE: ErrorCode.WSAECONNABORTED,
}
_LOOKUPS: Final = {
    socket.EAI_NONAME: ErrorCode.WSAHOST_NOT_FOUND,
    socket.EAI_AGAIN: ErrorCode.WSATRY_AGAIN,
    socket.EAI_FAIL: ErrorCode.WSANO_RECOVERY,
    socket.EAI_FAMILY: ErrorCode.WSAEAFNOSUPPORT,
    socket.EAI_SERVICE: ErrorCode.WSANO_DATA,
}


def winsock_number(error: OSError) -> int:
    """Winsock's number for a failure of the operating system."""
    if isinstance(error, WinsockError):
        return error.winerror
    code = error.errno or 0
    if isinstance(error, socket.gaierror):
        return _LOOKUPS.get(code, ErrorCode.WSAHOST_NOT_FOUND)
    if sys.platform == "win32":
        return error.winerror or _NUMBERS.get(code, ErrorCode.WSASYSCALLFAILURE)
    return _NUMBERS.get(code, ErrorCode.WSASYSCALLFAILURE)


class CheckedArguments:
    """A context that turns Python's complaints about an argument's type or range into a `WinsockError`."""

    def __init__(self, error: ErrorCode) -> None:
        self._error = error

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, complaint: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if isinstance(complaint, (TypeError, ValueError, OverflowError)):
            raise WinsockError(self._error, str(complaint)) from complaint


USABLE: Final = CheckedArguments(ErrorCode.WSAEFAULT)
"""For arguments that stand for memory, such as buffers and addresses."""
VALID: Final = CheckedArguments(ErrorCode.WSAEINVAL)
"""For plain numbers."""


def new_socket(family: int, kind: int, protocol: int) -> socket.socket:
    """A non-blocking socket; the arguments are Winsock's numbers.

    Raises WinsockError for what Winsock does not have, OSError for what the operating system refuses.
    """
    if not isinstance(family, int) or family not in FAMILIES:
        raise WinsockError(ErrorCode.WSAEAFNOSUPPORT)
    if not isinstance(kind, int) or kind not in TYPES:
        raise WinsockError(ErrorCode.WSAESOCKTNOSUPPORT)
    if protocol not in PROTOCOLS[kind]:
        raise WinsockError(ErrorCode.WSAEPROTONOSUPPORT)
    made = socket.socket(FAMILIES[family], TYPES[kind], protocol)
    made.setblocking(False)
    return made


def is_numeric(family: int, address: Address) -> bool:
    """Whether nobody has to be asked for the host of `address`. WinsockError for what is no address."""
    if not isinstance(address, tuple) or len(address) < 2:
        raise WinsockError(ErrorCode.WSAEFAULT, f"not an address: {address!r}")
    host, port = address[0], address[1]
    if not isinstance(host, str) or not isinstance(port, int) or not 0 <= port <= 0xFFFF:
        raise WinsockError(ErrorCode.WSAEFAULT, f"not an address: {address!r}")
    try:
        socket.inet_pton(family, host.partition("%")[0])
    except OSError:
        return not host
    return True


def numeric(family: int, address: Address) -> Address:
    """`address` with its host looked up, which may take as long as name servers do."""
    with USABLE:
        return str(socket.getaddrinfo(address[0], address[1], family)[0][4][0]), address[1]


def send_gathered(os_socket: socket.socket, views: list[memoryview]) -> int:
    """Send the beginning of `views`, of all of them where the platform can; how many bytes were taken."""
    if sys.platform == "win32":
        return os_socket.send(views[0])
    return os_socket.sendmsg(views)


def is_connected(os_socket: socket.socket) -> bool:
    """Whether the socket has a peer."""
    try:
        os_socket.getpeername()
    except OSError:
        return False
    return True


def outgoing(os_socket: socket.socket) -> int | None:
    """Bytes of a stream that the kernel holds until the peer's side has taken them; None where it does not say."""
    try:
        if sys.platform == "linux":
            tcp_close = 7
            if os_socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == tcp_close:
                return 0  # a connection that was reset keeps its last figures
            return int(struct.unpack("i", fcntl.ioctl(os_socket, termios.TIOCOUTQ, bytes(4)))[0])
        if sys.platform == "darwin":
            so_nwrite = 0x1024
            return os_socket.getsockopt(socket.SOL_SOCKET, so_nwrite)
    except OSError:
        return 0  # the connection is gone, and what it held with it
    return None


def take_error(os_socket: socket.socket) -> int:
    """Winsock's number for what went wrong in the background, 0 for nothing; asking clears it."""
    code = os_socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    return winsock_number(OSError(code, "")) if code else 0


def incoming(os_socket: socket.socket) -> int:
    """How many bytes a receive would find."""
    if sys.platform == "win32":
        try:
            return len(os_socket.recv(0x10000, socket.MSG_PEEK))
        except BlockingIOError:
            return 0
    return int(struct.unpack("i", fcntl.ioctl(os_socket, termios.FIONREAD, bytes(4)))[0])


def reset_when_closed(os_socket: socket.socket) -> None:
    """Let the close drop what is unsent, and the peer of a connection see a reset."""
    layout = "hh" if sys.platform == "win32" else "ii"
    with contextlib.suppress(OSError):  # some platforms refuse options of a connection that is already gone
        os_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(layout, 1, 0))


def abort(os_socket: socket.socket) -> None:
    """Close at once: what is unsent is dropped, and the peer of a connection sees a reset."""
    reset_when_closed(os_socket)
    close(os_socket)


def close(os_socket: socket.socket) -> None:
    """Give the descriptor back; nothing is left to do even if the connection ended badly."""
    with contextlib.suppress(OSError):
        os_socket.close()


if sys.platform == "win32":
    UNHEARD: Final = 0.5
    """Seconds for which Ctrl-C may go unheard, since `select` does not end with it there."""

    class Ear:
        """Waits for a bell and for one socket more."""

        def __init__(self, bell: socket.socket) -> None:
            self._bell = bell

        def wait(self, os_socket: socket.socket) -> bool:
            """Sleep until one of the two can be read, or for a while; whether the bell can."""
            try:
                return self._bell in select.select([os_socket, self._bell], [], [], UNHEARD)[0]
            except (OSError, ValueError):  # closed meanwhile
                return False

    def ready(
        readers: Iterable[socket.socket], writers: Iterable[socket.socket], failing: Iterable[socket.socket]
    ) -> Readiness:
        """Which sockets could be read, written, or failed to connect, right now."""
        found = select.select(list(readers), list(writers), list(failing), 0)
        return set(found[0]), set(found[1]), set(found[2])

else:

    class Ear:
        """Waits for a bell and for one socket more."""

        def __init__(self, bell: socket.socket) -> None:
            self._rung = (bell.fileno(), select.POLLIN)
            self._poll = select.poll()
            self._poll.register(bell, select.POLLIN)
            self._other = -1  # of the socket that it waited for last; most wait for the same one again

        def wait(self, os_socket: socket.socket) -> bool:
            """Sleep until one of the two can be read; whether the bell can.

            If it is interrupted, it is not to be used again.
            """
            number = os_socket.fileno()
            if number != self._other:
                if number < 0:
                    return False  # closed meanwhile
                if self._other >= 0:
                    self._poll.unregister(self._other)
                self._poll.register(number, select.POLLIN)
                self._other = number
            return self._rung in self._poll.poll()

    def ready(
        readers: Iterable[socket.socket], writers: Iterable[socket.socket], failing: Iterable[socket.socket]
    ) -> Readiness:
        """Which sockets could be read, written, or failed to connect, right now."""
        wanted = (
            (set(readers), select.POLLIN),
            (set(writers), select.POLLOUT),
            (set(failing), select.POLLPRI),
        )
        poll = select.poll()
        for os_socket in set().union(*(sockets for sockets, _ in wanted)):
            poll.register(os_socket, sum(mask for sockets, mask in wanted if os_socket in sockets))
        events = dict(poll.poll(0))
        ended = select.POLLHUP | select.POLLERR
        answers = (select.POLLIN | ended, select.POLLOUT | ended, select.POLLPRI | select.POLLERR)
        reading, writing, failed = (
            {s for s in sockets if events.get(s.fileno(), 0) & answer}
            for (sockets, _), answer in zip(wanted, answers, strict=True)
        )
        return reading, writing, failed
