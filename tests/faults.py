"""The file system as a program meets it on a bad day: each call counted, and any of them failing or the last one."""

import builtins
import errno
import io
import os
import signal
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

Act = Callable[[int, str], None]
"""What happens before a call, which is told by its number and name; it may raise what the call shall end with."""

ERRORS = (
    *(errno.ENOSPC, errno.EACCES, errno.EIO, errno.EXDEV, errno.EROFS),
    *(errno.EMFILE, errno.EDQUOT, errno.EPERM, errno.EBUSY, errno.ENOMEM),
)
CALLS = (
    *("open", "read", "write", "close", "fsync", "ftruncate", "truncate", "fstat", "stat", "lstat", "access"),
    *("replace", "rename", "unlink", "remove", "mkdir", "rmdir", "listdir", "scandir", "chmod", "utime", "link"),
    *("symlink", "readlink", "getcwd"),
)


@contextmanager
def counted(within: Path, act: Act) -> Iterator[list[str]]:
    """Have `act` hear of every call about a file below a folder; gives the names of the calls so far.

    Nothing is really forced to disk, which takes long and which no test can see.
    """
    calls: list[str] = []
    handles: set[int] = set()
    root = str(within)

    def concerns(given: tuple[Any, ...]) -> bool:
        for one in given[:2]:
            if isinstance(one, int):
                return one in handles
            if isinstance(one, str | os.PathLike) and os.fspath(one).startswith(root):
                return True
        return False

    def watched(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def replacement(*given: Any, **named: Any) -> Any:
            if not concerns(given):
                return function(*given, **named)
            calls.append(name)
            try:
                act(len(calls), name)
            except OSError:
                if name == "close":
                    function(*given)  # it is closed all the same
                raise
            found = None if name == "fsync" else function(*given, **named)
            if name == "open" and isinstance(found, int):
                handles.add(found)
            if name == "close":
                handles.discard(given[0])
            return found

        return replacement

    with pytest.MonkeyPatch.context() as patch:
        for name in CALLS:
            if hasattr(os, name):
                patch.setattr(os, name, watched(name, getattr(os, name)))
        opened = watched("open", builtins.open)
        patch.setattr(builtins, "open", opened)
        patch.setattr(io, "open", opened)
        yield calls


def failing(number: int, error: int, *, for_good: bool = False, only: Container[str] = CALLS) -> Act:
    """Let one call fail, and all later ones (or those of some kinds) if it is for good."""

    def act(count: int, name: str) -> None:
        if name in only and (count == number or (for_good and count > number)):
            raise OSError(error, os.strerror(error))

    return act


def killed(number: int) -> Act:
    """Let the process die before a call, as `kill -9` would."""

    def act(count: int, _name: str) -> None:
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return act
