"""CONTRIBUTING.md says which tests wait for the night, and the nightly script runs them."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
REASON = re.compile(r"^  - ((?:`tests/\S+`,?\s+)*`tests/\S+`): ", re.MULTILINE)
"""The files at the head of a reason in a list."""
NAME = re.compile(r"`(tests/\S+)`")


@cache
def waiting(source: str) -> bool:
    """Whether a file has a test that is marked `nightly`, or a case that is left for the night."""
    if not any(word in source for word in ("nightly", "by_day", "at_night")):
        return False
    names = {ast.unparse(node) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute | ast.Name)}
    return not names.isdisjoint({"pytest.mark.nightly", "by_day", "at_night"})


def unexplained(page: str) -> list[str]:
    """The files with such tests that a page does not give a reason for."""
    files = {path.relative_to(ROOT).as_posix(): path for path in (ROOT / "tests").rglob("test_*.py")}
    explained = {name for line in REASON.findall(page) for name in NAME.findall(line)}
    return [name for name, path in files.items() if waiting(path.read_text("utf-8")) and name not in explained]


def test_every_test_that_waits_for_the_night_has_its_reason() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert unexplained(page) == []


def test_a_reason_that_is_missing_is_seen() -> None:
    assert "tests/docs/test_theory.py" in unexplained("")
    assert waiting("import pytest\n@pytest.mark.nightly\ndef test() -> None: ...")
    assert waiting("from tests.by_day import by_day\n@pytest.mark.parametrize('a', by_day('ab', 2))\ndef test(a): ...")
    assert not waiting("import pytest\n@pytest.mark.slow\ndef test() -> None: ...")


def test_the_nightly_script_runs_what_waits_for_it() -> None:
    lines = (ROOT / ".ci/nightly").read_text(encoding="utf-8").splitlines()
    assert any(line.endswith("python -m pytest -n auto --dist loadfile -m nightly") for line in lines)
