"""Each requirement of the Winsock provider has a test that shows it, or a reason why it cannot apply."""

import ast
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parents[1]
TABLE = TESTS / "provider" / "requirements.toml"
SPEC = TESTS.parent / "model" / "winsock_requirements.py"
NAMES = [f"R{number}" for number in range(1, 43)]
KEYS = {"says", "tests", "reason"}

Table = dict[str, dict[str, Any]]


@cache
def table() -> Table:
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


@cache
def stated() -> frozenset[str]:
    """The requirements that specs import."""
    tree = ast.parse(SPEC.read_text(encoding="utf-8"))
    return frozenset(
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    )


@cache
def names_in(file: str) -> frozenset[str]:
    """The tests of a file, those behind a condition too; none if there is no such file."""
    path = TESTS / file
    if not path.is_file():
        return frozenset()
    tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return frozenset(
        node.name
        for node in tree
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    )


def problems(requirements: Table) -> list[str]:
    """What is wrong with a table; nothing if each requirement is shown, or cannot apply."""
    found = [f"{name} is not in the list" for name in requirements.keys() - {*NAMES}]
    for name in NAMES:
        entry = requirements.get(name, {})
        found += [f"{name} has an unknown key {key}" for key in entry.keys() - KEYS]
        if bool(entry.get("tests")) == bool(entry.get("reason")):
            found.append(f"{name} needs either tests or a reason")
        if bool(entry.get("says")) == (name in stated()):
            found.append(f"{name} is to be stated once, in the table or in the file of requirements that specs import")
        for test in entry.get("tests", []):
            file, _, function = test.partition("::")
            if function not in names_in(file):
                found.append(f"{name} names a test that does not exist: {test}")
    return found


def test_each_requirement_has_a_test_or_a_reason() -> None:
    assert problems(table()) == []


@pytest.mark.parametrize(
    ("name", "entry", "problem"),
    [
        ("R12", {}, "either"),
        ("R12", {"tests": []}, "either"),
        ("R12", {"tests": ["provider/test_cleanup.py::test_it_works"]}, "not exist"),
        ("R12", {"tests": ["provider/test_nothing.py::test_old_descriptors_stay_dead"]}, "not exist"),
        ("R12", {"tests": ["provider/test_cleanup.py"]}, "not exist"),
        ("R12", {"tests": ["provider/test_cleanup.py::fill"]}, "not exist"),
        ("R12", {"reason": "None.", "tests": ["provider/test_cleanup.py::test_old_descriptors_stay_dead"]}, "either"),
        ("R12", {"says": "Twice.", "reason": "None."}, "stated once"),
        ("R40", {"reason": "Not said what for."}, "stated once"),
        ("R12", {"reason": "None.", "test": "misspelt"}, "unknown key"),
        ("R99", {"reason": "None."}, "not in the list"),
    ],
)
def test_what_is_missing_is_seen(name: str, entry: dict[str, Any], problem: str) -> None:
    [found] = problems({**table(), name: entry})
    assert problem in found


def test_no_requirement_of_the_specs_is_left_out() -> None:
    assert stated() <= {*NAMES}
