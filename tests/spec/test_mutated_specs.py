"""Whatever a spec holds, `check` answers: it is well-formed, or has mistakes, each at its place. It never fails.

`QUIESCE_MUTANTS` says how many spoiled specs are read: a hundred if it does not, a hundred thousand in the nightly
script. Each has a number of its own, so that a failure comes again.
"""

import argparse
import os
import shutil
from collections import Counter
from functools import cache
from pathlib import Path
from random import Random
from time import process_time

import pytest
from quiesce.console.commands import check
from quiesce.console.context import Context
from quiesce.console.project import Project
from quiesce.console.style import Style
from quiesce.spec.diagnostics import SpecError

from tests.spec.mutating import Original, Spoiler, original

pytestmark = pytest.mark.slow

MUTANTS = int(os.environ.get("QUIESCE_MUTANTS", "100"))
PORTIONS = 8
PATIENCE = 2.0
"""Seconds of processor time that no spec may take."""

ROOT = Path(__file__).parents[2]
FOLDERS = ("model", "tests/specs/good", "tests/specs/machines", "tests/specs/bad")


@cache
def pool() -> tuple[Original, ...]:
    return tuple(original(path) for folder in FOLDERS for path in sorted((ROOT / folder).glob("*.py")))


@pytest.mark.parametrize("portion", range(PORTIONS))
def test_a_spoiled_spec_is_read_or_refused_in_time(
    portion: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in FOLDERS:  # a spec imports contracts and requirements from those beside it
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("quiesce", "__pycache__"))
    found: Counter[str] = Counter()
    slowest, failures = (0.0, -1), []
    for number in range(portion, MUTANTS, PORTIONS):
        spec, data = Spoiler(Random(number), pool()).mutant()  # noqa: S311 -- the same specs in every run
        file = tmp_path / spec.folder.relative_to(ROOT) / "mutated.py"
        file.write_bytes(data)
        options = argparse.Namespace(specs=[str(file)], quiet=False)
        context = Context(Project(tmp_path, ()), options, Style(False), lambda _: None)
        started = process_time()
        try:
            check.run(context)
            found["read"] += 1
        except SpecError as error:
            found["refused"] += 1
            found["told"] += len(str(error)) > 0
        except Exception as error:
            failures.append(f"{number}: {type(error).__name__}: {error}")
        slowest = max(slowest, (process_time() - started, number))
        capsys.readouterr()
    assert not failures, "\n".join(failures)
    assert slowest[0] < PATIENCE, f"{slowest[1]} took {slowest[0]:.1f} s"
    assert found["refused"] == found["told"] > 0
    print(f"{found['read']} read, {found['refused']} refused, slowest {slowest[0]:.3f} s")
