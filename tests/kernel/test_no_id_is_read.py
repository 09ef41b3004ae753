"""What an obligation is about stands in its record: nothing takes its name apart, and the kernel no text at all."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from quiesce.kernel.obligations import obligations
from quiesce.kernel.problem import problem_of
from quiesce.spec.reader import read_file

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
KERNEL = ROOT / "proofs/quiesce/kernel"
CODE = [ROOT / "proofs/quiesce", ROOT / "codegen/quiesce"]

TAKING_APART = {
    "split", "rsplit", "partition", "rpartition", "startswith", "endswith", "removeprefix", "removesuffix",
    "splitlines", "find", "rfind", "index", "rindex",
}  # fmt: skip
BEGINNINGS = (
    "total/", "start/", "step/", "answer/", "enabled/", "forgettable/", "precondition/", "refinement/", "contract/",
    "recoverable/", "leads_to/", "assumption/", "witness/", "expected/", "traced/", "activity/",
)  # fmt: skip


def strings_taken_apart(tree: ast.AST) -> Iterator[int]:
    """Lines in which a method of strings takes a text apart, or a text is indexed."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in TAKING_APART:
            yield node.lineno
        if isinstance(node, ast.ImportFrom | ast.Import) and any(name.name == "re" for name in node.names):
            yield node.lineno


def ids_taken_apart(tree: ast.AST) -> Iterator[int]:
    """Lines in which the id of an obligation is taken apart, or looked for by how it begins."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in TAKING_APART:
            given = [part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
            if _is_id(node.func.value) or any(text == "/" or text.startswith(BEGINNINGS) for text in given):
                yield node.lineno
        if isinstance(node, ast.Subscript) and _is_id(node.value):
            yield node.lineno
        if isinstance(node, ast.Compare) and isinstance(node.left, ast.Constant) and any(map(_is_id, node.comparators)):
            yield node.lineno


def _is_id(expr: ast.expr) -> bool:
    match expr:
        case ast.Attribute(attr="id"):
            return True
        case ast.Call(func=ast.Name(id="id_of" | "name_of")):
            return True
        case _:
            return False


def found_in(text: str) -> tuple[list[int], list[int]]:
    tree = ast.parse(text)
    return list(strings_taken_apart(tree)), list(ids_taken_apart(tree))


def places(folder: Path) -> dict[str, ast.AST]:
    return {str(path): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.py"))}


def test_the_kernel_takes_no_string_apart() -> None:
    files = places(KERNEL)
    assert len(files) > 10
    assert {path: lines for path, tree in files.items() if (lines := list(strings_taken_apart(tree)))} == {}


@pytest.mark.parametrize("folder", CODE, ids=lambda folder: folder.parent.name)
def test_no_id_is_taken_apart(folder: Path) -> None:
    files = places(folder)
    assert len(files) > 10
    assert {path: lines for path, tree in files.items() if (lines := list(ids_taken_apart(tree)))} == {}


@pytest.mark.parametrize(
    "line",
    [
        'action = result.obligation.id.split("/")[1]',
        'if obligation.id.startswith("leads_to"): pass',
        'kind, _, rest = name.partition("/")',
        'shown = name.removeprefix("witness/")',
        "start = obligation.id[:5]",
        'last = "possible" in obligation.id',
        'waiting = id_of(about).endswith("/possible")',
    ],
)
def test_a_planted_line_is_seen(line: str) -> None:
    assert found_in(line)[1] == [1]


@pytest.mark.parametrize(
    "line", ['first = name.split(".")[0]', "import re", 'if text.startswith("(") : pass', "lines = text.splitlines()"]
)
def test_a_planted_line_in_the_kernel_is_seen(line: str) -> None:
    assert found_in(line)[0] == [1]


def test_what_is_no_id_may_be_looked_at() -> None:
    assert found_in('known = obligation.id in proved\nplace.removeprefix("self.")\n')[1] == []


def test_the_beginnings_are_those_of_the_ids() -> None:
    specs = (read_file(ROOT / f"model/{name}.py") for name in ("winsock", "winsock_layered", "clients"))
    listed = [obligation.id for spec in specs for obligation in obligations(problem_of(spec))]
    assert [id_ for id_ in listed if not id_.startswith(BEGINNINGS)] == []
    assert [beginning for beginning in BEGINNINGS if not any(id_.startswith(beginning) for id_ in listed)] == []
