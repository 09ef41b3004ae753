"""Projects that ask for the shell of asyncio."""

import ast
import asyncio
import importlib
import sys
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from quiesce.cli import main
from quiesce.console.project import FOR_ANY_SPEC
from quiesce.generate.manners import MANNERS
from quiesce.generate.package import python_of
from quiesce.spec.reader import read_file

from tests.tasks.packages import SPECS, pages


def test_a_project_may_ask_for_each_shell_that_is_made() -> None:
    assert tuple(MANNERS) == FOR_ANY_SPEC


@pytest.mark.slow
def test_a_package_is_built_and_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("lamp.py").write_text(SPECS["lamp"].read_text(encoding="utf-8"), encoding="utf-8")
    Path("pyproject.toml").write_text(
        '[[tool.quiesce.specs]]\nspec = "lamp.py"\npackage = "lamp_of_tasks"\nshell = "asyncio"\n', encoding="utf-8"
    )
    assert main(["build", "-q"]) == 0
    monkeypatch.syspath_prepend(tmp_path / "generated")
    package: Any = importlib.import_module("lamp_of_tasks")

    class Lamp(package.LampLifecycle):  # type: ignore[misc]  # the package exists only while tests run
        async def kindle(self) -> None: ...
        async def douse(self) -> None: ...

    async def use() -> None:
        lamp = Lamp()
        async with lamp.using():
            assert lamp.snapshot() == package.Snapshot(package.Light.ON)
        assert lamp.snapshot() == package.Snapshot(package.Light.OFF)

    asyncio.run(use())
    for name in [name for name in sys.modules if name.partition(".")[0] == "lamp_of_tasks"]:
        del sys.modules[name]


@pytest.mark.parametrize("spec", SPECS)
def test_what_both_shells_share_is_the_same_text(spec: str) -> None:
    theirs = python_of(read_file(SPECS[spec]), "threads")
    ours = pages(spec)
    # The schedules of threads are searched by tests that only their shell has.
    both = {path for path in {*ours, *theirs} if path.parts[0] != "tests"}
    differing = {path.name for path in both if ours.get(path) != theirs.get(path)}
    assert differing <= {"_loop.py", "_tasks.py", "_threads.py", "lifecycle.py", "__init__.py"}
    assert _methods(ours[PurePosixPath("lifecycle.py")]) == _methods(theirs[PurePosixPath("lifecycle.py")])


def _methods(text: str) -> dict[str, list[str]]:
    """The methods of each class, whether they are awaited or not."""
    classes = (node for node in ast.parse(text).body if isinstance(node, ast.ClassDef) and node.name != "WrongLoop")
    return {
        each.name: [part.name for part in each.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)]
        for each in classes
    }
