"""From bytes to a syntax tree: everything that can be wrong with a file before its contents matter."""

import ast
import errno
import re
import warnings
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from quiesce.spec.codes import Code
from quiesce.spec.diagnostics import Diagnostic, SpecError
from quiesce.spec.files import MAX_BYTES, read_bytes
from quiesce.spec.model import Span
from quiesce.spec.record import record
from quiesce.text import digits
from quiesce.text.syntax import FIELDS_WITH_NODES

MAX_BRACES = 2_000
"""Opening braces of a file. A spec needs none, and Python 3.11 takes many seconds for an f-string of very many."""

MAX_DEPTH = 64
"""Deepest nesting of syntax, so that every later stage may recurse over what was read."""

MAX_DIGITS = 30
"""Digits of the largest number in a spec, so that no later stage meets one that Python refuses to write down."""

_ROWS: Final[dict[type[ast.AST], str]] = {ast.BoolOp: "values", ast.Compare: "comparators", ast.Tuple: "elts"}
_LONGEST_TEXT = 60
_WORD = re.compile(r"\w+")
_ENDLESS = re.compile(r"\d[\d_]{4000,}")
_LARGEST = 10**MAX_DIGITS - 1
_TOO_MANY_DIGITS = f"a number has {MAX_DIGITS} digits at most"
_START = Span(1, 1, 1, 1)
_NESTING_MESSAGES = ("too many nested parentheses", "too many levels of indentation")


@record
class Source:
    """A spec as text and as syntax, with the name under which it is shown."""

    path: PurePosixPath
    lines: tuple[str, ...]
    tree: ast.Module

    def span(self, node: ast.expr | ast.stmt | ast.arg | ast.keyword | ast.alias) -> Span:
        """Where the node stands; of a parameter its name, of a compound statement its first word."""
        start = self._column(node.lineno, node.col_offset)
        if isinstance(node, ast.arg) or (isinstance(node, ast.stmt) and "body" in node._fields):
            word = _WORD.match(self.lines[node.lineno - 1], start - 1)
            return Span(node.lineno, start, node.lineno, word.end() + 1 if word else start + 1)
        end_line = node.end_lineno or node.lineno
        end = node.end_col_offset if node.end_col_offset is not None else node.col_offset
        return Span(node.lineno, start, end_line, self._column(end_line, end))

    def text(self, node: ast.expr) -> str:
        """The node as the spec writes it, on one line and not too long, for a message."""
        span = self.span(node)
        first = self.lines[span.line - 1][span.column - 1 :]
        text = first[: span.end_column - span.column] if span.end_line == span.line else f"{first} …"
        return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 2]} …"

    def name_span(self, definition: ast.ClassDef | ast.FunctionDef) -> Span:
        """Where the name of a class or function stands."""
        keyword = self.span(definition)
        name = _WORD.search(self.lines[keyword.line - 1], keyword.end_column - 1)
        if name is None:  # it stands on a continuation line
            return keyword
        return Span(keyword.line, name.start() + 1, keyword.line, name.end() + 1)

    def diagnostic(self, code: Code, span: Span, message: str, hint: str | None = None) -> Diagnostic:
        """A mistake in this text."""
        return Diagnostic(code.number, str(self.path), span, message, hint, self.lines[span.line - 1])

    def _column(self, line: int, byte_offset: int) -> int:
        text = self.lines[line - 1]
        return 1 + (byte_offset if text.isascii() else len(text.encode()[:byte_offset].decode(errors="replace")))


def load(path: Path, shown_as: PurePosixPath) -> Source:
    """Read and parse a file. Raises `SpecError` whatever is wrong with it."""
    try:
        data = read_bytes(path, MAX_BYTES + 1)
    except OSError as error:
        raise _refused(shown_as, Code.UNREADABLE, _why_unreadable(path, error)) from None
    if len(data) > MAX_BYTES:
        raise _refused(shown_as, Code.TOO_LARGE, f"the file has more than {MAX_BYTES} bytes")
    try:
        return parse(data.decode("utf-8-sig"), shown_as)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = len(data[data.rfind(b"\n", 0, error.start) + 1 : error.start].decode("utf-8-sig", "replace")) + 1
        message = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise _refused(shown_as, Code.NOT_TEXT, message, Span(line, column, line, column + 1)) from None


