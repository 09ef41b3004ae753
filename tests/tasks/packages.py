"""Generated packages with the shell for asyncio, as they are or with a fault in their text."""

import importlib
import sys
from collections.abc import Callable, Mapping
from functools import cache
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any

from quiesce.generate.package import python_of
from quiesce.spec.reader import read_file

TESTS = Path(__file__).parents[1]
SPECS = {
    "device": TESTS / "generate" / "specs" / "device.py",
    "hub": TESTS / "generate" / "specs" / "hub.py",
    "pool": TESTS / "generate" / "specs" / "pool.py",
    "lamp": Path(__file__).parent / "specs" / "lamp.py",
    "drained": TESTS / "specs" / "good" / "drained.py",
}

_numbers = count()


@cache
def pages(spec: str) -> Mapping[PurePosixPath, str]:
    """The modules of a package, without its tests."""
    return {
        path: text for path, text in python_of(read_file(SPECS[spec]), "asyncio").items() if path.parts[0] != "tests"
    }


def load(folder: Path, spec: str, changed: Callable[[str, str], str] = lambda _, text: text) -> Any:
    """The package of a spec, under a name of its own; `changed` gets the name and the text of each module."""
    name = f"{spec}_in_tasks_{next(_numbers)}"
    (folder / name).mkdir()
    for path, text in pages(spec).items():
        (folder / name / path).write_text(changed(path.name, text), encoding="utf-8")
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))


def forget(package: Any) -> None:
    """Let go of a package."""
    for name in [name for name in sys.modules if name.partition(".")[0] == package.__name__]:
        del sys.modules[name]
