"""The kernel stays what can be read and believed: no way around the types, and no text taken apart."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KERNEL = ROOT / "proofs/quiesce/kernel"
MEANING = ROOT / "model/quiesce/spec/meaning"

MAY_IMPORT = ("quiesce.spec", "quiesce.kernel")
STANDARD = {"collections", "dataclasses", "enum", "functools", "itertools", "string", "types", "typing"}
"""All of the standard library that the kernel needs; whatever reads files, text or the clock is not among it."""

TAKING_APART = {
    *("split", "rsplit", "splitlines", "partition", "rpartition", "removeprefix", "removesuffix"),
    *("startswith", "endswith", "strip", "lstrip", "rstrip", "find", "rfind", "index", "rindex"),
}
NAMES_OF_TEXT = {"id", "name", "text", "promise", "action", "call", "claim_name"}
"""What holds a name or an id; a part of one would tell what only its record may tell."""


def files(*folders: Path) -> list[Path]:
    return [path for folder in folders for path in sorted(folder.rglob("*.py"))]


def foreign_imports(path: Path) -> Iterator[str]:
    """What a file of the kernel loads that it may not."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names):
                modules = [alias.name for alias in names]
            case ast.ImportFrom(module, names, level):
                modules = [f"{'.' * level}{module or ''}.{alias.name}" for alias in names]
            case _:
                continue
        for module in modules:
            ours = any(module == allowed or module.startswith(f"{allowed}.") for allowed in MAY_IMPORT)
            if not ours and module.split(".")[0] not in STANDARD:
                yield f"{path.name}: {module}"


def ways_around_types(path: Path) -> Iterator[str]:
    """`Any`, `cast`, and comments that silence a type checker."""
    text = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Name(("Any" | "cast") as name) | ast.Attribute(_, ("Any" | "cast") as name):
                yield f"{path.name}:{node.lineno}: {name}"
            case ast.ImportFrom(_, names):
                yield from (f"{path.name}: {alias.name}" for alias in names if alias.name in ("Any", "cast"))
            case _:
                pass
    yield from (f"{path.name}: {mark}" for mark in ("# type:", "# mypy:", "# pyright:") if mark in text)


def text_taken_apart(path: Path) -> Iterator[str]:
    """Where a text is asked about its parts; calling a function of ours named `split` asks no text."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Attribute(_, name) if name in TAKING_APART:
                yield f"{path.name}:{node.lineno}: .{name}"
            case ast.Attribute(ast.Name("re")) | ast.Import([ast.alias("re")]) | ast.ImportFrom("re"):
                yield f"{path.name}:{node.lineno}: re"
            case ast.Subscript(ast.Attribute(_, name) | ast.Name(name)) if name in NAMES_OF_TEXT:
                yield f"{path.name}:{node.lineno}: {name}[…]"
            case ast.Subscript(ast.Call(ast.Name("str" | "repr" | "id_of"))) | ast.Subscript(ast.JoinedStr()):
                yield f"{path.name}:{node.lineno}: a part of a text"
            case _:
                pass


def planted(folder: Path, lines: str) -> Path:
    """A file in which something stands that the kernel must not do."""
    path = folder / "planted.py"
    path.write_text(f"{lines}\n", encoding="utf-8")
    return path


def test_the_kernel_imports_the_spec_and_nothing_else_of_ours() -> None:
    assert [fault for path in files(KERNEL) for fault in foreign_imports(path)] == []


@pytest.mark.parametrize(
    "line",
    [
        "from quiesce.prove.results import Report",
        "import quiesce.certify",
        "from quiesce import prove",
        "from quiesce.specs import model",
        "from . import plan",
        "import re",
        "from pathlib import Path",
        "import z3",
        "def f() -> None:\n    import json",
    ],
)
def test_a_kernel_that_imports_more_is_seen(tmp_path: Path, line: str) -> None:
    path = planted(tmp_path, f"from quiesce.spec.model import Machine\n{line}")
    assert len(list(foreign_imports(path))) == 1


def test_nothing_in_the_kernel_goes_around_the_types() -> None:
    assert [fault for path in files(KERNEL, MEANING) for fault in ways_around_types(path)] == []


@pytest.mark.parametrize(
    "line",
    [
        "from typing import Any",
        "from typing import cast as known",
        "import typing\nx: typing.Any = 1",
        "x = typing.cast(int, y)",
        "x: int = 'a'  # type: ignore[assignment]",
        "# mypy: ignore-errors",
    ],
)
def test_a_way_around_the_types_is_seen(tmp_path: Path, line: str) -> None:
    path = planted(tmp_path, line)
    assert list(ways_around_types(path))


def test_nothing_in_the_kernel_takes_text_apart() -> None:
    assert [fault for path in files(KERNEL) for fault in text_taken_apart(path)] == []


@pytest.mark.parametrize(
    "line",
    [
        "action = obligation.id.split('/')[1]",
        "action = name.rsplit('/')",
        "head, _, tail = id_of(about).partition('/')",
        "tail = name.removeprefix('step/')",
        "is_step = obligation.id.startswith('step/')",
        "is_step = obligation.id.endswith('/covered')",
        "cut = str.split(name, '/')",
        "kinds = map(str.strip, names)",
        "at = name.find('/')",
        "head = obligation.id[:4]",
        "head = name[0]",
        "head = id_of(about)[5:]",
        "head = f'{name}/x'[1:]",
        "import re",
        "from re import match",
        "found = re.match('a', name)",
    ],
)
def test_text_that_is_taken_apart_is_seen(tmp_path: Path, line: str) -> None:
    path = planted(tmp_path, line)
    assert list(text_taken_apart(path))


def test_a_function_of_ours_that_splits_totals_is_no_fault(tmp_path: Path) -> None:
    path = planted(tmp_path, "from quiesce.spec.meaning.totals import split\ngoal = split(claim)")
    assert list(text_taken_apart(path)) == []
    assert any("totals import split" in path.read_text(encoding="utf-8") for path in files(KERNEL))
