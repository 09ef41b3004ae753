"""Folders that belong to another spec: what a build of two specs, one after the other, would not notice by itself."""

from collections.abc import Iterator
from pathlib import Path

from quiesce.console.naming import alike
from quiesce.console.project import Project, ProjectError, Target
from quiesce.generate.files import manifest


def refuse_occupied(project: Project, target: Target) -> None:
    """See that no folder of a target has, or is spelled like one that has, what was made from another spec.

    A spec that is gone has been renamed or moved, and its folder can be taken over.

    Raises:
        ProjectError: one has; the message names it and the other spec.
    """
    folders = [project.proofs / target.name]
    folders += [project.root / target.folder] if target.generates else []
    for folder in folders:
        for there, source in _makers(folder):
            if source != str(target.spec) and _is_another(project.root / source, project.path(target)):
                what = "rename one of the two" + (", or choose another package" if folder is not folders[0] else "")
                raise ProjectError(f"{target.shown}: {project.shown(there)} is made from {ascii(source)[1:-1]}; {what}")


def _is_another(other: Path, spec: Path) -> bool:
    try:
        return not other.samefile(spec)
    except (OSError, ValueError):  # it is not there any more
        return False


def _makers(folder: Path) -> Iterator[tuple[Path, str]]:
    """The folders that some file system takes for this one, each with the spec that its manifest names."""
    try:
        beside = sorted(folder.parent.iterdir())
    except OSError:
        return
    for there in beside:
        if alike(there.name) == alike(folder.name):
            try:
                found = manifest.from_json((there / manifest.NAME).read_bytes().decode())
            except (OSError, UnicodeDecodeError):
                continue
            if found is not None:
                yield there, found.source
