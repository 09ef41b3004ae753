"""Docstrings, comments, signatures and imports of Python that fit their lines, and names in order."""

import inspect
import re
import textwrap
from collections.abc import Iterable

from quiesce.generate.python.line_breaking import INDENT, WIDTH
from quiesce.spec.model import Machine
from quiesce.text.visible import one_line, visible

_PROMPT = re.compile(r"^(\s*)>(?=>>)", re.MULTILINE)
"""The beginning of an example that `doctest` would run."""

_DIRECTIVE = re.compile(
    r"(^|#)([\s#]*)(?=noqa|(?:nosec|pragma)\b|(?:type|fmt|ruff|mypy|pyright|pylint|flake8|isort|yapf)\s*:)(.)",
    re.IGNORECASE,
)
"""The beginning of a comment that tells a tool to be silent, or to read a type."""


def title(machine: Machine) -> str:
    """The first line of the machine's docstring, without its full stop."""
    return inspect.cleandoc(machine.doc).partition("\n")[0].rstrip(".") or f"The lifecycle of {machine.name}"


def docstring(doc: str, indent: int) -> str:
    """A docstring literal, its first line not indented, ending in a full stop as a sentence should.

    Whatever the text is, it stays text: what is not seen is written by its number, and no tool takes it for an example.
    """
    text = _PROMPT.sub(r"\1\\x3e", inspect.cleandoc(visible(doc))).replace('"""', "'''")
    first, _, rest = text.strip().partition("\n")
    first = first.rstrip()
    first = " " * first.startswith('"') + first + "." * (not first.endswith((".", "!", "?", ":", "…")))
    opening = 'r"""' if "\\" in text else '"""'
    if not rest:
        return f'{opening}{first}"""'
    below = "\n".join(line.rstrip() for line in textwrap.dedent(rest).split("\n"))
    return f'{opening}{first}\n{textwrap.indent(below, " " * indent)}\n{" " * indent}"""'


def summary(first: str, shorter: str, indent: int) -> str:
    """The first line of a docstring, which cannot be broken: `first`, or what is `shorter` where that does not fit."""
    return first if indent + len(f'r"""{first}."""') <= WIDTH else shorter


def filled(paragraph: str, indent: int) -> str:
    """A paragraph of a docstring, broken into lines that fit."""
    return textwrap.fill(paragraph, WIDTH - indent, break_long_words=False, break_on_hyphens=False)


def page_doc(machine: Machine, what: str, more: str = "") -> str:
    """The docstring of a module: the machine's title and what the module is to it."""
    first = f"{title(machine)}: {what}"
    if len(first) + len('""".') > WIDTH:
        first = f"{what[0].upper()}{what[1:]}"
    return docstring(f"{first}.\n\n{more}" if more else first, 0)


def first_paragraph(doc: str) -> str:
    """The first paragraph of a docstring on one line."""
    return one_line(inspect.cleandoc(doc).partition("\n\n")[0])


def quoted(text: str, indent: int) -> str:
    """A line of text as a literal that fits behind `indent` characters: cut off at a word where it is too long."""
    escaped = text.replace("\\", "\\\\").replace('"', "'")
    return f'"{textwrap.shorten(escaped, max(len(_CUT), WIDTH - indent - len(_QUOTES)), placeholder=_CUT)}"'


_QUOTES, _CUT = '""', "..."


def comment(doc: str, indent: int) -> list[str]:
    """The first sentence of a docstring as a comment."""
    summary = one_line(inspect.cleandoc(doc).partition("\n")[0])
    prefix = " " * indent + "# "
    lines = textwrap.wrap(summary, WIDTH - len(prefix))
    return [
        prefix + _DIRECTIVE.sub(lambda found: f"{found[1]}{found[2]}\\x{ord(found[3]):02x}", line) for line in lines
    ]


def signature(
    name: str, arguments: tuple[str, ...], returns: str, indent: int = INDENT, define: str = "def"
) -> list[str]:
    """The lines of a method's `def`; where it is too long, one argument to a line."""
    margin = " " * indent
    line = f"{margin}{define} {name}({', '.join(('self', *arguments))}) -> {returns}:"
    if len(line) <= WIDTH:
        return [line]
    return [
        f"{margin}{define} {name}(",
        *(f"{margin}    {argument}," for argument in ("self", *arguments)),
        *_result(returns, margin),
    ]


def _result(returns: str, margin: str) -> list[str]:
    line = f"{margin}) -> {returns}:"
    if len(line) <= WIDTH or "[" not in returns:
        return [line]
    head, _, parts = returns.removesuffix("]").partition("[")
    return [f"{margin}) -> {head}[", *(f"{margin}    {part}," for part in parts.split(", ")), f"{margin}]:"]


def natural_order(name: str) -> tuple[object, ...]:
    """A sorting key under which `a2` stands before `a10`, and `a02` before both: digits behind a zero are text."""
    return tuple(
        (False, part[0] != "0", part if part[0] == "0" else int(part)) if part.isdigit() else (True, part)
        for part in re.findall(r"\d+|\D+", name)
    )


def _kind(name: str) -> tuple[bool, bool]:
    """A sorting key: constants, then classes, then the rest. One letter is a class, not a constant."""
    return not (name.isupper() and len(name) > 1), not name[0].isupper()


def sorted_exports(names: Iterable[str]) -> list[str]:
    """Names as `__all__` lists them."""
    return sorted(set(names), key=lambda name: (_kind(name), natural_order(name)))


def import_lines(module: str, names: Iterable[str]) -> list[str]:
    """`from module import names`, one to a line where they are too many; nothing if there are none.

    They stand as import sorters leave them: like exports, but for capitals.
    """
    listed = sorted(set(names), key=lambda name: (_kind(name), natural_order(name.lower()), name))
    line = f"from {module} import {', '.join(listed)}"
    if len(line) <= WIDTH:
        return [line] if listed else []
    return [f"from {module} import (", *(f"    {name}," for name in listed), ")"]
