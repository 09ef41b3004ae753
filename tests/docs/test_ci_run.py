"""`.ci/run` is red if any of its stages is, though some of them run beside others."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="CI runs in a shell of Linux")

SCRIPT = Path(__file__).parents[2] / ".ci/run"
STUB = """#!/bin/sh
line="$(basename "$0") $*"
echo "said by $line"
case "$line" in *"$BROKEN"*) exit 7 ;; esac
"""
"""What stands in for every tool: it fails if it is started with certain words."""
STAGES = [
    "python3 -m venv .venv",
    "pip install -q -e .[dev]",
    "ruff check .",
    "ruff format --check",
    "mypy model proofs codegen generated tests examples",
    "quiesce recheck",
    "quiesce build --check",
    "python -m pytest",
]


def ran(folder: Path, broken: str) -> tuple[int, str]:
    """The exit code of CI where one stage fails, and what it said."""
    for place in (folder / ".ci", folder / ".venv/bin", folder / "bin"):
        place.mkdir(parents=True)
    shutil.copy(SCRIPT, folder / ".ci/run")
    for tool in ("bin/python3", *(f".venv/bin/{name}" for name in ("python", "pip", "ruff", "mypy", "quiesce"))):
        (folder / tool).write_text(STUB, encoding="utf-8")
        (folder / tool).chmod(0o755)
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", ".ci/run"],  # noqa: S607
        cwd=folder,
        env={**os.environ, "PATH": path, "BROKEN": broken},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return done.returncode, done.stdout


def test_it_is_green_if_every_stage_is_and_shows_what_each_of_them_said(tmp_path: Path) -> None:
    code, said = ran(tmp_path, "nothing")
    assert code == 0
    assert [stage for stage in STAGES if said.count(f"said by {stage}") != 1] == []


@pytest.mark.parametrize("stage", STAGES)
def test_it_is_red_if_one_stage_is(tmp_path: Path, stage: str) -> None:
    code, said = ran(tmp_path, stage)
    assert code != 0
    assert f"said by {stage}" in said
