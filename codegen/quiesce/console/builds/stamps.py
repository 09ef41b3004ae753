"""Notes on what was built here, so that a build with nothing to do needs neither solver nor templates.

A stamp is about everything a build depends on and everything it wrote, and only the user who built can make it. It is
only a note: a fresh checkout has none, one that comes with a checkout is not believed, and `build --check` never looks
at it.
"""

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from quiesce.console.project import Project, Target
from quiesce.prove.solving.seal import NoSeal, users_seal

_DEPENDENCIES = ("z3_solver-*.dist-info", "jinja2-*.dist-info", "Jinja2-*.dist-info")
"""Folders whose names tell the installed versions; asking `importlib.metadata` would take longer than all the rest."""


def is_current(project: Project, target: Target) -> bool:
    """Whether nothing has changed since the target was last built here."""
    try:
        note = _file(project, target)
        if not note.is_file():  # nobody waits for a pipe
            return False
        content = json.loads(note.read_text(encoding="utf-8"))
        written = [project.root / name for name in content["written"]]
        return bool(written) and content["seal"] == _sealed(project, target, written)
    except (NoSeal, OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def write_stamp(project: Project, target: Target, written: Iterable[Path]) -> None:
    """Note that the target was built and is complete in these files."""
    from quiesce.prove.solving.stores import make_ignored  # noqa: PLC0415 -- not needed where nothing is to be done

    files = sorted(written)
    with contextlib.suppress(OSError, NoSeal):  # a note that cannot be written costs the next build its time, no more
        note = {"seal": _sealed(project, target, files), "written": _names(project, files)}
        make_ignored(project.stamps)
        beside = _file(project, target).with_suffix(".new")
        beside.write_text(json.dumps(note, indent=2) + "\n", encoding="utf-8")
        beside.replace(_file(project, target))


def _file(project: Project, target: Target) -> Path:
    return project.stamps / f"{target.name}.json"


def _sealed(project: Project, target: Target, written: Sequence[Path]) -> str:
    """The seal of this user under a target's files as they are, wherever they lie.

    Raises:
        NoSeal: users cannot be told apart.
        OSError: a file cannot be read.
    """
    return users_seal().of(json.dumps([_digest(project, target, written), *_names(project, written)]))


def _names(project: Project, files: Iterable[Path]) -> list[str]:
    return [file.relative_to(project.root).as_posix() for file in files]


def _digest(project: Project, target: Target, written: Iterable[Path]) -> str:
    found = hashlib.sha256()
    surveys = sorted((project.proofs / target.name).glob("mutants.json"))  # which the page of the proof shows
    for file in (*_neighbours(project.path(target)), *surveys, *written, *_own_files()):
        found.update(hashlib.sha256(os.fsencode(file.name)).digest() + hashlib.sha256(file.read_bytes()).digest())
    for text in (repr(target), *_versions()):
        found.update(text.encode())
    return found.hexdigest()


def _neighbours(spec: Path) -> list[Path]:
    """The spec, and every other that lies beside it, as it may use their machines."""
    return sorted(path for path in spec.parent.glob("*.py") if path.is_file())


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
