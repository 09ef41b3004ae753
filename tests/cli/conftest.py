"""Projects to run commands in."""

import shutil
from pathlib import Path

import pytest
from quiesce.cli import main

from tests.machines import text_of


def start_project(folder: Path) -> None:
    """A project with a spec in the words of the one that `new` writes, but smaller: it is built many times."""
    (folder / "pyproject.toml").write_text('[[tool.quiesce.specs]]\nspec = "model/service.py"\n', encoding="utf-8")
    (folder / "model").mkdir()
    (folder / "model/service.py").write_text(text_of("service"), encoding="utf-8", newline="\n")


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
