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
    beside = path.with_name(f".{path.name}.new")
    try:
        write(beside)
        beside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):  # what could not be made cannot be removed either
            beside.unlink()
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
