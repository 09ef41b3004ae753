"""Pages written into a folder, in a project of their own."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from quiesce.generate.files import manifest
from quiesce.generate.files.compare import FileState
from quiesce.generate.files.recovery import Site
from quiesce.generate.files.write import Transaction


def write(pages: Mapping[PurePosixPath, str], root: Path, *, force: bool = False) -> tuple[FileState, ...]:
    """Write pages in a transaction of one step, whose notes lie beside the folder."""
    packages = tuple(root.name / path.parent for path in pages if path.name == manifest.NAME)
    root.parent.mkdir(parents=True, exist_ok=True)
    site = Site(root.parent, packages, PurePosixPath(f".{root.name}.notes"))
    with Transaction(site, patience=0) as tree:
        found = tree.write([(pages, root)], force=force)
        tree.commit()
    return tuple(state for _, state in found)
