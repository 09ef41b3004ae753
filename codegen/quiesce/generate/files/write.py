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
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from types import FrameType, TracebackType
from typing import Self

from quiesce.generate.files import journal as journals
from quiesce.generate.files.compare import FileState, Status, compare
from quiesce.generate.files.journal import Entry, Journal
from quiesce.generate.files.lock import acquire
from quiesce.generate.files.place import InTheWay, content_of, digest_of, is_there, move_in, put, sync_folder, write_new
from quiesce.generate.files.recovery import Site, clear, forget_byte_code, journal_left, make_notes, put_back

PATIENCE = 60.0
"""Seconds to wait for another process that writes the same files."""

Wanted = Sequence[tuple[Mapping[PurePosixPath, str], Path]]
"""Pages by their paths in a folder, and that folder."""

Found = tuple[tuple[Path, FileState], ...]
"""The state of files, each with the folder that its path is relative to."""


class WouldOverwrite(Exception):
    """Files that somebody else wrote or changed stand where pages should go; `files` names every one."""

    def __init__(self, files: tuple[FileState, ...]) -> None:
        super().__init__(", ".join(f"{file.path} ({file.status.value})" for file in files))
        self.files = files


def needs_writing(found: Found) -> bool:
    """Whether a file is not as it should be, and not for the reason that a person wants to keep what was a page."""
    return any(state.status not in (Status.UP_TO_DATE, Status.EDITED_ORPHAN) for _, state in found)


class Transaction:
    """Pages that belong together, written into one site in any number of steps, until `commit`.

    Leaving the context without a `commit`, by an error or not, puts everything back, or raises `HalfWritten`. `tell`
    hears of a process that is waited for.
    """

    def __init__(self, site: Site, *, patience: float = PATIENCE, tell: Callable[[str], None] = lambda _: None) -> None:
        self._site = site
        self._patience = patience
        self._tell = tell
        self._lock: int | None = None
        self._journal = Journal(os.urandom(8).hex(), {})
        self._has_moved = False
        self._emptied: list[PurePosixPath] = []
        self._interrupts = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self._interrupts.enter_context(interrupted_once())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._interrupts:
            self._undo()

    @property
    def has_written(self) -> bool:
        """Whether any file is not as it was before the transaction."""
        return bool(self._journal.entries)

    def write(self, wanted: Wanted, *, force: bool = False, worth: Callable[[Found], bool] = needs_writing) -> Found:
        """Make folders hold the pages, if it is `worth` it, and return what was found before: see `compare`.

        Orphans go, unless somebody changed them.

        Raises:
            Busy: another process writes these files.
            HalfWritten: what a process that was killed has left could not be put back.
            OSError: the files could not be written.
            WouldOverwrite: hand-edited or foreign files are in the way, and `force` is not given.
        """
        found = _found(wanted)
        if not (self.has_written or self._site.is_interrupted or worth(found)):
            return found
        self._begin()
        found = _found(wanted)
        if worth(found):
            in_the_way = [state for _, state in found if state.status in (Status.HAND_EDITED, Status.FOREIGN)]
            if in_the_way and not force:
                raise WouldOverwrite(tuple(in_the_way))
            self._change(wanted, found)
        if not self.has_written:
            self._release()
        return found

    def commit(self) -> None:
        """End the transaction: what has been written stays.

        Raises:
            OSError: that is not possible.
        """
        if self.has_written:
            os.unlink(self._site.journal)
            self._journal = replace(self._journal, entries={}, made=())
            for emptied in self._emptied:
                with contextlib.suppress(OSError):  # there is more in it, which is not ours
                    (self._site.project / emptied).rmdir()
            with contextlib.suppress(OSError):  # the new files are in place; the next transaction clears the rest away
                sync_folder(self._site.notes)
                clear(self._site)
        self._release()

    def _begin(self) -> None:
        """Take the lock, unless it is ours, and put right what a killed process left."""
        if self._lock is not None:
            return
        make_notes(self._site)
        self._lock = acquire(self._site.lock, self._patience, self._tell)
        try:
            left = journal_left(self._site)
            if left is not None:
                put_back(self._site, left)
            clear(self._site)
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
            place = self._site.project / path
            if path not in entries:
                entries[path] = self._kept(place, f"old{len(entries)}")
            after = None if content is None else digest_of(content)
            entries[path] = replace(entries[path], ours=(*entries[path].ours, after))
            if content is not None:
                staged[path] = self._site.notes / f"new{len(staged)}"
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(staged[path])
                write_new(staged[path], content, like=place)
        if _found(wanted) != found:
            raise OSError("somebody else changed files while they were being written; try again")
        missing = dict.fromkeys(folder for path in staged for folder in self._missing(path.parent))
        self._journal = Journal(self._journal.token, entries, (*self._journal.made, *missing))
        put(self._site.journal, journals.to_json(self._journal, self._site.seal).encode())
        sync_folder(self._site.notes)
        self._has_moved = True
        for folder in missing:
            (self._site.project / folder).mkdir(exist_ok=True)
        for path in changes:
            self._apply(path, staged.get(path))
        for folder in dict.fromkeys(path.parent for path in (*changes, *missing)):
            with contextlib.suppress(FileNotFoundError):
                sync_folder(self._site.project / folder)

    def _named(self, place: Path) -> PurePosixPath:
        """A place by its path below the project.

        Raises:
            OSError: a link on the way to it leads out of the project, or the place belongs to nobody here.
        """
        path = PurePosixPath(place.relative_to(self._site.project).as_posix())
        if not self._site.may_touch(path):
            raise OSError(f"{place} is not in a folder of this package, or a link leads out of the project there")
        return path

    def _kept(self, place: Path, backup: str) -> Entry:
        """An entry for a place, with its content kept in a file of the notes."""
        content = content_of(place)
        if content is not None:
            write_new(self._site.notes / backup, content, like=place)
        before = None if content is None else digest_of(content)
        return Entry(backup, before, (before,))

    def _missing(self, folder: PurePosixPath) -> Iterator[PurePosixPath]:
        """The folders that have to be made, the outermost first."""
        whole = [*reversed(folder.parents), folder]
        return (one for one in whole if not is_there(self._site.project / one))

    def _apply(self, path: PurePosixPath, staged: Path | None) -> None:
        place = self._site.project / path
        content = content_of(place)
        if (None if content is None else digest_of(content)) != self._journal.entries[path].ours[-2]:
            raise OSError(f"{place} was changed while it was being written; try again")
        if staged is not None:
            move_in(staged, place, self._journal.token)
        elif content is not None:
            os.unlink(place)
        forget_byte_code(place)
        if staged is None:
            self._emptied += (
                one for one in path.parents if any(folder in one.parents for folder in self._site.folders)
            )

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
                put_back(self._site, done)
            with contextlib.suppress(OSError):  # nothing more is to be done with it, so it does no harm
                clear(self._site)
        finally:
            self._release()


@contextlib.contextmanager
def interrupted_once() -> Iterator[None]:
    """Let the first Ctrl-C end what is done here, and no other one what is done about it, such as putting files back.

    Where another thread than the main one is here, or something else than Python hears of Ctrl-C, nothing changes.
    """
    heard = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(heard):
        yield
        return

    def first(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        heard(number, frame)

    signal.signal(signal.SIGINT, first)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, heard)


def _found(wanted: Wanted) -> Found:
    return tuple((folder, state) for texts, folder in wanted for state in compare(texts, folder))
