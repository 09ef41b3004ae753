"""The comparison of files on disk with the pages that they should hold."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePosixPath

from quiesce.generate.files.header import can_be_stamped, digest, source_of
from quiesce.generate.files.manifest import NAME, from_json


class Status(Enum):
    """The state of a file as a build finds it."""

    UP_TO_DATE = "up to date"
    STALE = "stale"
    HAND_EDITED = "hand-edited"
    MISSING = "missing"
    FOREIGN = "foreign"
    ORPHAN = "orphan"
    EDITED_ORPHAN = "hand-edited orphan"


@dataclass(frozen=True, slots=True)
class FileState:
    """The state of one file. `path` is relative to the folder that holds the generated packages."""

    path: PurePosixPath
    status: Status


def compare(pages: Mapping[PurePosixPath, str], root: Path) -> tuple[FileState, ...]:
    """The state of every page, and of files of an earlier generation that are no page any more; sorted by path.

    The manifest on disk tells what was written: a file that is as it says, and would be written otherwise now, is
    stale. One with our header that the manifest does not know so is hand-edited, and one without is foreign. Line ends
    are nobody's edit. Orphans are files that only the manifest on disk names.

    Raises:
        OSError: a file cannot be read.
    """
    digests = dict(_digests(pages, root))
    states = [FileState(path, _status(path, pages[path], root, digests)) for path in pages]
    return tuple(sorted([*states, *_orphans(pages, root)], key=lambda state: state.path))


def _digests(pages: Iterable[PurePosixPath], root: Path) -> Iterator[tuple[PurePosixPath, str]]:
    """The digest of each file according to the manifests on disk."""
    for manifest_path in (path for path in pages if path.name == NAME):
        manifest = from_json(_read(root / manifest_path) or "")
        for name, own in manifest.files.items() if manifest is not None else ():
            yield manifest_path.parent / name, own


def _status(path: PurePosixPath, page: str, root: Path, digests: Mapping[PurePosixPath, str]) -> Status:
    text = _read(root / path)
    if text is None:
        return Status.FOREIGN if (root / path).exists() else Status.MISSING
    if digest(text) == digest(page):  # but for line ends, which a checkout may have changed
        return Status.UP_TO_DATE
    if path.name == NAME:
        return Status.HAND_EDITED if from_json(text) is None else Status.STALE
    if digests.get(path) == digest(text):
        return Status.STALE
    is_ours = source_of(path, text) is not None if can_be_stamped(path) else path in digests
    return Status.HAND_EDITED if is_ours else Status.FOREIGN


def _orphans(pages: Mapping[PurePosixPath, str], root: Path) -> Iterator[FileState]:
    for manifest_path in (path for path in pages if path.name == NAME):
        manifest = from_json(_read(root / manifest_path) or "")
        for name, own in manifest.files.items() if manifest is not None else ():
            path = manifest_path.parent / name
            if path in pages or ".." in path.parts or (orphan := _read(root / path)) is None:
                continue
            yield FileState(path, Status.ORPHAN if digest(orphan) == own else Status.EDITED_ORPHAN)


def _read(path: Path) -> str | None:
    """The text of a file as it is; None if there is no such file, or it is no text."""
    try:
        return path.read_bytes().decode()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, UnicodeDecodeError):
        return None
    except PermissionError:
        # Windows answers so where the path is a directory.
        if path.is_dir():
            return None
        raise
