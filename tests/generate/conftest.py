"""Machines to generate from, and the packages generated from them."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TypeAlias

import pytest
from quiesce.generate.package import CORE, python_of, render_folder, render_machine
from quiesce.spec.model import Machine
from quiesce.spec.reader import read_file

ROOT = Path(__file__).parents[2]
MODELS = (ROOT / "model" / "winsock.py", ROOT / "model" / "clients.py")
SPECS = {path.stem: path for path in (*Path(__file__).parent.joinpath("specs").glob("*.py"), *MODELS)}

QUICK = {"clients", "gate", "ordinary"}
"""Machines whose tests are chosen quickly."""

Pages: TypeAlias = Mapping[PurePosixPath, str]


@cache
def load_machine(name: str) -> Machine:
    return read_file(SPECS[name], PurePosixPath(f"model/{name}.py"))


@cache
def core_text(name: str) -> str:
    """The core of that package; without its tests it is made quickly."""
    return python_of(load_machine(name), "threads")[CORE]


@cache
def render_pages(name: str) -> Pages:
    """The package `<name>_provider` with the shell for threads."""
    return render_machine(load_machine(name), f"{name}_provider", "threads")


def render_code(name: str) -> Pages:
    """That package without its tests, which take long to choose where a machine is large."""
    machine = load_machine(name)
    return render_folder(machine, PurePosixPath(f"{name}_provider"), python_of(machine, "threads"))


@pytest.fixture(scope="session")
def machine_of() -> Callable[[str], Machine]:
    return load_machine


@pytest.fixture(scope="session")
def pages_of() -> Callable[[str], Pages]:
    return render_pages


@pytest.fixture(scope="session")
def core_of() -> Callable[[str], str]:
    return core_text


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the generated package of every machine; those that are made slowly have no tests."""
    return written(tmp_path_factory.mktemp("generated"), {name: name in QUICK for name in SPECS})


@pytest.fixture(scope="session")
def whole_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the generated package of every machine and all of its tests."""
    return written(tmp_path_factory.mktemp("whole"), dict.fromkeys(SPECS, True))


def written(folder: Path, names: Mapping[str, bool]) -> Path:
    """The folder with packages of these names, each with or without its tests."""
    for name, has_tests in names.items():
        pages = render_pages(name) if has_tests else render_code(name)
        for path, text in pages.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(text.encode())
    return folder
