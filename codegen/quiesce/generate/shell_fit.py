"""Names that a shell, which is made for one spec, needs of its core, and that the core of another spec lacks."""

import ast
from collections.abc import Iterable, Iterator

from quiesce.text.syntax import nodes


def lacking(shell: Iterable[str], core: str) -> list[str]:
    """The names that the pages of a shell use of the core's module or class, and neither of them has."""
    there = set(_defined(ast.parse(core)))
    return sorted({name for page in shell if "core" in page for name in _used(ast.parse(page))} - there)


def _defined(core: ast.Module) -> Iterator[str]:
    for node in nodes(core):
        match node:
            case ast.ClassDef(name) | ast.FunctionDef(name) | ast.Attribute(ast.Name("self"), name, ast.Store()):
                yield name
            case _:
                pass


def _used(page: ast.Module) -> Iterator[str]:
    for node in nodes(page):
        match node:
            case ast.ImportFrom("core", names, 1):
                yield from (alias.name for alias in names)
            case ast.Attribute(ast.Name("core") | ast.Attribute(attr="_core"), name):
                yield name
            case _:
                pass
