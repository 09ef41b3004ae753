"""The packages that are tested, each loaded once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.tasks.packages import forget, load


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tasks")


@pytest.fixture(scope="session")
def device(folder: Path) -> Iterator[Any]:
    yield (package := load(folder, "device"))
    forget(package)


@pytest.fixture(scope="session")
def drained(folder: Path) -> Iterator[Any]:
    yield (package := load(folder, "drained"))
    forget(package)


@pytest.fixture(scope="session")
def hub(folder: Path) -> Iterator[Any]:
    yield (package := load(folder, "hub"))
    forget(package)


@pytest.fixture(scope="session")
def pool(folder: Path) -> Iterator[Any]:
    yield (package := load(folder, "pool"))
    forget(package)


@pytest.fixture(scope="session")
def lamp(folder: Path) -> Iterator[Any]:
    yield (package := load(folder, "lamp"))
    forget(package)
