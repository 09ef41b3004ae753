"""What `docs/kernel.md` says about the code, and what the code says itself.

`python -m tests.docs.kernel_page` counts the trusted base anew and writes its table into the page.
"""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/kernel.md"
KERNEL = ROOT / "proofs/quiesce/kernel"
SPEC = ROOT / "model/quiesce/spec"
RECHECK = ROOT / "proofs/quiesce/recheck"

PARTS: dict[str, tuple[str, tuple[Path, ...]]] = {
    "core": ("the deciding core", tuple(sorted(KERNEL.glob("*.py")))),
    "rules": ("the conditions of each rule", tuple(sorted((KERNEL / "rules").glob("*.py")))),
    "runs": ("what a run has to show", tuple(sorted((KERNEL / "runs").glob("*.py")))),
    "meaning": ("what a model means as formulas", tuple(sorted((SPEC / "meaning").glob("*.py")))),
    "spec": ("the records of a model, the interpreter, effects, rewriting", tuple(sorted(SPEC.glob("*.py")))),
    "reading": ("the reader of specs and hints", tuple(sorted((SPEC / "reading").glob("*.py")))),
    "checker": ("the checker, for those who trust no solver", tuple(sorted(RECHECK.glob("*.py")))),
}
"""The parts of the trusted base: what each is, and its files."""

ONE_BY_ONE = ("core", "rules", "runs", "meaning")
"""The parts of which the page lists every file."""

_SILENT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


@cache
def lines_of_code(text: str) -> int:
    """Lines that hold code: comments, blank lines, docstrings and imports are not counted."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    filled = {line for t in tokens if t.type not in _SILENT for line in range(t.start[0], t.end[0] + 1)}
    return len(filled.difference(*map(_lines, _not_code(ast.parse(text)))))


def _lines(node: ast.stmt) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _not_code(tree: ast.Module) -> Iterator[ast.stmt]:
    for node in ast.walk(tree):
        match node:
            case ast.Import() | ast.ImportFrom() | ast.Expr(ast.Constant(str())):
                yield node
            case _:
                pass


def size(files: tuple[Path, ...]) -> int:
    """The lines of code of some files together."""
    return sum(lines_of_code(file.read_text(encoding="utf-8")) for file in files)


def size_table() -> str:
    """The table of the trusted base, as the page has to show it."""
    rows = ["| part | file | lines of code |", "|---|---|---:|"]
    for name, (what, files) in PARTS.items():
        folder = files[0].parent.relative_to(ROOT).as_posix()
        if name in ONE_BY_ONE:
            rows += [f"| {what} | `{folder}/{file.name}` | {size((file,))} |" for file in files]
        rows.append(f"| **{what}** | `{folder}`, {len(files)} files | **{size(files)}** |")
    return "\n".join(rows)


_SIZES = re.compile(r"(<!-- sizes -->\n).*?(\n<!-- end of sizes -->)", re.DOTALL)


def with_sizes(page: str) -> str:
    """The page with its table of sizes counted anew."""
    found = _SIZES.subn(lambda match: f"{match.group(1)}{size_table()}{match.group(2)}", page)
    if found[1] != 1:
        raise ValueError("the page has no place, or several, for the table of sizes")
    return found[0]


def table_below(page: str, mark: str) -> list[list[str]]:
    """The rows of the table that stands behind a mark, without its head: of each cell the text."""
    _, there, rest = page.partition(f"<!-- {mark} -->\n")
    if not there:
        raise ValueError(f"the page has no table of {mark}")
    rows = []
    for line in rest.splitlines():
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows[2:]


def quoted(cell: str) -> list[str]:
    """What stands in backticks in a cell."""
    return re.findall(r"`([^`]+)`", cell)


if __name__ == "__main__":
    PAGE.write_text(with_sizes(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.exit(0)
