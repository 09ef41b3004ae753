"""The environment of a command: the folder that it is called in, and faults that are the system's and not ours."""

from pathlib import Path

from quiesce.console.exits import UsageError


def current_folder() -> Path:
    """The folder that a command is called in.

    Raises:
        UsageError: it does not exist any more, or cannot be told.
    """
    try:
        return Path.cwd()
    except OSError as error:
        raise UsageError(f"the current folder cannot be used ({error.strerror}): change to another one") from error


def fault_of_environment(error: Exception) -> str | None:
    """A sentence on what the system refused; None if the error says nothing of the system, and so may be our own.

    A library that raises an `OSError` of its own making gives it no number.
    """
    match error:
        case OSError(errno=int(), strerror=why, filename=str(name) | bytes(name)):
            return f"{name!r}: {why}"
        case OSError(errno=int(), strerror=why):
            return f"{why}"
        case MemoryError():
            return "there is not enough memory"
        case _:
            return None
