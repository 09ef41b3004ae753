"""Standard output and standard error as a command finds them: a terminal, narrow, full, or closed."""

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO, cast

from quiesce.console.style import for_terminal

_UNWRITABLE = frozenset(
    number for name in ("ENOSPC", "EDQUOT", "EFBIG", "EIO", "EBADF") if (number := getattr(errno, name, None))
)
"""Errors of writing to a stream or file whose end is full, closed, or takes no more for another reason."""


def is_unwritable(error: OSError) -> bool:
    """Whether an error says that what a command writes finds no room, and nothing about the command itself."""
    return error.errno in _UNWRITABLE


class _Printing(io.TextIOBase):
    """A stream that whatever is printed goes through, so that no text of a spec or name of a file steers a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write the text so that all of it is seen, and nothing of it obeyed."""
        self._stream.write(for_terminal(text))
        return len(text)

    def flush(self) -> None:
        """Flush the stream behind this one."""
        self._stream.flush()

    def isatty(self) -> bool:
        """Whether a person looks at the stream."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """The descriptor of the stream. Raises OSError if it has none."""
        return self._stream.fileno()

    def writable(self) -> bool:
        """True."""
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]  # the type of io.TextIOBase says `str`, and not that it is read only
        """The encoding of the stream."""
        return self._stream.encoding


@contextmanager
def lossless() -> Iterator[None]:
    """Within this, everything that is printed is seen, and nothing is an error.

    A character that the encoding of a stream lacks is printed by its number, and so is one that would steer a terminal.
    """
    streams = sys.stdout, sys.stderr
    changed = [(stream, stream.errors) for stream in streams if isinstance(stream, io.TextIOWrapper)]
    for stream, _ in changed:
        stream.reconfigure(errors="backslashreplace")
    sys.stdout, sys.stderr = (cast(TextIO, _Printing(stream)) for stream in streams)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = streams
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
