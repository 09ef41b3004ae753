"""Writing pages into the folders of a project, in one or several steps: all of them or none.

Only files that belong to us are touched, each by itself; whatever else lies in a folder is neither moved nor looked at.

Before the first file changes, everything that will be written and everything that was there lies in a folder for notes,
and a journal there says what goes where. From then on, files are moved into their places one after the other. The end
of the journal is the end of the transaction. So:

- after an error the old files are in place, in all folders; if even putting them back fails, `HalfWritten` says so;
- after a kill or a power cut, there may be new files beside old ones, with the journal. Whoever writes next, first puts
  the old ones back. A file that a person has changed meanwhile is left as it is;
- one process at a time writes; others wait, or are told who does (`lock`).
"""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Self

from quiesce.generate.files import journal as journals
from quiesce.generate.files.compare import FileState, Status, compare
from quiesce.generate.files.journal import Entry, Journal
from quiesce.generate.files.lock import acquire
from quiesce.generate.files.place import (
    InTheWay,
    content_of,
    digest_of,
    is_there,
    left_over,
    move_in,
    put,
    sync_folder,
    write_new,
)
from quiesce.spec.files import read_bytes

PATIENCE = 60.0
"""Seconds to wait for another process that writes the same files."""

_JOURNAL = "journal.json"
_LOCK = "lock"
_BYTE_CODE = "__pycache__"

Wanted = Sequence[tuple[Mapping[PurePosixPath, str], Path]]
"""Pages by their paths in a folder, and that folder."""

Found = tuple[tuple[Path, FileState], ...]
"""The state of files, each with the folder that its path is relative to."""


class WouldOverwrite(Exception):
    """Files that somebody else wrote or changed stand where pages should go; `files` names every one."""

    def __init__(self, files: tuple[FileState, ...]) -> None:
        super().__init__(", ".join(f"{file.path} ({file.status.value})" for file in files))
        self.files = files


class HalfWritten(Exception):
    """Some files may be new and others old, as these could not be put back; the message says what is to be done."""


def needs_writing(found: Found) -> bool:
    """Whether a file is not as it should be, and not for the reason that a person wants to keep what was a page."""
    return any(state.status not in (Status.UP_TO_DATE, Status.EDITED_ORPHAN) for _, state in found)


def is_interrupted(notes: Path) -> bool:
    """Whether a transaction with these notes has begun and not ended: it goes on now, or its process was killed."""
    return is_there(notes / _JOURNAL)


