"""How the files on disk compare with the pages they should hold."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePosixPath

from quiesce.generate.header import can_be_stamped, digest, is_edited, read_header
from quiesce.generate.manifest import NAME, from_json


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

    Stale is a file of ours that nobody touched and that would be written anew. Hand-edited is one whose text does not
    match its own header, foreign one that has no header of ours. Orphans are known from the manifest on disk.

    Raises:
        OSError: a file cannot be read.
    """
    digests = dict(_digests(pages, root))
    states = [FileState(path, _status(path, pages[path], root, digests)) for path in pages]
    return tuple(sorted([*states, *_orphans(pages, root)], key=lambda state: state.path))


def is_untouched(root: Path, package: str, spec: str) -> bool:
    """Whether the package was generated from this text of a spec, and nobody has changed or removed a file since.

    Asks nobody but the files, so it is quick; it does not notice that quiesce itself has changed.
    """
    manifest = from_json(_read(root / package / NAME) or "")
    if manifest is None or manifest.model != digest(spec):
        return False
    return all(digest(_read(root / package / name) or "") == own for name, own in manifest.files.items())


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
    # A checkout may have changed line ends; that is nobody's edit.
    text = text.replace("\r\n", "\n")
    if text == page:
        return Status.UP_TO_DATE
    if path.name == NAME:
        return Status.HAND_EDITED if from_json(text) is None else Status.STALE
    if not can_be_stamped(path):
        if path not in digests:
            return Status.FOREIGN
        return Status.STALE if digest(text) == digests[path] else Status.HAND_EDITED
    if read_header(path, text) is None:
        return Status.FOREIGN
    return Status.HAND_EDITED if is_edited(path, text) else Status.STALE


def _orphans(pages: Mapping[PurePosixPath, str], root: Path) -> Iterator[FileState]:
    for manifest_path in (path for path in pages if path.name == NAME):
        text = _read(root / manifest_path)
        manifest = from_json(text.replace("\r\n", "\n")) if text is not None else None
        for name in manifest.files if manifest is not None else ():
            path = manifest_path.parent / name
            if path in pages or ".." in path.parts or (orphan := _read(root / path)) is None:
                continue
            if can_be_stamped(path):
                clean = read_header(path, orphan) is not None and not is_edited(path, orphan.replace("\r\n", "\n"))
            else:
                clean = manifest is not None and digest(orphan) == manifest.files[name]
            yield FileState(path, Status.ORPHAN if clean else Status.EDITED_ORPHAN)


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
