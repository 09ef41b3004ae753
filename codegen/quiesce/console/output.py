"""Files that a command writes besides those of a project."""

import contextlib
from collections.abc import Callable
from pathlib import Path

from quiesce.console.exits import UsageError


def write_file(path: Path, text: str) -> None:
    """Write a file in one step: it holds the old text or the new one, never a part.

    Raises:
        UsageError: it cannot be written.
    """
    write_bytes(path, lambda file: file.write_bytes(text.encode()))


def write_bytes(path: Path, write: Callable[[Path], object]) -> None:
    """Have a file written by `write` under another name, and put it in its place in one step.

    Raises:
        UsageError: it cannot be written.
    """
    if not path.name:
        raise UsageError(f"cannot write {path}: this is a folder; name a file in it")
    beside = path.with_name(f".{path.name}.new")
    try:
        write(beside)
        beside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):  # what could not be made cannot be removed either
            beside.unlink()
        raise UsageError(f"cannot write {path}: {error.strerror}") from error


def write_new_file(path: Path, text: str) -> None:
    """Write a file that is not there yet, with the folders that it lies in.

    Raises:
        UsageError: it is there, and stays as it is; or it cannot be written, and is not there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.open("x").close()
    except FileExistsError as error:
        raise UsageError(f"{path} exists; nothing was written") from error
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
    try:
        write_file(path, text)
    except UsageError:
        path.unlink(missing_ok=True)
        raise
