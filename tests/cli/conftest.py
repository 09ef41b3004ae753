"""Projects to run commands in."""

import shutil
from pathlib import Path

import pytest
from quiesce.cli import main


def start_project(folder: Path) -> None:
    (folder / "pyproject.toml").write_text('[[tool.quiesce.specs]]\nspec = "model/service.py"\n', encoding="utf-8")
    assert main(["new", "-q", "model/service.py"]) == 0


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: a project with the spec that `new` writes."""
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
