"""Pieces of Markdown, each given line by line, and text in them, which is no Markdown but for code in backticks."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote

from quiesce.quoting import xml
from quiesce.text.visible import one_line, visible


@dataclass(frozen=True, slots=True)
class Lines:
    """Several lines of text for one cell of a table."""

    lines: tuple[str, ...]


_SYNTAX = re.compile(
    r"[\\`*\[\]~$]"  # escapes, code, emphasis, links, struck out text, and formulas, as GitHub knows them
    r"|<(?=[A-Za-z/!?])|&(?=#?\w+;)"  # tags of HTML and addresses, which may be those of scripts; entities
    r"|(?<![^\W_])_+|_+(?![^\W_])"  # emphasis, and not the underscores inside a name
)
_BEGINNING = re.compile(r"[#>+=:-]|\d+[.)](?= |$)")
"""Headings, quotations, lists, rules and rows of tables, where a line begins."""
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.*?[^`])\1(?!`)")


def text(plain: str) -> str:
    r"""Text on one line. What it has between two backticks stays code, as in docstrings; all else is read as it stands.

    >>> print(text("the state of `x_y`, <b>not</b> [here](javascript:x)"))
    the state of `x_y`, \<b>not\</b> \[here\](javascript:x)
    """
    line, parts, done = one_line(plain), list[str](), 0
    if (beginning := _BEGINNING.match(line)) is not None:
        parts, done = [_escaped(beginning)], beginning.end()
    for found in _CODE.finditer(line, done):
        parts += _SYNTAX.sub(_escaped, line[done : found.start()]), code(found[2])
        done = found.end()
    return "".join((*parts, _SYNTAX.sub(_escaped, line[done:])))


def _escaped(found: re.Match[str]) -> str:
    """A backslash before each mark; of a number that begins a list, before what follows it."""
    if found[0][0].isdigit():
        return f"{found[0][:-1]}\\{found[0][-1]}"
    return "".join(f"\\{mark}" for mark in found[0])


def code(plain: str) -> str:
    """Code on one line, between as many backticks as it takes. A cell of a table may hold it."""
    inner = one_line(plain).replace("\\|", "\\x5c|")  # in a table a backslash takes the meaning from a bar
    ticks = "`" * (max(map(len, re.findall("`+", inner)), default=0) + 1)
    space = " " if inner.startswith("`") or inner.endswith("`") or not inner else ""
    return f"{ticks}{space}{inner}{space}{ticks}"


def link(shown: str, path: PurePosixPath) -> str:
    """A link to a file, by its path from the folder of the page; the text of the link is code."""
    return f"[{code(shown)}]({quote(str(path), errors='surrogatepass')})"


def heading(title: str, level: int = 2) -> Iterator[str]:
    """A heading, of the second level if nothing else is said."""
    yield f"{'#' * level} {title}"
    yield ""


def table(header: tuple[str, ...], rows: Iterable[tuple[str | Lines, ...]]) -> Iterator[str]:
    """A table. A cell is plain text, quoted here, whatever it holds; or it has several lines of such text."""
    yield _row(header)
    yield f"| {' | '.join('---' for _ in header)} |"
    yield from map(_row, rows)
    yield ""


def _row(cells: tuple[str | Lines, ...]) -> str:
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(cell: str | Lines) -> str:
    lines = cell.lines if isinstance(cell, Lines) else (cell,)
    return "<br>".join(text(line).replace("|", "\\|") for line in lines)


def listed(names: Iterable[str]) -> str:
    """Names one after the other, each as code; `none` if there are none."""
    return ", ".join(map(code, names)) or "none"


def folded(title: str, lines: Iterable[str]) -> Iterator[str]:
    """Lines of Markdown, an empty one the last, that are shown when somebody clicks on their title, a plain text."""
    yield f"<details><summary>{xml.text(one_line(title))}</summary>"
    yield ""
    yield from lines
    yield "</details>"
    yield ""


def fenced(lines: Iterable[str]) -> Iterator[str]:
    """Lines of plain text, shown as they stand."""
    inner = tuple(visible(line).replace("\n", " ") for line in lines)
    longest = max((len(ticks) for line in inner for ticks in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"{fence}text"
    yield from inner
    yield fence
