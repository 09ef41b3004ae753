"""Notes on what was built here, so that a build with nothing to do needs neither solver nor templates.

A stamp is the digest of everything a build depends on and of everything it wrote. It is only a note: a fresh checkout
has none, and `build --check` never looks at it.
"""

import hashlib
import json
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from quiesce.console.project import Project, Target

_DEPENDENCIES = ("z3-solver", "jinja2")


def is_current(project: Project, target: Target) -> bool:
    """Whether nothing has changed since the target was last built here."""
    try:
        note = json.loads(_file(project, target).read_text(encoding="utf-8"))
        written = [project.root / name for name in note["written"]]
        return bool(written) and note["digest"] == _digest(project, target, written)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def write_stamp(project: Project, target: Target, written: Iterable[Path]) -> None:
    """Note that the target was built and is complete in these files."""
    files = sorted(written)
    note = {
        "digest": _digest(project, target, files),
        "written": [file.relative_to(project.root).as_posix() for file in files],
    }
    _file(project, target).parent.mkdir(exist_ok=True)
    _file(project, target).write_text(json.dumps(note, indent=2) + "\n", encoding="utf-8")


def _file(project: Project, target: Target) -> Path:
    return project.stamps / f"{target.package}.json"


def _digest(project: Project, target: Target, written: Iterable[Path]) -> str:
    found = hashlib.sha256()
    for file in (project.path(target), *written, *_own_files()):
        found.update(hashlib.sha256(file.read_bytes()).digest())
    for text in (str(target), *(f"{name} {_version(name)}" for name in _DEPENDENCIES)):
        found.update(text.encode())
    return found.hexdigest()


def _own_files() -> list[Path]:
    """The source of quiesce itself, whose change may change every verdict and every page."""
    import quiesce  # noqa: PLC0415 -- a namespace: its parts are known only at run time

    parts = sorted(Path(part) for part in quiesce.__path__)
    return [
        file
        for part in parts
        for file in sorted(part.rglob("*"))
        if file.suffix in {".py", ".jinja"} and file.is_file()
    ]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"
