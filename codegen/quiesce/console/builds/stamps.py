"""Notes on what was built here, so that a build with nothing to do needs neither solver nor templates.

A stamp is about everything a build depends on and everything it wrote, and only the user who built can make it. It is
only a note: a fresh checkout has none, one that comes with a checkout is not believed, and `build --check` never looks
at it.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from quiesce.console.project import Project, Target
from quiesce.generate.files.place import put
from quiesce.prove.solving.installed import noted_versions
from quiesce.prove.solving.seal import NoSeal, users_seal
from quiesce.spec.files import MAX_BYTES, read_bytes

_SOURCE = (".py", ".jinja")


def is_current(project: Project, target: Target) -> bool:
    """Whether nothing has changed since the target was last built here."""
    try:
        note = json.loads(read_bytes(_file(project, target)).decode())
        written = [project.root / name for name in note["written"]]
        return bool(written) and note["seal"] == _sealed(project, target, written)
    except (NoSeal, OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def write_stamp(project: Project, target: Target, written: Iterable[Path]) -> None:
    """Note that the target was built and is complete in these files."""
    from quiesce.prove.solving.stores import make_ignored  # noqa: PLC0415 -- not needed where nothing is to be done

    files = sorted(written)
    with contextlib.suppress(OSError, NoSeal):  # a note that cannot be written costs the next build its time, no more
        note = {"seal": _sealed(project, target, files), "written": _names(project, files)}
        make_ignored(project.stamps)
        put(_file(project, target), f"{json.dumps(note, indent=2)}\n".encode())


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
    for file in _neighbours(project.path(target)):
        found.update(hashlib.sha256(os.fsencode(file.name)).digest() + _seen_by_reader(file))
    for file in (*surveys, *written):
        found.update(hashlib.sha256(read_bytes(file)).digest())
    found.update(_own_source())
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


@cache
def _own_source() -> bytes:
    """A digest of the source of quiesce itself, whose change may change every verdict and every page.

    It is taken once: what was loaded by then is what this process runs, whatever becomes of the files.
    """
    import quiesce  # noqa: PLC0415 -- a namespace: its parts are known only at run time

    found = hashlib.sha256()
    for part in sorted(quiesce.__path__):
        for folder, folders, files in os.walk(part):
            folders.sort()
            for name in sorted(file for file in files if file.endswith(_SOURCE)):
                found.update(hashlib.sha256(os.fsencode(name)).digest())
                found.update(hashlib.sha256(read_bytes(Path(folder, name))).digest())
    return found.digest()


def _versions() -> list[str]:
    return sorted(note for notes in noted_versions("z3_solver", "jinja2", "Jinja2") for note in notes)
