"""Docstrings are sentences or noun phrases with a subject: none begins with "That" or "What"."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
RIDDLES = ("That ", "What ", "That's ", "What's ")
"""Beginnings of docstrings that define something by a clause, and leave its noun for the reader to guess."""


def riddles(source: str) -> Iterator[str]:
    """The docstrings of a module, of its classes, functions and names, that begin like that."""
    for node in ast.walk(ast.parse(source)):
        body = getattr(node, "body", None)
        for statement in body if isinstance(body, list) else ():
            match statement:
                case ast.Expr(ast.Constant(str(text))) if text.startswith(RIDDLES):
                    yield f"{statement.lineno}: {text.partition(chr(10))[0]}"


def test_every_docstring_names_its_subject() -> None:
    files = [file for folder in ("model/quiesce", "proofs", "codegen") for file in (ROOT / folder).rglob("*.py")]
    assert len(files) > 200
    found = {str(file.relative_to(ROOT)): list(riddles(file.read_text(encoding="utf-8"))) for file in files}
    assert {name: told for name, told in found.items() if told} == {}


def test_a_docstring_without_a_subject_is_seen() -> None:
    source = 'def f() -> None:\n    """That it holds."""\n\n\nx = 1\n"""What it is.\n\nMore."""\n'
    assert sorted(riddles(source)) == ["2: That it holds.", "6: What it is."]
    assert not list(riddles('def f() -> None:\n    """The claim that it holds."""\n    return "What "\n'))
