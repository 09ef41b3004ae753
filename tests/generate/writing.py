"""Pages written into a folder, in a project of their own."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from quiesce.generate.files import manifest
from quiesce.generate.files.compare import FileState
from quiesce.generate.files.write import Transaction


def write(pages: Mapping[PurePosixPath, str], root: Path, *, force: bool = False) -> tuple[FileState, ...]:
    """Write pages in a transaction of one step; nothing is left of it but its lock, which is taken away, too."""
    packages = [path.parent for path in pages if path.name == manifest.NAME]
    notes = root.with_name(f".{root.name}.notes")
    with Transaction(root, packages, notes, patience=0) as tree:
        found = tree.write([(pages, root)], force=force)
        tree.commit()
    return tuple(state for _, state in found)
