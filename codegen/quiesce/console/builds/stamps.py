"""Notes on what was built here, so that a build with nothing to do needs neither solver nor templates.

A stamp is the digest of everything a build depends on and of everything it wrote. It is only a note: a fresh checkout
has none, and `build --check` never looks at it.
"""

import contextlib
import hashlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path

from quiesce.console.project import Project, Target
from quiesce.generate.files.place import put
from quiesce.spec.files import MAX_BYTES, read_bytes

_DEPENDENCIES = ("z3_solver-*.dist-info", "jinja2-*.dist-info", "Jinja2-*.dist-info")
"""Folders whose names tell the installed versions; asking `importlib.metadata` would take longer than all the rest."""


def is_current(project: Project, target: Target) -> bool:
    """Whether nothing has changed since the target was last built here."""
    try:
        note = json.loads(read_bytes(_file(project, target)).decode())
        written = [project.root / name for name in note["written"]]
        return bool(written) and note["digest"] == _digest(project, target, written)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def write_stamp(project: Project, target: Target, written: Iterable[Path]) -> None:
    """Note that the target was built and is complete in these files."""
    from quiesce.prove.solving.stores import make_ignored  # noqa: PLC0415 -- not needed where nothing is to be done

    files = sorted(written)
    with contextlib.suppress(OSError):  # a note that cannot be written costs the next build its time, no more
        note = {
            "digest": _digest(project, target, files),
            "written": [file.relative_to(project.root).as_posix() for file in files],
        }
        make_ignored(project.stamps)
        put(_file(project, target), f"{json.dumps(note, indent=2)}\n".encode())


def _file(project: Project, target: Target) -> Path:
    return project.stamps / f"{target.name}.json"


def _digest(project: Project, target: Target, written: Iterable[Path]) -> str:
    found = hashlib.sha256()
    surveys = sorted((project.proofs / target.name).glob("mutants.json"))  # which the page of the proof shows
    for file in _neighbours(project.path(target)):
        found.update(_seen_by_reader(file))
    for file in (*surveys, *written, *_own_files()):
        found.update(hashlib.sha256(read_bytes(file)).digest())
    for text in (repr(target), *_versions()):
        found.update(text.encode())
    return found.hexdigest()


def _neighbours(spec: Path) -> list[Path]:
    """The spec, and every other that lies beside it, as it may use their machines."""
    return sorted(spec.parent.glob("*.py"))


def _seen_by_reader(file: Path) -> bytes:
    """A digest of what can be read of a spec; all that cannot be read, such as a folder or a link to nothing, is alike.

    A spec that uses it is refused, and to any other one it does not matter.
    """
    try:
        return hashlib.sha256(read_bytes(file, MAX_BYTES + 1)).digest()
    except OSError:
        return b"unreadable"


def _own_files() -> list[Path]:
    """The source of quiesce itself, whose change may change every verdict and every page."""
    import quiesce  # noqa: PLC0415 -- a namespace: its parts are known only at run time

    return [file for part in sorted(quiesce.__path__) for file in sorted(Path(part).rglob("*")) if _is_source(file)]


def _is_source(file: Path) -> bool:
    return file.suffix in {".py", ".jinja"}


def _versions() -> list[str]:
    return sorted(
        found.name for place in sys.path for pattern in _DEPENDENCIES for found in Path(place or ".").glob(pattern)
    )
