"""Projects to run commands in."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

import pytest
from quiesce.cli import main
from quiesce.generate import trial

from tests.machines import text_of


def start_project(folder: Path) -> None:
    """A project with a spec in the words of the one that `new` writes, but smaller: it is built many times."""
    (folder / "pyproject.toml").write_text('[[tool.quiesce.specs]]\nspec = "model/service.py"\n', encoding="utf-8")
    (folder / "model").mkdir()
    (folder / "model/service.py").write_text(text_of("service"), encoding="utf-8", newline="\n")


@pytest.fixture(scope="session")
def importable() -> set[frozenset[tuple[PurePosixPath, str]]]:
    """The packages that were imported in a process of their own, and could be."""
    return set()


@pytest.fixture(scope="module")
def equal_packages_are_tried_once(importable: set[frozenset[tuple[PurePosixPath, str]]]) -> Iterator[None]:
    """The same small project is built a hundred times, and most of that time would start Python for its package.

    It is for tests that are about something else.
    """
    really = trial.import_once

    def import_once(pages: Mapping[PurePosixPath, str]) -> None:
        files = frozenset(pages.items())
        if files not in importable:
            really(pages)
            importable.add(files)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trial, "import_once", import_once)
        yield


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: a project with one spec that is not built yet."""
    monkeypatch.chdir(tmp_path)
    start_project(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        start_project(folder)
        assert main(["build", "-q"]) == 0
    return folder


@pytest.fixture
def built(built_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: that project after a build."""
    folder = tmp_path / "project"
    shutil.copytree(built_once, folder)
    monkeypatch.chdir(folder)
    return folder
