"""Putting back what was there before a transaction that was not finished, by its own process or by the next one."""

import contextlib
import os
import re
from pathlib import Path, PurePosixPath

from quiesce.generate.files import journal as journals
from quiesce.generate.files.journal import Entry, Journal, Sealing, digest_seal
from quiesce.generate.files.place import InTheWay, content_of, digest_of, is_there, left_over, move_in, sync_folder
from quiesce.spec.files import read_bytes
from quiesce.spec.record import record

_BYTE_CODE = "__pycache__"
_OURS = re.compile(r"journal\.json|(old|new)\d+|\.quiesce-[0-9a-f]+")
"""The names of files among the notes of a transaction, but for its lock."""


class HalfWritten(Exception):
    """Some files may be new and others old, as these could not be put back; the message says what is to be done."""


@record
class Site:
    """A project, and what of it a transaction may touch.

    `folders` are those in which it may write, and `inner` is its own one for notes, all relative to the project. A
    journal without the `seal` of this user is none.
    """

    project: Path
    folders: tuple[PurePosixPath, ...]
    inner: PurePosixPath
    seal: Sealing = digest_seal

    @property
    def notes(self) -> Path:
        """The folder for the journal, for what was there before, and for what is about to be moved into its place."""
        return self.project / self.inner

    @property
    def journal(self) -> Path:
        """The file that is there as long as a transaction has begun and not ended."""
        return self.notes / "journal.json"

    @property
    def lock(self) -> Path:
        """The file that one process holds while it writes."""
        return self.notes / "lock"

    @property
    def is_interrupted(self) -> bool:
        """Whether a transaction goes on now, or its process was killed.

        Raises:
            OSError: that cannot be found out.
        """
        return is_there(self.journal)

    def may_touch(self, path: PurePosixPath) -> bool:
        """Whether a place belongs to the folders of the transaction, and really lies in the project."""
        whole = Path(os.path.realpath(self.project / path.parent))
        is_ours = any(folder in path.parents for folder in self.folders)
        return is_ours and whole.is_relative_to(os.path.realpath(self.project))


def make_notes(site: Site) -> None:
    """Make the folder for notes, unless it is there.

    Raises:
        OSError: it cannot be made, or a link is in its place, which could lead to files of somebody else.
    """
    around = [site.project / one for one in reversed((site.inner, *site.inner.parents[:-1]))]
    for folder in around:
        if os.path.islink(folder):
            raise InTheWay(folder)
        if not is_there(folder):
            folder.mkdir(exist_ok=True)
            sync_folder(folder.parent)


def journal_left(site: Site) -> Journal | None:
    """The journal of a transaction of this user that was not finished.

    Raises:
        OSError: it cannot be read.
    """
    try:
        return journals.from_json(read_bytes(site.journal).decode(), site.seal)
    except (FileNotFoundError, UnicodeDecodeError):
        return None


def put_back(site: Site, journal: Journal) -> None:
    """Put back what was there before, but where somebody has changed it since, and remove the journal.

    Raises:
        HalfWritten: that is not possible, and the journal stays.
    """
    errors = []
    for path, entry in journal.entries.items():
        try:
            _restore(site, path, entry, journal.token)
        except OSError as error:
            errors.append(error)
    for folder in reversed(journal.made):
        if any(one in (folder, *folder.parents) or folder in one.parents for one in site.folders):
            with contextlib.suppress(OSError):  # there is more in it, which is not ours, or it is not there
                (site.project / folder).rmdir()
    if errors:
        raise HalfWritten(
            f"the old files could not be put back: {errors[0]}; until the next `quiesce build`, which does so, "
            "some may be new and others old"
        ) from errors[0]
    with contextlib.suppress(OSError):  # all is as it was, and to find that once more does no harm
        os.unlink(site.journal)


def _restore(site: Site, path: PurePosixPath, entry: Entry, token: str) -> None:
    place = site.project / path
    if not site.may_touch(path):
        return
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        os.unlink(left_over(place, token))
    try:
        content = content_of(place)
    except (InTheWay, NotADirectoryError):
        return
    found = None if content is None else digest_of(content)
    if found == entry.before or found not in entry.ours:
        return
    if entry.before is None:
        os.unlink(place)
    else:
        backup = site.notes / entry.backup
        if digest_of(read_bytes(backup)) != entry.before:
            raise OSError(f"{backup} is not as it was written")
        place.parent.mkdir(parents=True, exist_ok=True)
        move_in(backup, place, token)
    forget_byte_code(place)
    with contextlib.suppress(OSError):  # the file is in its place
        sync_folder(place.parent)


def clear(site: Site) -> None:
    """Remove the notes of a transaction that has ended, the journal first.

    Raises:
        OSError: that is not possible.
    """
    for name in sorted(os.listdir(site.notes), key=lambda name: (name != site.journal.name, name)):
        if _OURS.fullmatch(name):
            os.unlink(site.notes / name)


def forget_byte_code(place: Path) -> None:
    """Remove what Python has compiled of a module: it compares times in whole seconds, and might run what has gone."""
    if place.suffix != ".py":
        return
    folder = place.parent / _BYTE_CODE
    with contextlib.suppress(OSError):  # it is a cache, and may be absent
        for name in os.listdir(folder):
            if name.startswith(f"{place.stem}.") and name.endswith(".pyc"):
                os.unlink(folder / name)
        folder.rmdir()
