"""Modules, classes and functions are called by the terms of the field, and not by the private words of earlier days."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.test_arrows import SOURCES, python_files

FORMER = {
    "teeth": "proof core",
    "casetree": "refutation",
    "duty": "precondition",
    "duties": "precondition",
    "inert": "forgettable",
    "carried": "traced",
    "findings": "hints",
}
"""Words that only this project had a meaning for, each with the one that is used now."""


def former_words(path: Path) -> Iterator[str]:
    """The names in a file that have such a word as a part, and the name of the file."""
    tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    names = [path.stem, *(node.name for node in tree if isinstance(node, ast.ClassDef | ast.FunctionDef))]
    for name in names:
        parts = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().split("_")
        yield from (f"{name}: {FORMER[part]}" for part in parts if part in FORMER)


def test_no_module_class_or_function_has_a_former_name() -> None:
    assert [told for folder in SOURCES.values() for path in python_files(folder) for told in former_words(path)] == []


@pytest.mark.parametrize(
    ("name", "line"),
    [("duties", ""), ("a", "class TeethReport: ..."), ("a", "def _inert_batches(): ..."), ("a", "class Carried: ...")],
)
def test_a_former_name_is_seen(tmp_path: Path, name: str, line: str) -> None:
    path = tmp_path / f"{name}.py"
    path.write_text(f"{line}\n", encoding="utf-8")
    assert len(list(former_words(path))) == 1
