"""Reading files, whatever lies where a file is expected: a folder, a pipe that nobody writes to, a link to nothing."""

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

MAX_BYTES = 1_000_000
"""Size of the largest spec that is read."""

_AT_ONCE = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
"""Flags of a file that is opened for reading: no pipe is waited for, should one have taken the file's place."""


_CHUNK = 2**20
"""Bytes that are read at a time."""


class NotAFile(OSError):
    """A pipe, a device or a socket lies at a path, so there is no content that one could read to its end."""

    def __init__(self, path: Path) -> None:
        super().__init__(errno.EINVAL, "this is a pipe or a device, and no file", str(path))


def read_bytes(path: Path, longest: int | None = None) -> bytes:
    """The content of a file, or its first `longest` bytes. Links are followed; nothing is ever waited for.

    Raises:
        NotAFile: there is something else, which reading could wait for, or change.
        OSError: there is no file (a folder is none), or it cannot be read.
    """
    try:
        found = os.stat(path)
    except ValueError:
        raise FileNotFoundError(errno.ENOENT, "the path is not one that a file can have", str(path)) from None
    if stat.S_ISDIR(found.st_mode):  # which Windows would call a lack of permission
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(found.st_mode):
        raise NotAFile(path)
    handle = os.open(path, _AT_ONCE)
    try:
        return b"".join(_chunks(handle, longest))
    finally:
        os.close(handle)


def _chunks(handle: int, longest: int | None) -> Iterator[bytes]:
    rest = longest
    while chunk := os.read(handle, _CHUNK if rest is None else min(rest, _CHUNK)):
        rest = None if rest is None else rest - len(chunk)
        yield chunk
