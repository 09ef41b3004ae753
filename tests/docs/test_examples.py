"""The examples in docstrings run, and say what comes out."""

import importlib
from collections.abc import Callable, Iterator
from doctest import ELLIPSIS, DocTest, DocTestFinder, DocTestParser, DocTestRunner
from pathlib import Path

import pytest
from quiesce.generate.package import render as render_pages
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.prover import verify
from quiesce.spec.diagnostics import render
from quiesce.spec.reader import read_file, read_text
from quiesce.spec.state import Run

ROOT = Path(__file__).parents[2]
PUBLIC = (read_file, read_text, render, Run, verify, CheckedMachine, render_pages)
"""What people who use quiesce as a library begin with; each shows how."""


def examples() -> Iterator[DocTest]:
    """The examples of every module of quiesce that has some."""
    for folder in ("model", "proofs", "codegen"):
        for file in sorted((ROOT / folder / "quiesce").rglob("*.py")):
            if ">>>" in file.read_text(encoding="utf-8"):
                parts = file.relative_to(ROOT / folder).with_suffix("").parts
                module = importlib.import_module(".".join(part for part in parts if part != "__init__"))
                yield from (test for test in DocTestFinder().find(module) if test.examples)


def failures(test: DocTest) -> str:
    """What the examples of a docstring do otherwise than it says; empty if nothing."""
    told: list[str] = []
    DocTestRunner(optionflags=ELLIPSIS).run(test, out=told.append)
    return "".join(told)


EXAMPLES = {test.name: test for test in examples()}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_does_what_it_says(name: str) -> None:
    assert failures(EXAMPLES[name]) == ""


@pytest.mark.parametrize("public", PUBLIC, ids=lambda public: f"{public.__module__}.{public.__qualname__}")
def test_what_people_begin_with_has_an_example(public: Callable[..., object]) -> None:
    assert f"{public.__module__}.{public.__qualname__}" in EXAMPLES


def test_an_example_that_is_wrong_is_seen() -> None:
    parsed = DocTestParser().get_doctest
    assert failures(parsed(">>> 1 + 1\n2\n", {}, "right", None, 0)) == ""
    assert "Expected:\n    3\nGot:\n    2\n" in failures(parsed(">>> 1 + 1\n3\n", {}, "wrong", None, 0))
    assert "NameError" in failures(parsed(">>> unheard\n", {}, "breaks", None, 0))
