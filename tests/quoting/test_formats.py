"""Whatever a text holds, each format carries it as text: its own reader finds what it finds for a harmless one.

`QUIESCE_TEXTS` says how many pairs of a text and a format are tried: three hundred if it does not, ten thousand in the
nightly script. Each text has a number of its own, so that a failure comes again.
"""

import json
import os
from collections.abc import Callable
from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quiesce.console.style import Style, for_terminal
from quiesce.draw import to_dot, to_mermaid, to_svg, to_table
from quiesce.generate.files.header import source_of, stamped
from quiesce.generate.files.manifest import from_json, manifest_of, to_json
from quiesce.generate.python.text import comment, docstring, first_paragraph, quoted
from quiesce.prove.results import ControlGraph
from quiesce.quoting import markdown
from quiesce.spec.diagnostics import Diagnostic, render
from quiesce.spec.meaning.scripts import Script
from quiesce.spec.model import Span
from quiesce.text.visible import one_line, visible

from tests.by_day import examples
from tests.draw.conftest import build_graph
from tests.quoting.hostile import hostile
from tests.quoting.reading import (
    Read,
    read_dot,
    read_markdown,
    read_mermaid,
    read_python,
    read_smtlib,
    read_svg,
    read_terminal,
)

PAIRS = int(os.environ.get("QUIESCE_TEXTS", "300"))
HARMLESS = "word"
PATHS = {"svg_with_a_header", "manifest"}
"""Formats that carry the name of a file, not a text for people."""


def graph(text: str) -> ControlGraph:
    here, there = (text,), ("OTHER", "PLACE")
    return build_graph(
        [here, there], {"go": text, text: "call"}, [(here, "go", here), (here, text, there), (there, text, there)]
    )


def svg(text: str) -> Read:
    return read_svg(to_svg(graph(text)))


def svg_with_a_header(text: str) -> Read:
    path = PurePosixPath("graph.svg")
    page = stamped(path, to_svg(graph("word")), PurePosixPath(text))
    assert source_of(path, page) == str(PurePosixPath(text))
    return read_svg(page)


def dot(text: str) -> Read:
    return read_dot(to_dot(graph(text)))


def mermaid(text: str) -> Read:
    return read_mermaid(to_mermaid(graph(text)))


def table(text: str) -> Read:
    return read_markdown(to_table(graph(text)))


def page(text: str) -> Read:
    """A page with the text in each place that a page has for one."""
    cells = (text, markdown.code(text), f"{text} and {markdown.code(text)}", markdown.Lines((text, text)))
    lines = (
        markdown.text(text),
        "",
        *markdown.table(("a", "b", "c", "d"), [cells, cells[::-1]]),
        *markdown.folded(text, ["", markdown.listed([text, text]), ""]),
        f"- {markdown.text(text)}",
        f"1. {markdown.code(text)} {markdown.link(text, PurePosixPath('../..', text.lstrip('/')))}",
        "",
        *markdown.fenced([text, f"  {text}"]),
    )
    return read_markdown("\n".join(lines))


def python(text: str) -> Read:
    """A module with the text in its header, in docstrings on three levels, and in comments."""
    below, twice = f"First.\n\n{text}", f"{text}\n  {text}"
    body = "\n".join(
        (
            docstring(text, 0),
            "class A:",
            f"    {docstring(text, 4)}",
            "    def f(self) -> int:",
            f"        {docstring(below, 8)}",
            *comment(text, 8),
            "        return 0",
            "def g() -> int:",
            f"    {docstring(twice, 4)}",
            *comment("and so on " * 12 + text, 4),
            f"    return len(why={{1: {quoted(first_paragraph(text), 24)}}})",
            "",
        )
    )
    return read_python(stamped(PurePosixPath("core.py"), body, PurePosixPath(text)))


def smtlib(text: str) -> Read:
    return read_smtlib(Script("name", ("(declare-const x Int)",), ("true",), ((text, "false"), (text, "true"))).text())


def manifest(text: str) -> Read:
    made = manifest_of({PurePosixPath(text): "text"}, PurePosixPath(text))
    assert from_json(to_json(made)) == made
    content = json.loads(to_json(made))
    assert to_json(made).isascii()
    return [*content, len(content["files"])], [content["source"]]


def terminal(text: str) -> Read:
    style = Style(coloured=True)
    line = one_line(text)
    return read_terminal(
        for_terminal(f"{style.paint(line, 'red', 'bold')}: {line}\n  {style.paint('x', 'dim')}\n{line}\n")
    )


def diagnostic(text: str) -> Read:
    """A mistake in a file of this name, in a line that holds the text."""
    line = text.split("\n", maxsplit=1)[0]
    return read_terminal(for_terminal(render(Diagnostic("Q001", text, Span(3, 1, 3, len(line) + 1), text, text, line))))


FORMATS: dict[str, Callable[[str], Read]] = {
    made.__name__: made
    for made in (svg, svg_with_a_header, dot, mermaid, table, page, python, smtlib, manifest, terminal, diagnostic)
}


def check(name: str, text: str) -> None:
    structure, texts = FORMATS[name](text)
    assert structure == FORMATS[name](HARMLESS)[0]
    if name not in PATHS:
        first = text.strip().split("\n")[0]
        found = [squeezed(part) for part in texts]
        assert any(squeezed(shown) in part for shown in (one_line(first), visible(first)) for part in found), texts


def squeezed(text: str) -> str:
    """The text without what a format may write in another way."""
    return "".join(char for char in text if char.isalnum())


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_carries_a_hostile_text_as_text(name: str) -> None:
    for number in range(-(-PAIRS // len(FORMATS))):
        try:
            check(name, hostile(number))
        except Exception as error:
            raise AssertionError(f"text {number}, {hostile(number)!r}: {error}") from error


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_carries_any_text(name: str) -> None:
    @settings(max_examples=examples(5), deadline=None)
    @given(st.text(min_size=1).filter(lambda text: "".join(text.split("\n")[0].split())))
    def any_text(text: str) -> None:
        check(name, text)

    any_text()
