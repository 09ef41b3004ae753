"""Entries of the proof cache as text, and where they are kept.

An entry is one line of JSON with a digest of itself. It is accepted only if it is, byte for byte, what would be written
for the content that was read. So accidents are noticed: a torn file, a merge gone wrong, an edit. Malice is not, as who
can write an entry can write its digest. A proof that has to convince others is re-checked, not looked up.

There are two stores. The committed one is a single file with sorted lines: one read, small diffs, and no lookup ever
writes it. The private one is a folder with one small file for each entry: a file appears whole or not at all, and
processes that write at the same time need no lock, as none changes what another one wrote.
"""

import json
import os
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TypeAlias, assert_never

from quiesce.spec.record import record

SCHEMA = 1
"""The version of the text of entries; a text of another version is not understood."""

MOST_COST = 2**64
"""No proof costs more units of `rlimit`; numbers of thousands of digits could not even be shown."""

LONGEST = 2**24
"""Bytes of the largest entry that is read."""

Warn: TypeAlias = Callable[[str], None]
"""Is told of an entry that is ignored, and why."""


@record
class Proved:
    """Every goal of the query is proved; the cost of each, in units of `rlimit`."""

    rlimits: tuple[int, ...]


@record
class Refuted:
    """A run, in the form of `runs_json`, that is worth nothing until it has been replayed."""

    run: Mapping[str, object]


Entry: TypeAlias = Proved | Refuted


class Unreadable(ValueError):
    """A text is no entry, or is not as it was written."""


def entry_text(key: str, entry: Entry) -> str:
    """An entry as one line, without its end."""
    match entry:
        case Proved(rlimits):
            content: dict[str, object] = {"answer": "proved", "rlimits": list(rlimits)}
        case Refuted(run):
            content = {"answer": "refuted", "run": run}
        case _:
            assert_never(entry)
    content |= {"schema": SCHEMA, "key": key}
    return _compact(content | {"digest": sha256(_compact(content).encode()).hexdigest()})


def _compact(content: object) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"))


def read_entry(text: str) -> tuple[str, Entry]:
    """The key and the entry of one line.

    Raises:
        Unreadable: the line is not one that `entry_text` writes.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable("is not JSON") from error
    match content:
        case {"schema": schema} if schema != SCHEMA:
            raise Unreadable(f"has schema {schema!r}, not {SCHEMA}")
        case {"answer": "proved", "key": str(key), "rlimits": [*rlimits]} if rlimits and all(map(_is_cost, rlimits)):
            entry: Entry = Proved(tuple(rlimits))
        case {"answer": "refuted", "key": str(key), "run": {"start": start, "steps": steps}}:
            entry = Refuted({"start": start, "steps": steps})
        case _:
            raise Unreadable("is no entry of a proof cache")
    if text != _written(key, entry):
        raise Unreadable("is not as it was written: its digest does not match")
    return key, entry


def _written(key: str, entry: Entry) -> str | None:
    """The text of an entry; None if its parts lie too deep within each other to be written."""
    try:
        return entry_text(key, entry)
    except RecursionError:
        return None


def _is_cost(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_COST


def committed_text(entries: Mapping[str, Entry]) -> str:
    """The content of a committed store: the same bytes for the same entries."""
    return "".join(f"{entry_text(key, entry)}\n" for key, entry in sorted(entries.items()))


def make_ignored(folder: Path) -> None:
    """Make a folder, unless it is there, that git does not offer to commit: what lies in it is for this machine alone.

    Raises:
        OSError: it cannot be made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    note = folder / ".gitignore"
    if not note.exists():
        with suppress(FileExistsError), note.open("x", encoding="utf-8", newline="\n") as file:  # never through a link
            file.write("*\n")


class CommittedStore:
    """Entries in one file, which is only read, and only once. A file that does not exist has none."""

    def __init__(self, path: Path, warn: Warn) -> None:
        self._path = path
        self._warn = warn

    def get(self, key: str) -> Entry | None:
        """The entry of a query."""
        return self._entries.get(key)

    @cached_property
    def _entries(self) -> dict[str, Entry]:
        found: dict[str, Entry] = {}
        for number, line in enumerate((_read(self._path, self._warn) or "").splitlines(), 1):
            try:
                key, entry = read_entry(line)
            except Unreadable as error:
                self._warn(f"{self._path}:{number}: ignored: the line {error}")
                continue
            if found.setdefault(key, entry) != entry:
                self._warn(f"{self._path}:{number}: ignored: another line answers the same query otherwise")
        return found


class PrivateStore:
    """Entries in files of one folder, each under the key of its query."""

    def __init__(self, folder: Path, warn: Warn) -> None:
        self._folder = folder
        self._warn = warn

    def get(self, key: str) -> Entry | None:
        """The entry of a query."""
        path = self._path(key)
        text = _read(path, self._warn, LONGEST)
        if text is None:
            return None
        try:
            found, entry = read_entry(text.removesuffix("\n"))
        except Unreadable as error:
            self._warn(f"{path}: ignored: the entry {error}")
            return None
        if found != key:
            self._warn(f"{path}: ignored: the entry is that of another query")
            return None
        return entry

    def put(self, key: str, entry: Entry) -> None:
        """Keep an entry, whatever was there before. Where that is impossible, warn."""
        try:
            make_ignored(self._folder)
            with NamedTemporaryFile("wb", dir=self._folder, prefix=".", suffix=".tmp", delete=False) as file:
                file.write(f"{entry_text(key, entry)}\n".encode())
            try:
                os.replace(file.name, self._path(key))
            except OSError:
                with suppress(OSError):
                    os.unlink(file.name)
                raise
        except OSError as error:
            self._warn(f"{self._path(key)}: not stored: {error.strerror or error}")

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.json"


def _read(path: Path, warn: Warn, longest: int | None = None) -> str | None:
    """The text of a file, if there is one; what is no file, or longer than `longest`, is left alone with a warning."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode) or (longest is not None and found.st_size > longest):
            warn(f"{path}: ignored: cannot be read: it is no file, or too long for an entry")
            return None
        return path.read_bytes().decode()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        warn(f"{path}: ignored: cannot be read: {error}")
        return None
