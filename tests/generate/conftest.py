"""Machines to generate from, and the packages generated from them."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TypeAlias

import pytest
from quiesce.generate.package import render_machine
from quiesce.spec.model import Machine
from quiesce.spec.reader import read_file

ROOT = Path(__file__).parents[2]
MODELS = (ROOT / "model" / "winsock.py", ROOT / "model" / "clients.py")
SPECS = {path.stem: path for path in (*Path(__file__).parent.joinpath("specs").glob("*.py"), *MODELS)}

Pages: TypeAlias = Mapping[PurePosixPath, str]


@cache
def load_machine(name: str) -> Machine:
    return read_file(SPECS[name], PurePosixPath(f"model/{name}.py"))


@cache
def render_pages(name: str) -> Pages:
    """The package `<name>_provider` with the generic shell."""
    return render_machine(load_machine(name), f"{name}_provider", "threads")


@pytest.fixture(scope="session")
def machine_of() -> Callable[[str], Machine]:
    return load_machine


@pytest.fixture(scope="session")
def pages_of() -> Callable[[str], Pages]:
    return render_pages


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the generated package of every machine."""
    folder = tmp_path_factory.mktemp("generated")
    for name in SPECS:
        for path, text in render_pages(name).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(text.encode())
    return folder
