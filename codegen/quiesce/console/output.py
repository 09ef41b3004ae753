"""Files that a command writes besides those of a project."""

from pathlib import Path

from quiesce.console.exits import UsageError


def write_file(path: Path, text: str) -> None:
    """Write a file in one step: it holds the old text or the new one, never a part.

    Raises:
        UsageError: it cannot be written.
    """
    if not path.name:
        raise UsageError(f"cannot write {path}: this is a folder; name a file in it")
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
