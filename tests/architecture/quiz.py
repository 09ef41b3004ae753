"""Fifteen functions drawn at random, for a reader who knows only ARCHITECTURE.md: in which file does each stand?

`python -m tests.architecture.quiz SEED` prints the head and docstring of each; with `--answers`, where each stands.
Thirteen of fifteen should be guessed. Where a reader goes wrong, a function lies in an odd place or has a vague name.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from tests.architecture.test_arrows import SOURCES, python_files

DRAWN = 15


@dataclass(frozen=True)
class Drawn:
    """A function or method: its file, as ARCHITECTURE.md has it, and what a reader is shown of it."""

    file: str
    name: str
    head: str
    doc: str


def functions() -> Iterator[Drawn]:
    """Every function and method of ours, but for those that Python calls by itself."""
    for package, folder in SOURCES.items():
        for path in python_files(folder):
            inside = path.relative_to(folder).with_suffix("").as_posix()
            file = f"{package.removeprefix('quiesce.')}/{inside}"
            yield from _functions(ast.parse(path.read_text(encoding="utf-8")), file, "")


def _functions(node: ast.Module | ast.ClassDef, file: str, owner: str) -> Iterator[Drawn]:
    for part in node.body:
        match part:
            case ast.ClassDef(name):
                yield from _functions(part, file, f"{owner}{name}.")
            case ast.FunctionDef(name, args, returns=returns) if not name.startswith("__"):
                result = "" if returns is None else f" -> {ast.unparse(returns)}"
                doc = (ast.get_docstring(part) or "").partition("\n")[0]
                yield Drawn(file, f"{owner}{name}", f"({ast.unparse(args)}){result}", doc)
            case _:
                pass


def drawn(seed: str) -> list[Drawn]:
    """The functions that a seed stands for; the same as long as the code is the same."""
    every = sorted(functions(), key=lambda one: (one.file, one.name, one.head))
    return Random(seed).sample(every, DRAWN)  # noqa: S311 -- nothing is kept secret


def main(seed: str, *, answers: bool) -> None:
    """Print the functions, or where they stand."""
    for number, one in enumerate(drawn(seed), 1):
        print(f"{number}. {one.name}: {one.file}" if answers else f"{number}. {one.name}{one.head}\n    {one.doc}")


if __name__ == "__main__":
    main(sys.argv[1], answers="--answers" in sys.argv)
