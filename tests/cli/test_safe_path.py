"""Whatever lies beside a spec, and whatever it is called: no process of a command runs it."""

import os
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from quiesce.cli import main

from tests.by_day import at_night, by_day

pytestmark = pytest.mark.slow

SETTINGS = {"PYTHONSAFEPATH", "PYTHONPATH", "PYTHONHASHSEED", "NO_COLOR"}
COMMAND = str(Path(sys.executable).with_name("quiesce.exe" if os.name == "nt" else "quiesce"))
HOSTILE = """
import sys
with open({trace!r}, "a") as file:
    print(__name__, sys.argv, file=file)
raise SystemExit(0)
"""

SPEC = """
from quiesce.spec import Machine, always, call


class Lamp(Machine):
    on: bool = {initial}

    @call("switch")
    def switch(self) -> None:
        self.on = True

    @always
    def so_it_is(self) -> bool:
        return {promise}
"""

GOOD = SPEC.format(initial=False, promise="self.on or not self.on")
FALSE = SPEC.format(initial=False, promise="not self.on")


def run(*command: str, cwd: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    return subprocess.run(
        command, cwd=cwd, env={**clean, **changes}, capture_output=True, encoding="utf-8", check=False, timeout=120
    )


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A folder with a file for every module of the standard library and every dependency, each of which leaves a trace.

    `quiesce.py` is not among them: `python -m quiesce` asks for it, and would be asked for by that name.
    """
    folder = tmp_path / "hostile"
    folder.mkdir()
    names = (*sys.stdlib_module_names, "z3", "jinja2", "networkx", "cvc5", "sitecustomize", "usercustomize")
    for name in names:
        (folder / f"{name}.py").write_text(HOSTILE.format(trace=str(tmp_path / "trace")), encoding="utf-8")
    (folder / "quiesce").mkdir()  # which Python would take for a part of ours
    for name in ("cli", "console", "workers", "spec"):
        (folder / f"quiesce/{name}.py").write_text(HOSTILE.format(trace=str(tmp_path / "trace")), encoding="utf-8")
    return folder


def traces(folder: Path) -> list[str]:
    trace = folder.parent / "trace"
    return trace.read_text(encoding="utf-8").splitlines() if trace.exists() else []


COMMANDS = [
    ["verify", "--jobs", "2", "--no-cache"],
    ["mutate", "--jobs", "2"],
    ["build", "--jobs", "2"],
    ["recheck"],
    ["check"],
]
STEMS = ["lamp", "enum", "socket"]
"""Names of specs, two of them those of modules that worker processes need."""


@pytest.mark.parametrize(
    ("arguments", "stem"),
    [
        (words, stem)
        if (words, stem) in [*zip(COMMANDS, STEMS * 2, strict=False)] and words[0] != "mutate"
        else at_night(words, stem)
        for words, stem in product(COMMANDS, STEMS)
    ],
    ids=str,
)
def test_no_neighbour_of_a_spec_is_run(hostile: Path, stem: str, arguments: list[str]) -> None:
    spec = hostile / f"{stem}.py"
    spec.write_text(FALSE, encoding="utf-8")
    done = run(COMMAND, *arguments, spec.name, cwd=hostile)
    assert traces(hostile) == []
    assert done.returncode == {"check": 0, "recheck": 2}.get(arguments[0], 1), done.stderr


@pytest.mark.parametrize(
    ("options", "module"), by_day(product([[], ["-P"], ["-I"]], ["quiesce.cli", "quiesce"]), 3), ids=str
)
def test_no_neighbour_is_run_if_the_command_is_called_as_a_module(
    hostile: Path, module: str, options: list[str]
) -> None:
    (hostile / "lamp.py").write_text(GOOD, encoding="utf-8")
    if not options:  # then Python itself takes from the current folder what it needs to find any program
        (hostile.parent / "program").mkdir()
        (hostile.parent / "program/__main__.py").write_text("import sys; print(*sys.modules)", encoding="utf-8")
        for name in run(sys.executable, "-m", "program", cwd=hostile.parent).stdout.split():
            (hostile / f"{name}.py").unlink(missing_ok=True)
        (hostile / "quiesce/cli.py").unlink()
    done = run(sys.executable, *options, "-m", module, "verify", "--jobs", "2", "lamp.py", cwd=hostile)
    assert (traces(hostile), done.returncode, done.stderr) == ([], 0, "")


def test_a_neighbour_would_leave_a_trace(hostile: Path) -> None:
    run(sys.executable, "-c", "import argparse", cwd=hostile)
    assert traces(hostile) == ["argparse ['-c']"]


def test_workers_of_a_python_that_ignores_its_environment_are_not_started(hostile: Path) -> None:
    (hostile / "lamp.py").write_text(GOOD, encoding="utf-8")
    command = (sys.executable, "-E", COMMAND) if os.name != "nt" else (sys.executable, "-E", "-m", "quiesce")
    refused = run(*command, "verify", "--jobs", "2", "lamp.py", cwd=hostile)
    assert (traces(hostile), refused.returncode, refused.stdout) == ([], 2, "")
    assert "add -P" in refused.stderr
    done = run(sys.executable, "-E", "-P", "-m", "quiesce", "verify", "--jobs", "2", "lamp.py", cwd=hostile)
    assert (traces(hostile), done.returncode, done.stderr) == ([], 0, "")


@pytest.mark.parametrize("before", by_day([None, "", "1"], 2))
def test_the_environment_of_whoever_starts_workers_is_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    if before is None:
        monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    else:
        monkeypatch.setenv("PYTHONSAFEPATH", before)
    (tmp_path / "lamp.py").write_text(GOOD, encoding="utf-8")
    assert main(["verify", "-q", "--jobs", "2", "lamp.py"]) == 0
    assert os.environ.get("PYTHONSAFEPATH") == before
