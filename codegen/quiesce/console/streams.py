"""Standard output and standard error as a command finds them: narrow, full, or closed."""

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

_UNWRITABLE = frozenset(
    number for name in ("ENOSPC", "EDQUOT", "EFBIG", "EIO", "EBADF") if (number := getattr(errno, name, None))
)
"""Errors of writing to a stream or file whose end is full, closed, or takes no more for another reason."""


def is_unwritable(error: OSError) -> bool:
    """Whether an error says that what a command writes finds no room, and nothing about the command itself."""
    return error.errno in _UNWRITABLE


@contextmanager
def lossless() -> Iterator[None]:
    """Within this, a character that the encoding of a stream lacks is printed by its number, and is no error."""
    changed = [(stream, stream.errors) for stream in (sys.stdout, sys.stderr) if isinstance(stream, io.TextIOWrapper)]
    for stream, _ in changed:
        stream.reconfigure(errors="backslashreplace")
    try:
        yield
    finally:
        for stream, errors in changed:
            stream.reconfigure(errors=errors)


def tell(text: str) -> None:
    """Say something on standard error. If nobody can be told there, the exit code has to say enough."""
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        silence(sys.stderr)


def silence(stream: TextIO) -> None:
    """Let the rest of what a stream holds vanish, so that Python does not fail once more to write it at the end."""
    with suppress(OSError):  # a stream that is no file has nothing that would be written at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
