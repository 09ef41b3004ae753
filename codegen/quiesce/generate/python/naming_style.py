"""Names that are unlike those of most Python: a page that has one tells linters that it did not choose its names.

Names in generated code are those of a spec, so that people and other programs find them again. A linter that counts
capitals, or warns of names that builtins have, is right about them and cannot be obeyed.
"""

import ast
import builtins
import sys
from collections.abc import Iterable, Iterator

from quiesce.text.syntax import nodes

_EXCUSE = "# ruff: noqa: A001, A002, A005, E741, E742, E743, N801, N802, N803, N806, N815, N999, RUF100\n"
"""All rules of ruff about names, and the one about exceptions that are not needed: which are depends on its version."""

_EASILY_MISREAD = frozenset({"l", "O", "I"})
_BUILTINS = frozenset(dir(builtins))


def excused(page: str) -> str:
    """A page of Python, which begins with a comment to linters if a name in it is unusual."""
    return _EXCUSE + page if any(_unusual(page)) else page


def with_package_excused(package: Iterable[str], page: str) -> str:
    """The page of a package itself, with a comment to linters if one of the parts of its dotted name is unusual."""
    usual = all(_is_lower(part) and part.isascii() and part not in sys.stdlib_module_names for part in package)
    return page if usual or page.startswith(_EXCUSE) else _EXCUSE + page


def _unusual(page: str) -> Iterator[bool]:
    for node in nodes(ast.parse(page)):
        match node:
            case ast.ClassDef(name, body=body):
                yield not name.lstrip("_")[:1].isupper() or "_" in name.strip("_") or _is_bad(name)
                fields = (statement.target for statement in body if isinstance(statement, ast.AnnAssign))
                values = (target for part in body if isinstance(part, ast.Assign) for target in part.targets)
                yield any(_is_mixed(name.id) for name in (*fields, *values) if isinstance(name, ast.Name))
            case ast.FunctionDef(name) | ast.AsyncFunctionDef(name):
                yield not _is_lower(name) or name in _EASILY_MISREAD
                yield any(not _is_lower(name) or _is_bad(name) for name in _local(node))
            case _:
                pass


def _local(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """The names that a function binds, its parameters included."""
    for part in nodes(node):
        match part:
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                yield name
            case _:
                pass


def _is_bad(name: str) -> bool:
    return name in _EASILY_MISREAD or name in _BUILTINS


def _is_lower(name: str) -> bool:
    return name == name.lower()


def _is_mixed(name: str) -> bool:
    return not _is_lower(name) and name != name.upper()
