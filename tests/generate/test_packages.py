"""Generated packages please a formatter, a linter and a type checker, and pass their own tests, which miss no fault."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any

import pytest
from quiesce.generate.examples.mutants import Mutant, mutants
from quiesce.spec.model import Machine

from tests.by_day import at_night

pytestmark = pytest.mark.slow

Pages = Mapping[PurePosixPath, str]
ROOT = Path(__file__).parents[2]
FOLDERS = ["packages", at_night("whole_packages")]
"""Of large machines the code every time, and their tests at night."""


def run(*command: str, cwd: Path) -> None:
    line = [sys.executable, "-m", *command]
    done = subprocess.run(line, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("command", [("format", "--diff"), ("check", "--output-format", "concise")])
@pytest.mark.parametrize("folder", FOLDERS)
def test_ruff_finds_nothing(request: pytest.FixtureRequest, folder: str, command: tuple[str, ...]) -> None:
    packages = request.getfixturevalue(folder)
    run("ruff", *command, "--no-cache", "--config", str(ROOT / "pyproject.toml"), ".", cwd=packages)


@pytest.mark.parametrize("folder", FOLDERS)
def test_mypy_finds_nothing(request: pytest.FixtureRequest, folder: str, tmp_path: Path) -> None:
    packages: Path = request.getfixturevalue(folder)
    names = [argument for folder in sorted(packages.iterdir()) for argument in ("-p", folder.name)]
    run("mypy", "--strict", "--cache-dir", str(tmp_path), "--config-file", "", *names, cwd=packages)


@pytest.mark.parametrize("name", ["clients", "gate", "ordinary", *map(at_night, ["crowded", "pool", "winsock"])])
def test_generated_tests_pass(name: str, pages_of: Callable[[str], Pages], monkeypatch: pytest.MonkeyPatch) -> None:
    assert failures(name, pages_of(name), None, monkeypatch) == []


def failures(name: str, pages: Pages, fault: Mutant | None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the generated tests that fail if the core has `fault`."""
    package = f"{name}_provider"
    core = ModuleType(f"{package}.core")
    for parent in (package, f"{package}.tests"):
        monkeypatch.setitem(sys.modules, parent, ModuleType(parent))
    monkeypatch.setitem(sys.modules, core.__name__, core)
    exec(pages[PurePosixPath(f"{package}/core.py")], core.__dict__)  # noqa: S102 -- the core under test
    if fault is not None:
        cores = [value for key, value in core.__dict__.items() if key.endswith("Core")]
        changed: dict[str, object] = {}
        exec(fault.text, core.__dict__, changed)  # noqa: S102 -- the core under test, with a fault
        setattr(cores[0], fault.method, changed[fault.method])
    tests: dict[str, Any] = {"__name__": f"{package}.tests.test_core", "__package__": f"{package}.tests"}
    exec(pages[PurePosixPath(f"{package}/tests/test_core.py")], tests)  # noqa: S102 -- the tests under test
    return [test for test in tests if test.startswith("test_") and not passes(tests[test])]


def passes(test: Callable[[], None]) -> bool:
    try:
        test()
    except Exception:
        return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "every", "equivalent"),
    [
        ("gate", 1, {"self.holders <= 0"}),
        at_night(
            "clients",
            1,
            {
                "if self.phase is Phase.UNLOADED:\n",  # that it works is known by then
                "self.refs <= 0",
                "self.queued <= 0",
                "if self.refs > 1:\n        self.refs -= 1",  # a client that has the table is known already
                "return 'cleanup'\n    self.refs -= 1",
            },
        ),
        at_night("winsock", 6, {"agreed <= 0", "self.refs <= 0", "s.shares <= 1 and", "s.unsent <= 0"}),
    ],
)
def test_generated_tests_miss_no_fault_that_shows(
    name: str,
    every: int,
    equivalent: set[str],
    machine_of: Callable[[str], Machine],
    pages_of: Callable[[str], Pages],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pages = pages_of(name)
    enums = {enum.type.name: enum.type.values for enum in machine_of(name).enums}
    faults = list(mutants(pages[PurePosixPath(f"{name}_provider/core.py")], enums))[::every]
    missed = [fault.text for fault in faults if not failures(name, pages, fault, monkeypatch)]
    assert len(faults) > 20
    assert [text for text in missed if not any(same in text for same in equivalent)] == []
