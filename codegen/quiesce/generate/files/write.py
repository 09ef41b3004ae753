"""Writing the pages of a package, all or none.

The new package folder is built completely beside the old one, forced to disk, and put in its place by renaming. Not
every system can exchange two folders in one step, so there is one moment in which the package is absent: the old folder
has stepped aside and the new one has not moved in. What is guaranteed for each package:

- an error leaves the old files, complete, and nothing else;
- after a kill or a power cut the package holds only old files, or only new files, or is absent with the old ones beside
  it; the next `write` (or `recover`) puts them back and removes what was left over;
- files of the folder that are not ours are carried over; byte-code caches are not.

Two writers at once are not provided for.
"""

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from quiesce.generate.files.compare import FileState, Status, compare
from quiesce.generate.files.manifest import NAME

_CACHE = "__pycache__"


class WouldOverwrite(Exception):
    """Files that somebody else wrote or changed stand where pages should go; `files` names every one."""

    def __init__(self, files: tuple[FileState, ...]) -> None:
        super().__init__(", ".join(f"{file.path} ({file.status.value})" for file in files))
        self.files = files


def write(pages: Mapping[PurePosixPath, str], root: Path, *, force: bool = False) -> tuple[FileState, ...]:
    """Make `root` hold the pages, and return what was found before: see `compare`.

    Files that are up to date stay untouched if all of them are. Orphans go, unless somebody changed them.

    Raises:
        WouldOverwrite: hand-edited or foreign files are in the way, and `force` is not given.
        OSError: the files could not be written; the old ones are in place.
    """
    folders = {package: (root / package).resolve() for package in _packages(pages)}
    for folder in folders.values():
        recover(folder)
    found = compare(pages, root)
    in_the_way = tuple(file for file in found if file.status in (Status.HAND_EDITED, Status.FOREIGN))
    if in_the_way and not force:
        raise WouldOverwrite(in_the_way)
    for package, folder in folders.items():
        changed = [file for file in found if package in file.path.parents and _needs_writing(file)]
        if changed:
            orphans = {file.path.relative_to(package) for file in changed if file.status is Status.ORPHAN}
            own = {path.relative_to(package): pages[path] for path in pages if package in path.parents}
            _replace_folder(folder, own, orphans)
    return found


def recover(folder: Path) -> None:
    """Finish what an interrupted `write` of this package left: the package is in place, and nothing beside it.

    Raises:
        NotADirectoryError: the package's place is taken by something that is no folder.
    """
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"{folder} is in the way of a generated package")
    new, old = _beside(folder)
    if old.exists() and not folder.exists():
        old.rename(folder)
    for left_over in (new, old):
        if left_over.exists():
            shutil.rmtree(left_over)


def _needs_writing(file: FileState) -> bool:
    return file.status not in (Status.UP_TO_DATE, Status.EDITED_ORPHAN)


def _packages(pages: Mapping[PurePosixPath, str]) -> list[PurePosixPath]:
    """The folders that are written as a whole: each has a manifest, and none lies inside another."""
    return sorted(path.parent for path in pages if path.name == NAME)


def _beside(folder: Path) -> tuple[Path, Path]:
    """The places beside a folder where the new one is built, and where the old one steps aside."""
    return folder.with_name(f".{folder.name}.new"), folder.with_name(f".{folder.name}.old")


def _replace_folder(folder: Path, pages: Mapping[PurePosixPath, str], orphans: set[PurePosixPath]) -> None:
    new, old = _beside(folder)
    try:
        _build(new, pages)
        if folder.exists():
            _carry_over(folder, new, {*pages, *orphans})
        _sync_folders(new)
        _exchange(folder, new, old)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    # The new files are in place, so nothing is an error any more; the next write removes what is left over now.
    with contextlib.suppress(OSError):
        _sync_folder(folder.parent)
    shutil.rmtree(old, ignore_errors=True)


def _build(folder: Path, pages: Mapping[PurePosixPath, str]) -> None:
    folder.mkdir(parents=True)
    for path, text in pages.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())


def _carry_over(folder: Path, new: Path, ours: set[PurePosixPath]) -> None:
    """Copy what is not ours."""
    for path in _files(folder):
        relative = path.relative_to(folder)
        if PurePosixPath(relative.as_posix()) not in ours and not (new / relative).exists():
            (new / relative).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, new / relative, follow_symlinks=False)


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != _CACHE)
        links = [name for name in folders if (Path(place) / name).is_symlink()]
        yield from (Path(place) / name for name in (*links, *sorted(files)))


def _exchange(folder: Path, new: Path, old: Path) -> None:
    if not folder.exists():
        new.rename(folder)
        return
    folder.rename(old)
    try:
        new.rename(folder)
    except BaseException:
        old.rename(folder)
        raise


def _sync_folders(folder: Path) -> None:
    for place, _, _ in os.walk(folder):
        _sync_folder(Path(place))


def _sync_folder(folder: Path) -> None:
    """Force a folder's entries to disk, where the system can do that for folders."""
    with contextlib.suppress(PermissionError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
