"""No text of a spec gets into an output but through what quotes it there, as far as the text of the program tells.

What each output holds at last is asked by the other tests of this folder. These here say where a way around begins.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WRITING = [
    path
    for folder in ("draw", "generate", "console/reports/pages", "quoting")
    for path in sorted((ROOT / "codegen/quiesce" / folder).rglob("*.py"))
    if "shells" not in path.parts
]
CODEGEN = ROOT / "codegen/quiesce"
TEMPLATES = sorted((CODEGEN / "generate/templates").glob("*.jinja"))
PRINTING = [
    path
    for folder in ("codegen", "proofs", "model")
    for path in sorted((ROOT / folder / "quiesce").rglob("*.py"))
    if "shells" not in path.parts
]
PLAIN = {
    "draw/layout.py": "the description of a drawing, which is a text until `draw.svg` prints it",
    "generate/core/readback.py": "the name under which a diagnostic shows the text of a core",
    "generate/files/write.py": "a message",
}
"""Modules whose texts get into no page, or into one through another module that quotes them."""

FREE = {"doc", "because", "text", "path", "detail", "title"}
"""Attributes of a model, or of what is made of it, that hold what is no name: whatever somebody wrote."""

QUOTING = {
    "text",
    "code",
    "link",
    "label",
    "name",
    "docstring",
    "comment",
    "folded",
    "fenced",
    "one_line",
    "visible",
    "_link",
}


def unquoted(node: ast.AST, *, in_a_hole: bool = False) -> Iterator[ast.Attribute]:
    """Texts in the holes of f-strings that no function around them quotes."""
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in QUOTING:
            return
        case ast.Attribute(attr=name) if in_a_hole and name in FREE:
            yield node
        case _:
            for child in ast.iter_child_nodes(node):
                yield from unquoted(child, in_a_hole=in_a_hole or isinstance(node, ast.FormattedValue))


def ways_around(source: str) -> list[str]:
    return [ast.unparse(found) for found in unquoted(ast.parse(source))]


def test_no_text_is_put_into_a_page_as_it_is() -> None:
    found = {
        path.relative_to(CODEGEN).as_posix(): around
        for path in WRITING
        if (around := ways_around(path.read_text(encoding="utf-8")))
    }
    assert found.keys() == PLAIN.keys(), found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('f"{action.doc}"', ["action.doc"]),
        ('f"<b>{(machine.doc or title(machine)).strip()}</b>"', ["machine.doc"]),
        ('f"- {code(p.name)}: {p.doc.splitlines()[0]}"', ["p.doc"]),
        ('f"- {markdown.text(p.doc)} and {xml.text(box.text)}"', []),
        ('code(f"quiesce verify {machine.path}")', []),
    ],
)
def test_a_way_around_is_seen(source: str, found: list[str]) -> None:
    assert ways_around(source) == found


def test_a_docstring_in_a_template_is_a_whole_line_that_the_view_has_written() -> None:
    """Of all that a template prints, docstrings alone are made of texts; everything else is made of names."""
    lines = [line for path in TEMPLATES for line in path.read_text(encoding="utf-8").splitlines() if "doc }}" in line]
    assert len(lines) > 10
    assert [line for line in lines if not re.fullmatch(r" *\{\{ \w+\.\w*doc \}\}", line)] == []
    holes = {
        name
        for path in TEMPLATES
        for name in re.findall(r"\{\{[^}]*?\.(\w+)[^}]*\}\}", path.read_text(encoding="utf-8"))
    }
    assert holes.isdisjoint(FREE - {"doc"})


def holding(paths: list[Path], *words: str) -> Iterator[tuple[Path, ast.AST]]:
    """The parts of those modules in which one of the words stands: to parse all of them takes seconds."""
    for path in paths:
        source = path.read_text(encoding="utf-8")
        if any(word in source for word in words):
            yield from ((path, node) for node in ast.walk(ast.parse(source)))


def test_nothing_is_printed_behind_the_streams_that_quote() -> None:
    """`print` goes to what `console.streams` has put in the place of standard output and standard error."""
    past_them = ("__stdout__", "__stderr__", "buffer")
    found = holding(PRINTING, *past_them)
    used = {(path.name, ast.unparse(node)) for path, node in found if isinstance(node, ast.Attribute)}
    printing = {(name, text) for name, text in used if text.rpartition(".")[2] in past_them}
    assert printing == {("replay.py", "sys.stdin.buffer")}, "what is read is not printed, but all else is"


def test_only_one_module_knows_how_a_terminal_is_steered() -> None:
    found = holding(PRINTING, "x1b", "x1B", "033", "u001b", "ESCAPE", "\x1b")
    texts = ((path, node.value) for path, node in found if isinstance(node, ast.Constant))
    assert {path.name for path, text in texts if isinstance(text, str) and "\x1b" in text} == {"style.py"}


def test_only_one_module_knows_how_html_is_escaped() -> None:
    found = holding(WRITING, "html")
    knowing = {path for path, node in found if isinstance(node, ast.ImportFrom) and node.module == "html"}
    assert knowing == {CODEGEN / "quoting/xml.py"}
