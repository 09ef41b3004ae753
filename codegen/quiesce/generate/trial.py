"""A trial of a package: it is imported once, in a folder of its own, before it is written where it is used."""

import subprocess
import sys
from collections.abc import Mapping
from errno import ETIMEDOUT
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

_IMPORT = """
import importlib, sys
sys.path.insert(0, sys.argv[1])
for name in sys.argv[2:]:
    importlib.import_module(name)
"""

PATIENCE = 120.0
"""Seconds after which the process counts as stopped by somebody: it does next to nothing."""


class NotImportable(Exception):
    """A generated package cannot be imported; the message is that of Python."""


def import_once(pages: Mapping[PurePosixPath, str]) -> None:
    """Import every module of a package in another process, with nothing around it but the standard library.

    `pages` are its files, by their paths in the folder from which it is imported.

    Raises:
        NotImportable: a module cannot be imported.
        OSError: there is no place to try it, or no process.
    """
    modules = [_module(path) for path in sorted(pages) if path.suffix == ".py"]
    with TemporaryDirectory(prefix="quiesce-") as folder:
        for path, text in pages.items():
            place = Path(folder, path)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text.encode())
        # Isolated (-I), so that nothing of the environment and of the working folder is lent to the package.
        command = [sys.executable, "-I", "-B", "-c", _IMPORT, folder, *modules]
        try:
            done = subprocess.run(  # noqa: S603 -- Python itself, with our own output, rendered a moment ago
                command,
                cwd=folder,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                check=False,
                timeout=PATIENCE,
            )
        except subprocess.TimeoutExpired:
            raise TimeoutError(ETIMEDOUT, f"the process did not end within {PATIENCE:g} seconds") from None
    if done.returncode != 0:
        raise NotImportable((done.stderr.strip() or f"exit code {done.returncode}").splitlines()[-1])


def _module(path: PurePosixPath) -> str:
    """The dotted name of a file of Python."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
