"""A place on disk as a writer finds it, and putting a file there in one step.

Everything asks the system by a function of `os`, so that tests can let each of these calls fail.
"""

import contextlib
import errno
import hashlib
import os
import stat
from pathlib import Path

from quiesce.spec.files import read_bytes

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


class InTheWay(OSError):
    """A link, a folder, a pipe or a device lies where a file should be written. It is nobody's to replace."""

    def __init__(self, place: Path) -> None:
        super().__init__(errno.EEXIST, "this is no file of its own, and not replaced by one; move it away", str(place))


def digest_of(content: bytes) -> str:
    """The SHA-256 of a file, byte by byte."""
    return hashlib.sha256(content).hexdigest()


def is_there(place: Path) -> bool:
    """Whether anything lies at a place, be it a link to nothing.

    Raises:
        OSError: that cannot be found out.
    """
    try:
        os.lstat(place)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def content_of(place: Path) -> bytes | None:
    """The content of the file at a place; None if nothing is there. Links are not followed.

    Raises:
        InTheWay: something else is there.
        NotADirectoryError: what should be the folder around it is none.
        OSError: it cannot be read.
    """
    try:
        found = os.lstat(place)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        raise InTheWay(place)
    return read_bytes(place)


def write_new(place: Path, content: bytes, like: Path | None = None) -> None:
    """Write a file that is not there yet, and force it to disk; who may do what with it is as for `like`.

    Raises:
        OSError: it is there, or cannot be written; then a part of it may be left.
    """
    handle = os.open(place, _NEW, 0o666)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(handle, rest) :]
        os.fsync(handle)
    finally:
        os.close(handle)
    if like is not None:
        with contextlib.suppress(FileNotFoundError):
            os.chmod(place, stat.S_IMODE(os.lstat(like).st_mode))


def put(place: Path, content: bytes) -> None:
    """Let a file have this content, in one step: it holds the old content or the new one, never a part.

    Raises:
        InTheWay: something that is no file is there.
        OSError: the file cannot be written, and is as it was.
    """
    content_of(place)
    beside = place.with_name(f".quiesce-{os.urandom(8).hex()}")
    try:
        write_new(beside, content, like=place)
        os.replace(beside, place)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise


def move_in(staged: Path, place: Path, token: str) -> None:
    """Put a staged file in its place in one step, even if that is on another file system.

    Raises:
        OSError: it cannot be put there; the place is as it was.
    """
    try:
        os.replace(staged, place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        beside = left_over(place, token)
        write_new(beside, read_bytes(staged), like=staged)
        os.replace(beside, place)
        os.unlink(staged)


def left_over(place: Path, token: str) -> Path:
    """The name under which `move_in` makes a file beside its place, if it cannot just be moved."""
    return place.with_name(f".quiesce-{token}-{digest_of(place.name.encode(errors='surrogatepass'))[:8]}")


def sync_folder(folder: Path) -> None:
    """Force the entries of a folder to disk, where the system can do that for folders."""
    with contextlib.suppress(PermissionError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
