"""Packages of good specs, written into a folder and imported from there, with or without a fault in their shell."""

import importlib
import math
import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any

import pytest
from quiesce.generate.package import python_of
from quiesce.spec.model import Machine
from quiesce.spec.reader import read_file

SPECS = (
    Path(__file__).parents[1] / "specs" / "good",
    Path(__file__).parents[1] / "generate" / "specs",
    Path(__file__).parent / "specs",
)


def path_of(spec: str) -> Path:
    """The file of a spec."""
    return next(folder / f"{spec}.py" for folder in SPECS if (folder / f"{spec}.py").exists())


@cache
def machine_of(spec: str) -> Machine:
    """A spec, as it was read."""
    return read_file(path_of(spec), PurePosixPath(f"{spec}.py"))


@cache
def pages(spec: str, manner: str) -> Mapping[PurePosixPath, str]:
    """The Python files of the package of a spec."""
    return python_of(machine_of(spec), manner)


@contextmanager
def shell_tests(
    spec: str, folder: Path, edits: Mapping[str, tuple[str, str]] | None = None, manner: str = "threads"
) -> Iterator[ModuleType]:
    """The generated module `tests/test_shell.py` of a package; `edits` are texts to put in the place of others."""
    name = f"{spec}_for_{manner}"
    for path, text in pages(spec, manner).items():
        old, new = (edits or {}).get(path.name, ("", ""))
        assert old in text, f"{path} has nowhere: {old}"
        place = folder / name / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text.replace(old, new) if old else text, encoding="utf-8")
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield importlib.import_module(f"{name}.tests.test_shell")
    finally:
        sys.path.remove(str(folder))
        for module in [each for each in sys.modules if each.split(".")[0] in (name, "tested")]:
            del sys.modules[module]


@contextmanager
def package(spec: str, folder: Path, manner: str = "threads") -> Iterator[Any]:
    """The package of a spec."""
    with shell_tests(spec, folder, manner=manner) as tests:
        yield importlib.import_module(tests.__name__.partition(".")[0])


MORE = {"threads": 5, "asyncio": 6}
"""How many searches there are that take minutes; each is a test."""


def search_more(module: ModuleType, number: int) -> None:
    """Make one of the searches of such a module that take minutes, through all of its schedules."""
    exploring = module.exploring
    if not os.environ.get(exploring.MUCH_MORE):
        pytest.skip(f"it takes minutes; {exploring.MUCH_MORE} asks for it")
    found = exploring.search_whole(module.TESTED, exploring.more(module.TESTED)[number])
    assert (found.within, found.left_off) == (math.inf, 0)


def run(module: ModuleType) -> None:
    """Run all tests of a module but for what takes minutes; they may search in part."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "too much to search whole")
        for name, test in list(vars(module).items()):
            if name.startswith("test_") and name != "test_much_more":
                test()