def parse(text: str, path: PurePosixPath) -> Source:
    """Parse the text of a spec. Raises `SpecError` if it is no Python, or too deeply nested to work with."""
    text = text.removeprefix("\N{BYTE ORDER MARK}").replace("\r\n", "\n").replace("\r", "\n")
    lines = tuple(text.split("\n"))
    _refuse_unparsable_characters(text, lines, path)
    if text.count("{") > MAX_BRACES:
        raise _refused(path, Code.TOO_LARGE, f"the file has more than {MAX_BRACES} braces")
    try:
        with warnings.catch_warnings(), digits.at_most(digits.FEW):
            warnings.simplefilter("ignore")  # a stray backslash in a docstring is a matter for linters
            tree = ast.parse(text)
    except SyntaxError as error:
        span = _syntax_error_span(error, lines)
        endless = _ENDLESS.search(lines[span.line - 1])
        if endless is not None and "integer string conversion" in error.msg:
            place = Span(span.line, endless.start() + 1, span.line, endless.end() + 1)
            raise _refused(path, Code.TOO_MANY_DIGITS, _TOO_MANY_DIGITS, place, lines[span.line - 1]) from None
        code = Code.TOO_DEEP if error.msg.startswith(_NESTING_MESSAGES) else Code.SYNTAX
        raise _refused(path, code, error.msg, span, lines[span.line - 1]) from None
    except (RecursionError, MemoryError):
        raise _refused(path, Code.TOO_DEEP, "an expression or statement is nested too deeply to be read") from None
    source = Source(path, lines, tree)
    deepest = next(_beyond_limits(tree), None)
    if isinstance(deepest, ast.Constant) and isinstance(deepest.value, int) and abs(deepest.value) > _LARGEST:
        raise SpecError([source.diagnostic(Code.TOO_MANY_DIGITS, source.span(deepest), _TOO_MANY_DIGITS)])
    if deepest is not None:
        message = f"nested more than {MAX_DEPTH} levels deep"
        hint = "split it: an operand of `and`, `or` or `+` and an `elif` count as a level each"
        raise SpecError([source.diagnostic(Code.TOO_DEEP, source.span(deepest), message, hint)])
    return source


def weight(node: ast.AST) -> int:
    """How many levels of nesting the node stands for: operands in a row are nested one in the other."""
    row = _ROWS.get(type(node))
    return 1 if row is None else max(1, len(getattr(node, row)))


def _beyond_limits(tree: ast.Module) -> Iterator[ast.expr | ast.stmt]:
    """Nodes beyond the deepest level, and numbers with too many digits, found without recursion."""
    pending: list[tuple[ast.AST, int]] = [(tree, 0)]
    while pending:
        node, depth = pending.pop()
        if depth > MAX_DEPTH and isinstance(node, ast.expr | ast.stmt):
            yield node
        if isinstance(node, ast.Constant):
            if isinstance(node.value, int) and abs(node.value) > _LARGEST:
                yield node
            continue
        kind = type(node)
        depth += weight(node) if kind in _ROWS else 1
        for name in FIELDS_WITH_NODES[kind]:
            part = getattr(node, name)
            if isinstance(part, list):
                pending += [(child, depth) for child in part if isinstance(child, ast.AST)]
            elif isinstance(part, ast.AST) and part._fields:
                pending.append((part, depth))


def _refuse_unparsable_characters(text: str, lines: tuple[str, ...], path: PurePosixPath) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        span = _at(text, error.start)
        raise _refused(path, Code.NOT_TEXT, "a lone surrogate is not a character", span) from None
    if (nul := text.find("\0")) >= 0:
        span = _at(text, nul)
        raise _refused(path, Code.NUL, "a NUL byte has no place in a spec", span, lines[span.line - 1])


def _at(text: str, index: int) -> Span:
    line = text.count("\n", 0, index) + 1
    column = index - text.rfind("\n", 0, index)
    return Span(line, column, line, column + 1)


def _syntax_error_span(error: SyntaxError, lines: tuple[str, ...]) -> Span:
    """Where Python saw the error; it may point past the end of the text, or nowhere."""
    line = min(max(error.lineno or 1, 1), len(lines))
    column = min(max(error.offset or 1, 1), len(lines[line - 1]) + 1)
    end = error.end_offset if error.end_lineno == error.lineno and error.end_offset else 0
    return Span(line, column, line, max(column + 1, end))


def _why_unreadable(path: Path, error: OSError) -> str:
    match error.errno:
        case errno.ENOENT:
            return "no such file" if "\0" not in str(path) else "the path is not one that a file can have"
        case errno.EISDIR:
            return "this is a directory; name the spec inside it"
        case errno.EACCES | errno.EPERM:
            return "no permission to read the file"
        case _:
            return f"the file cannot be read: {error.strerror or error}"


def _refused(
    path: PurePosixPath, code: Code, message: str, span: Span = _START, source_line: str | None = None
) -> SpecError:
    return SpecError([Diagnostic(code.number, str(path), span, message, source_line=source_line)])
