"""The mistakes found so far while one spec is read."""

import ast
from collections.abc import Iterable
from enum import Enum
from typing import Final, TypeAlias

from quiesce.spec.codes import Code
from quiesce.spec.diagnostics import Diagnostic, SpecError
from quiesce.spec.model import Span
from quiesce.spec.source import Source


class Poison(Enum):
    """Stands for what could not be understood; its mistake is reported already, so whatever uses it stays silent."""

    POISON = 0


POISON: Final = Poison.POISON

Node: TypeAlias = ast.expr | ast.stmt | ast.arg | ast.keyword | ast.alias


MOST: Final = 100
"""How many mistakes of one source are looked for. Nobody mends more at a time, and each of them takes its time."""

_MOST_NAMES: Final = 300
"""How many names, those of the likeliest lengths, are compared with one that is wrong."""


class Problems:
    """Collects the mistakes of one source; the same one at the same place counts once."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._found: dict[tuple[Code, Span], Diagnostic] = {}

    def report(self, code: Code, where: Node | Span, message: str, hint: str | None = None) -> Poison:
        """Note a mistake, and return what stands for the thing that could not be understood.

        Raises:
            SpecError: these are as many as are looked for.
        """
        span = where if isinstance(where, Span) else self.source.span(where)
        self._found.setdefault((code, span), self.source.diagnostic(code, span, message, hint))
        if len(self._found) >= MOST:
            last = self.source.diagnostic(code, span, message, f"there may be more: after {MOST} nothing else is read")
            self._found[code, span] = last
            raise self.error()
        return POISON

    def error(self) -> SpecError:
        """All of them as an exception."""
        return SpecError(self._found.values())

    def __len__(self) -> int:
        return len(self._found)


def did_you_mean(name: str, known: Iterable[str], prefix: str = "") -> str | None:
    """A hint that names the known name most like this one, if one is like it."""
    from difflib import get_close_matches  # noqa: PLC0415  only a spec with a mistake has to pay for these imports
    from heapq import nsmallest  # noqa: PLC0415

    some = nsmallest(_MOST_NAMES, known, key=lambda candidate: abs(len(candidate) - len(name)))
    close = get_close_matches(name, some, n=1, cutoff=0.6) or [
        candidate for candidate in some if candidate.lower() == name.lower()
    ]
    return f"did you mean `{prefix}{close[0]}`?" if close else None