class Transaction:
    """Pages that belong together, written below one project in any number of steps, until `commit`.

    `folders` are all folders, relative to the project, in which this transaction may touch files, and `notes` is a
    folder of its own. Leaving the context without a `commit` puts everything back.
    """

    def __init__(
        self,
        project: Path,
        folders: Sequence[PurePosixPath],
        notes: Path,
        *,
        patience: float = PATIENCE,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._project = project
        self._folders = tuple(folders)
        self._notes = notes
        self._patience = patience
        self._tell = tell
        self._lock: int | None = None
        self._journal = Journal(os.urandom(8).hex(), {})
        self._has_moved = False
        self._emptied: list[PurePosixPath] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._undo()

    @property
    def has_written(self) -> bool:
        """Whether any file is not as it was before the transaction."""
        return bool(self._journal.entries)

    def write(self, wanted: Wanted, *, force: bool = False, worth: Callable[[Found], bool] = needs_writing) -> Found:
        """Make folders hold the pages, if it is `worth` it, and return what was found before: see `compare`.

        Orphans go, unless somebody changed them. After any error, nothing is left of the whole transaction.

        Raises:
            Busy: another process writes these files.
            HalfWritten: the files could neither be written nor put back.
            OSError: the files could not be written; the old ones are in place.
            WouldOverwrite: hand-edited or foreign files are in the way, and `force` is not given.
        """
        found = _found(wanted)
        if not (self.has_written or is_interrupted(self._notes) or worth(found)):
            return found
        try:
            self._begin()
            found = _found(wanted)
            if worth(found):
                in_the_way = [state for _, state in found if state.status in (Status.HAND_EDITED, Status.FOREIGN)]
                if in_the_way and not force:
                    raise WouldOverwrite(tuple(in_the_way))  # noqa: TRY301 -- what was written before goes, too
                self._change(wanted, found)
        except BaseException:
            self._undo()
            raise
        if not self.has_written:
            self._release()
        return found

    def commit(self) -> None:
        """End the transaction: what has been written stays.

        Raises:
            HalfWritten: neither this is possible, nor to put the old files back.
            OSError: it is not possible; the old files are in place.
        """
        if self.has_written:
            try:
                os.unlink(self._notes / _JOURNAL)
            except BaseException:
                self._undo()
                raise
            self._journal = replace(self._journal, entries={}, made=())
            for emptied in self._emptied:
                with contextlib.suppress(OSError):  # there is more in it, which is not ours
                    (self._project / emptied).rmdir()
            with contextlib.suppress(OSError):  # the new files are in place; the next transaction clears the rest away
                sync_folder(self._notes)
                _clear(self._notes)
        self._release()

    def _begin(self) -> None:
        """Take the lock, unless it is ours, and put right what a killed process left."""
        if self._lock is not None:
            return
        self._notes.mkdir(parents=True, exist_ok=True)
        self._lock = acquire(self._notes / _LOCK, self._patience, self._tell)
        try:
            left = _left(self._notes)
            if left is not None:
                self._put_back(left)
            _clear(self._notes)
        except BaseException:
            self._release()  # what is left stays for whoever is next
            raise

    def _release(self) -> None:
        if self._lock is not None:
            handle, self._lock = self._lock, None
            with contextlib.suppress(OSError):  # the system has closed it all the same
                os.close(handle)

    def _change(self, wanted: Wanted, found: Found) -> None:
        pages = {folder / path: text for texts, folder in wanted for path, text in texts.items()}
        drifted = [(root / state.path, state.status) for root, state in found if needs_writing(((root, state),))]
        for place, status in drifted:
            if place not in pages and status is not Status.ORPHAN:  # it lies where a folder should be
                raise InTheWay(place)
        places = [place for place, _ in drifted]
        changes = {self._named(place): pages[place].encode() if place in pages else None for place in places}
        entries, staged = dict(self._journal.entries), dict[PurePosixPath, Path]()
        for path, content in changes.items():
            place = self._project / path
            if path not in entries:
                entries[path] = self._kept(place, f"old{len(entries)}")
            after = None if content is None else digest_of(content)
            entries[path] = replace(entries[path], ours=(*entries[path].ours, after))
            if content is not None:
                staged[path] = self._notes / f"new{len(staged)}"
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(staged[path])
                write_new(staged[path], content, like=place)
        if _found(wanted) != found:
            raise OSError("somebody else changed files while they were being written; try again")
        missing = dict.fromkeys(folder for path in staged for folder in self._missing(path.parent))
        self._journal = Journal(self._journal.token, entries, (*self._journal.made, *missing))
        put(self._notes / _JOURNAL, journals.to_json(self._journal).encode())
        sync_folder(self._notes)
        self._has_moved = True
        for folder in missing:
            (self._project / folder).mkdir(exist_ok=True)
        for path in changes:
            self._apply(path, staged.get(path))
        for folder in dict.fromkeys(path.parent for path in (*changes, *missing)):
            with contextlib.suppress(FileNotFoundError):
                sync_folder(self._project / folder)

    def _named(self, place: Path) -> PurePosixPath:
        """A place by its path below the project.

        Raises:
            OSError: a link on the way to it leads out of the project, or the place belongs to nobody here.
        """
        path = PurePosixPath(place.relative_to(self._project).as_posix())
        if not self._may_touch(path):
            raise OSError(f"{place} is not in a folder of this package, or a link leads out of the project there")
        return path

    def _may_touch(self, path: PurePosixPath) -> bool:
        """Whether a file belongs to the folders of this transaction, and really lies in the project."""
        whole = os.path.realpath(self._project / path.parent)
        root = os.path.realpath(self._project)
        return any(folder in path.parents for folder in self._folders) and Path(whole).is_relative_to(root)

    def _kept(self, place: Path, backup: str) -> Entry:
        """An entry for a place, with its content kept in a file of the notes."""
        content = content_of(place)
        if content is not None:
            write_new(self._notes / backup, content, like=place)
        before = None if content is None else digest_of(content)
        return Entry(backup, before, (before,))

    def _missing(self, folder: PurePosixPath) -> Iterator[PurePosixPath]:
        """The folders that have to be made, the outermost first."""
        whole = [*reversed(folder.parents), folder]
        return (one for one in whole if not is_there(self._project / one))

    def _apply(self, path: PurePosixPath, staged: Path | None) -> None:
        place = self._project / path
        content = content_of(place)
        if (None if content is None else digest_of(content)) != self._journal.entries[path].ours[-2]:
            raise OSError(f"{place} was changed while it was being written; try again")
        if staged is not None:
            move_in(staged, place, self._journal.token)
        elif content is not None:
            os.unlink(place)
        _forget_byte_code(place)
        if staged is None:
            self._emptied += (one for one in path.parents if any(folder in one.parents for folder in self._folders))

    def _undo(self) -> None:
        """Put everything back as it was before the transaction, and end it.

        Raises:
            HalfWritten: that is not possible.
        """
        if self._lock is None:
            return
        done, self._journal = self._journal, replace(self._journal, entries={}, made=())
        try:
            if self._has_moved:
                self._put_back(done)
            with contextlib.suppress(OSError):  # nothing more is to be done with it, so it does no harm
                _clear(self._notes)
        finally:
            self._release()

    def _put_back(self, journal: Journal) -> None:
        """Put back what was there before, but where somebody has changed it since, and remove the journal."""
        errors = []
        for path, entry in journal.entries.items():
            try:
                self._restore(path, entry, journal.token)
            except OSError as error:
                errors.append(error)
        for folder in reversed(journal.made):
            around = any(folder in (one, *one.parents) or one in folder.parents for one in self._folders)
            if around:
                with contextlib.suppress(OSError):  # there is more in it, which is not ours, or it is not there
                    (self._project / folder).rmdir()
        if errors:
            raise HalfWritten(
                f"the old files could not be put back: {errors[0]}; until the next `quiesce build`, which does so, "
                "some may be new and others old"
            ) from errors[0]
        with contextlib.suppress(OSError):  # all is as it was, and to find that once more does no harm
            os.unlink(self._notes / _JOURNAL)

    def _restore(self, path: PurePosixPath, entry: Entry, token: str) -> None:
        place = self._project / path
        if not self._may_touch(path):
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
            backup = self._notes / entry.backup
            if digest_of(read_bytes(backup)) != entry.before:
                raise OSError(f"{backup} is not as it was written")
            place.parent.mkdir(parents=True, exist_ok=True)
            move_in(backup, place, token)
        _forget_byte_code(place)
        with contextlib.suppress(OSError):  # the file is in its place
            sync_folder(place.parent)


def _found(wanted: Wanted) -> Found:
    return tuple((folder, state) for texts, folder in wanted for state in compare(texts, folder))


def _left(notes: Path) -> Journal | None:
    """The journal of a process that was killed."""
    try:
        return journals.from_json(read_bytes(notes / _JOURNAL).decode())
    except (FileNotFoundError, UnicodeDecodeError):
        return None


def _clear(notes: Path) -> None:
    """Remove what a transaction that has ended does not need any more."""
    for name in sorted(os.listdir(notes)):
        if name != _LOCK:
            os.unlink(notes / name)


def _forget_byte_code(place: Path) -> None:
    """Remove what Python has compiled of a module: it compares times in whole seconds, and might run what has gone."""
    if place.suffix != ".py":
        return
    folder = place.parent / _BYTE_CODE
    with contextlib.suppress(OSError):  # it is a cache, and may be absent
        for name in os.listdir(folder):
            if name.startswith(f"{place.stem}.") and name.endswith(".pyc"):
                os.unlink(folder / name)
        folder.rmdir()
