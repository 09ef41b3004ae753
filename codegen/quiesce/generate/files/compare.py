"""The comparison of files on disk with the pages that they should hold."""

import os
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from pathlib import Path, PurePosixPath

from quiesce.generate.files.header import can_be_stamped, digest, source_of
from quiesce.generate.files.journal import is_inside
from quiesce.generate.files.manifest import NAME, from_json
from quiesce.generate.files.place import is_there
from quiesce.spec.files import NotAFile, read_bytes
from quiesce.spec.record import record


class Status(Enum):
    """The state of a file as a build finds it."""

    UP_TO_DATE = "up to date"
    STALE = "stale"
    HAND_EDITED = "hand-edited"
    MISSING = "missing"
    FOREIGN = "foreign"
    ORPHAN = "orphan"
    EDITED_ORPHAN = "hand-edited orphan"


@record
class FileState:
    """The state of one file. `path` is relative to the folder that holds the generated packages."""

    path: PurePosixPath
    status: Status


def compare(pages: Mapping[PurePosixPath, str], root: Path) -> tuple[FileState, ...]:
    """The state of every page, and of files of an earlier generation that are no page any more; sorted by path.

    The manifest on disk tells what was written: a file that is as it says, and would be written otherwise now, is
    stale. One with our header that the manifest does not know so is hand-edited, and one without is foreign. Line ends
    are nobody's edit. Orphans are files that only the manifest on disk names. What lies where a page needs a folder is
    foreign itself.

    Raises:
        OSError: a file cannot be read.
    """
    known = dict(_known(pages, root))
    obstacles = {path: _obstacle(path, pages, root) for path in pages}
    states = {
        FileState(path, _status(path, pages[path], root, known))
        if obstacle is None
        else FileState(obstacle, Status.FOREIGN)
        for path, obstacle in obstacles.items()
    }
    return tuple(sorted([*states, *_orphans(pages, root, known)], key=lambda state: state.path))


def _known(pages: Iterable[PurePosixPath], root: Path) -> Iterator[tuple[PurePosixPath, str]]:
    """The digest of each file of a package according to the manifests on disk."""
    for manifest_path in (path for path in pages if path.name == NAME):
        manifest = from_json(_read(root / manifest_path) or "")
        for name, own in manifest.files.items() if manifest is not None else ():
            if is_inside(name):
                yield manifest_path.parent / name, own


def _obstacle(path: PurePosixPath, pages: Iterable[PurePosixPath], root: Path) -> PurePosixPath | None:
    """The file, or whatever is no folder, that lies where the page needs one within its package."""
    packages = {page.parent for page in pages if page.name == NAME}
    folders = (folder for folder in reversed(path.parents) if packages.intersection(folder.parents))
    return next((folder for folder in folders if is_there(root / folder) and not (root / folder).is_dir()), None)


def _status(path: PurePosixPath, page: str, root: Path, known: Mapping[PurePosixPath, str]) -> Status:
    text = _read(root / path)
    if text is None:
        return Status.FOREIGN if is_there(root / path) else Status.MISSING
    if digest(text) == digest(page):  # but for line ends, which a checkout may have changed
        return Status.UP_TO_DATE
    if path.name == NAME:
        return Status.HAND_EDITED if from_json(text) is None else Status.STALE
    if known.get(path) == digest(text):
        return Status.STALE
    is_ours = source_of(path, text) is not None if can_be_stamped(path) else path in known
    return Status.HAND_EDITED if is_ours else Status.FOREIGN


def _orphans(pages: Iterable[PurePosixPath], root: Path, known: Mapping[PurePosixPath, str]) -> Iterator[FileState]:
    for path in known.keys() - set(pages):
        if (orphan := _read(root / path)) is not None:
            yield FileState(path, Status.ORPHAN if digest(orphan) == known[path] else Status.EDITED_ORPHAN)


def _read(path: Path) -> str | None:
    """The text of a file as it is; None if there is no such file, or it is no text."""
    try:
        return read_bytes(path).decode()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, NotAFile, UnicodeDecodeError):
        return None
    except OSError:
        if os.path.islink(path):  # wherever it leads
            return None
        raise
