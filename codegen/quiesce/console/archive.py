"""A certificate on disk: the files of a folder, or one archive that holds them."""

import shutil
import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path, PurePosixPath

from quiesce.console.exits import UsageError
from quiesce.console.output import write_bytes
from quiesce.generate.files.place import write_new
from quiesce.spec.files import read_bytes

LARGEST = 1_000_000_000
"""How many bytes the files of a certificate may have together; those of the flagship have a few millions."""

_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The time of every file of an archive, so that equal files make equal archives."""


def is_folder(output: str) -> bool:
    """Whether a path that somebody has written means a folder: it ends with a slash."""
    return output.endswith(("/", "\\"))


def write_folder(folder: Path, files: Mapping[PurePosixPath, str]) -> None:
    """Write files into a new folder.

    Raises:
        UsageError: it exists or cannot be written.
    """
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise UsageError(f"cannot write {folder}: {error.strerror}") from error
    try:
        for path, text in files.items():
            (folder / path).parent.mkdir(exist_ok=True)
            write_new(folder / path, text.encode())
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError):
            raise UsageError(f"cannot write {folder}: {error.strerror}") from error
        raise


def write_archive(path: Path, files: Mapping[PurePosixPath, str]) -> None:
    """Write files into one ZIP archive, in one step. The same files give the same bytes.

    Raises:
        UsageError: it cannot be written.
    """
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(str(name), _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3  # whatever system it is made on
            archive.writestr(entry, files[name].encode())
    write_bytes(path, packed.getvalue())


def read_certificate(path: Path) -> dict[PurePosixPath, str]:
    """The text of every file of a certificate, be it a folder or an archive.

    Raises:
        UsageError: it is neither, or something in it cannot be read.
    """
    try:
        return dict(_of_folder(path) if path.is_dir() else _of_archive(path))
    except (OSError, UnicodeDecodeError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise UsageError(f"{path}: this is no certificate: {error}") from error


def _of_folder(folder: Path) -> Iterator[tuple[PurePosixPath, str]]:
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            yield PurePosixPath(file.relative_to(folder).as_posix()), _text(read_bytes(file))


def _of_archive(path: Path) -> Iterator[tuple[PurePosixPath, str]]:
    with zipfile.ZipFile(path) as archive:
        listed = [entry for entry in archive.infolist() if not entry.is_dir()]
        if sum(entry.file_size for entry in listed) > LARGEST:
            raise UsageError(f"{path}: its files have more than {LARGEST} bytes")
        if len({entry.filename for entry in listed}) < len(listed):
            raise UsageError(f"{path}: a file stands in it twice")
        for entry in listed:
            yield PurePosixPath(entry.filename), _text(archive.read(entry))


def _text(content: bytes) -> str:
    return content.decode().replace("\r\n", "\n")
