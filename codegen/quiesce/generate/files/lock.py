"""A lock between processes: one holds it, and others wait for it or learn who holds it.

The system gives it back when its process ends, however that ends. The file stays; what it says is who held it last.
"""

import errno
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path

from quiesce.spec.files import read_bytes

if sys.platform == "win32":
    import msvcrt

    _FAR = 2**30
    """The place of the one byte that is locked: Windows lets nobody read what is, and the text stands before it."""

    def _try(handle: int) -> None:
        os.lseek(handle, _FAR, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        os.lseek(handle, 0, os.SEEK_SET)

else:
    import fcntl

    def _try(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


_HELD = frozenset({errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK})
"""Errors that say that another process holds the lock."""

_NO_LOCKS = frozenset(
    number for name in ("ENOLCK", "ENOSYS", "ENOTSUP", "EOPNOTSUPP") if (number := getattr(errno, name, None))
)
"""Errors of file systems that have no locks; there, one has to see for oneself that one process writes at a time."""

_BETWEEN = 0.05
"""Seconds between two attempts."""


class Busy(Exception):
    """Another process holds the lock; the message says which, and where the lock is."""


def acquire(path: Path, patience: float, tell: Callable[[str], None]) -> int:
    """Wait for the lock at most `patience` seconds. Returns the handle to close, by which the lock is given back.

    `tell` hears who holds it while it is waited for.

    Raises:
        Busy: another process has held it all the time.
        OSError: the file cannot be made or locked.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0), 0o666)
    try:
        _wait(handle, path, time.monotonic() + patience, tell)
        os.truncate(handle, 0)
        os.write(handle, f"process {os.getpid()} on {platform.node()}".encode())
    except BaseException:
        os.close(handle)
        raise
    return handle


def _wait(handle: int, path: Path, end: float, tell: Callable[[str], None]) -> None:
    while not _is_locked(handle):
        holder = _holder(path)
        if time.monotonic() >= end:
            raise Busy(f"{holder} holds the lock {path}; try again when it has ended")
        tell(f"waiting for {holder}, which is writing")
        time.sleep(_BETWEEN)


def _is_locked(handle: int) -> bool:
    """Whether the lock is ours now."""
    try:
        _try(handle)
    except OSError as error:
        if error.errno in _HELD:
            return False
        if error.errno not in _NO_LOCKS:
            raise
    return True


def _holder(path: Path) -> str:
    try:
        said = read_bytes(path, 200).decode()
    except (OSError, UnicodeDecodeError):
        said = ""
    return said if said.isprintable() and said else "another process"
