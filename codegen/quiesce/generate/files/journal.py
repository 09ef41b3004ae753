"""The journal of a transaction: what was in each place before, and what has been put there since.

It lies in a checkout, where others can put files too. So it carries the seal of the user who wrote it, and that of
anybody else is none.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath, PureWindowsPath
from typing import TypeAlias

from quiesce.spec.record import record

Sealing: TypeAlias = Callable[[str], str]
"""Tells the seal of a text."""


def digest_seal(text: str) -> str:
    """A seal that anybody can make: it shows accidents, and is enough where nobody else puts files."""
    return hashlib.sha256(text.encode()).hexdigest()


@record
class Entry:
    """A place: the digest of what was there, None for nothing, and of all that we have put there.

    What was there is kept in a file of the transaction's own folder that is called `backup`.
    """

    backup: str
    before: str | None
    ours: tuple[str | None, ...]


@record
class Journal:
    """The entries by their places below the project, and folders that were made, each before those in it.

    `token` is a part of the names of files that are made beside their places.
    """

    token: str
    entries: Mapping[PurePosixPath, Entry]
    made: tuple[PurePosixPath, ...] = ()


def to_json(journal: Journal, seal: Sealing) -> str:
    """The text of a journal."""
    entries = {
        str(path): {"backup": entry.backup, "before": entry.before, "ours": list(entry.ours)}
        for path, entry in journal.entries.items()
    }
    made = [str(path) for path in journal.made]
    content = {"schema": 1, "token": journal.token, "entries": entries, "made": made}
    return json.dumps({**content, "seal": _sealed(content, seal)}, indent=2) + "\n"


def from_json(text: str, seal: Sealing) -> Journal | None:
    """The journal that a text holds; None if it is none, or was not written with this seal."""
    try:
        content = json.loads(text)
        if not isinstance(content, dict) or content.pop("seal", None) != _sealed(content, seal):
            return None
    except (ValueError, RecursionError):
        return None
    match content:
        case {"schema": 1, "token": str(token), "entries": dict(entries), "made": [*made]} if token.isalnum():
            found = {PurePosixPath(path): entry for path, given in entries.items() if (entry := _entry(path, given))}
            folders = tuple(PurePosixPath(path) for path in made if isinstance(path, str) and is_inside(path))
            is_whole = (len(found), len(folders)) == (len(entries), len(made))
            return Journal(token, found, folders) if is_whole else None
        case _:
            return None


def _sealed(content: object, seal: Sealing) -> str:
    return seal(json.dumps(content, sort_keys=True))


def _entry(path: str, content: object) -> Entry | None:
    match content:
        case {"backup": str(backup), "before": str() | None as before, "ours": [*ours]}:
            is_entry = backup.isalnum() and is_inside(path) and all(isinstance(one, str | None) for one in ours)
            return Entry(backup, before, tuple(ours)) if is_entry else None
        case _:
            return None


def is_inside(path: str) -> bool:
    """Whether a path, as a file of ours may hold it, stays below the folder that it is relative to."""
    given = PurePosixPath(path)
    return not (given.is_absolute() or ".." in given.parts or PureWindowsPath(path).anchor or "\\" in path)
