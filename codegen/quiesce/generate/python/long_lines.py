"""Lines of a page of Python that are longer than its formatter would leave them."""

import ast
from collections.abc import Iterator

from quiesce.generate.python.line_breaking import WIDTH
from quiesce.text.syntax import nodes


def too_long(page: str) -> Iterator[str]:
    """The lines of code that are too long. Texts of the spec, which stand in docstrings and comments, are not code."""
    lines = page.splitlines()
    if all(len(line) <= WIDTH for line in lines):
        return
    prose = {
        line for text in _texts(ast.parse(page)) for line in range(text.lineno, (text.end_lineno or text.lineno) + 1)
    }
    for number, line in enumerate(lines, 1):
        if len(line) > WIDTH and number not in prose and not line.lstrip().startswith("#"):
            yield line


def _texts(tree: ast.Module) -> Iterator[ast.Expr]:
    for node in nodes(tree):
        match node:
            case ast.Expr(value=ast.Constant(value=str())):
                yield node
            case _:
                pass
