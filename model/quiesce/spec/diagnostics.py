"""Mistakes in a spec as data, and how they are shown to a person."""

from collections.abc import Iterable

from quiesce.spec.model import Span
from quiesce.spec.record import record
from quiesce.spec.visible import visible

_WIDEST_LINE = 160


@record
class Diagnostic:
    """A mistake at a place of a spec. `code` is a number such as "Q012"; `source_line` is None if there is no text."""

    code: str
    path: str
    span: Span
    message: str
    hint: str | None = None
    source_line: str | None = None


class SpecError(Exception):
    """A spec was refused; `diagnostics` holds everything that is wrong with it, sorted by position."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(sorted(diagnostics, key=lambda d: (d.span.line, d.span.column, d.code)))
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        return "\n".join(map(render, self.diagnostics))


def render(diagnostic: Diagnostic) -> str:
    """The mistake, the line where it stands, carets below it, and the hint; without a final newline.

    >>> print(render(Diagnostic("Q012", "lamp.py", Span(3, 5, 3, 8), "unknown name", "write `on`", "if onn:")))
    lamp.py:3:5: error[Q012]: unknown name
      if onn:
          ^^^
      help: write `on`
    """
    span = diagnostic.span
    lines = [f"{diagnostic.path}:{span.line}:{span.column}: error[{diagnostic.code}]: {diagnostic.message}"]
    if diagnostic.source_line is not None:
        lines += _excerpt(diagnostic.source_line, span)
    if diagnostic.hint is not None:
        lines.append(f"  help: {diagnostic.hint}")
    return "\n".join(visible(line.replace("\n", "\\n")) for line in lines)


def _excerpt(line: str, span: Span) -> tuple[str, str]:
    """The source line, cut around the span if it is very long, and the carets under the span."""
    first = max(0, span.column - 1 - _WIDEST_LINE // 2) if len(line) > _WIDEST_LINE else 0
    shown = line[first : first + _WIDEST_LINE]
    start = span.column - 1 - first
    end = min(span.end_column - 1 - first if span.end_line == span.line else len(line.rstrip()) - first, len(shown))
    indent = "".join("\t" if char == "\t" else " " for char in visible(shown[:start]).ljust(start))
    return f"  {shown}", f"  {indent}{'^' * max(1, len(visible(shown[start:end])))}"
