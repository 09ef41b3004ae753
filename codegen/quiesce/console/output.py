"""Files that a command writes besides those of a project, where its user wants them."""

import os
import stat
import sys
from pathlib import Path

from quiesce.console.exits import UsageError


def write_file(path: Path, text: str) -> None:
    """Write a file in one step: it holds the old text or the new one, never a part. See `write_bytes`.

    Raises:
        UsageError: it cannot be written.
    """
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write what a command gives to where a path leads. A link is followed; a pipe or a device takes what is written.

    A file gets its content in one step. One of Python is left alone: a spec was meant, and not what is written of it.

    Raises:
        UsageError: it cannot be written.
    """
    from quiesce.generate.files.place import put  # noqa: PLC0415 -- not needed for what is written for the first time

    try:
        found = _found(path)
        if not path.name or (found is not None and stat.S_ISDIR(found.st_mode)):
            raise UsageError(f"cannot write {path}: this is a folder; name a file in it")
        if found is not None and path.suffix == ".py":
            raise UsageError(f"{path} holds Python, and no report; name the spec first, and then the file to write")
        if found is None or (stat.S_ISREG(found.st_mode) and not _is_printed_to(found)):
            put(Path(os.path.realpath(path)), content)
        else:
            _pour(path, content)
    except (OSError, ValueError) as error:  # a path with a NUL is no OSError
        raise UsageError(f"cannot write {path}: {getattr(error, 'strerror', None) or error}") from error


def _found(path: Path) -> os.stat_result | None:
    """The state of the file, device or folder that a path leads to; None if there is none."""
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def _is_printed_to(found: os.stat_result) -> bool:
    """Whether a file is also our standard output or error, as `/dev/stdout` may be: it must not be replaced by one."""
    for stream in (sys.stdout, sys.stderr):
        try:
            number = stream.fileno()
        except (OSError, ValueError, AttributeError):  # it is no file, or closed
            continue
        if os.path.samestat(os.fstat(number), found):
            return True
    return False


def _pour(path: Path, content: bytes) -> None:
    """Write into what is there already, behind what has been written."""
    sys.stdout.flush()
    with open(os.open(path, os.O_WRONLY | os.O_APPEND), "wb") as place:
        place.write(content)


def write_new_file(path: Path, text: str) -> None:
    """Write a file that is not there yet, with the folders that it lies in.

    Raises:
        UsageError: it is there, and stays as it is; or it cannot be written, and is not there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = path.open("xb")
    except FileExistsError as error:
        raise UsageError(f"{path} exists; nothing was written") from error
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
    try:
        with handle:
            handle.write(text.encode())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
