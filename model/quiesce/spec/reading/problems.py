"""The mistakes found so far while one spec is read."""

import ast
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Final, TypeAlias

from quiesce.spec.codes import Code
from quiesce.spec.diagnostics import Diagnostic, SpecError
from quiesce.spec.model import Span
from quiesce.spec.source import Source

MOST = 100
"""The number of mistakes of one source that are looked for. Nobody mends more at a time, and each takes its time."""

MOST_GUESSES = 20
"""The number of mistakes of a spec for which it is looked what the author may have meant."""

MOST_NAMES = 1_000
"""The number of names that one is compared with."""

LONGEST_NAME = 100
"""The characters of the longest name that is compared; the time for it grows with their square."""

LEAST_LIKENESS = 0.6 - 1e-9
"""The likeness, from 0 to 1, of names that one may take for each other; 0.6 is enough."""


class Poison(Enum):
    """Stands for what could not be understood; its mistake is reported already, so whatever uses it stays silent."""

    POISON = 0


POISON: Final = Poison.POISON


Node: TypeAlias = ast.expr | ast.stmt | ast.arg | ast.keyword | ast.alias


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

    def guess(self, name: str, known: Iterable[str], prefix: str = "") -> str | None:
        """A hint that names the known name most like this one, if one is like it, and this is among the first mistakes.

        Who has many mistakes has made another one than to mistype names.
        """
        return None if len(self._found) >= MOST_GUESSES else did_you_mean(name, sorted(known), prefix)

    def error(self) -> SpecError:
        """All of them as an exception."""
        return SpecError(self._found.values())

    def __len__(self) -> int:
        return len(self._found)


def did_you_mean(name: str, known: Sequence[str], prefix: str = "") -> str | None:
    """A hint that names the known name most like this one, if one is like it; of equals the first."""
    if len(name) > LONGEST_NAME:
        return None
    close = _closest(name, known) or next((other for other in known if other.lower() == name.lower()), None)
    return None if close is None else f"did you mean `{prefix}{close}`?"


def _closest(name: str, known: Sequence[str]) -> str | None:
    """The name that `difflib` would call closest, found without measuring all others as exactly."""
    from difflib import SequenceMatcher  # noqa: PLC0415  only a spec with a mistake has to pay for this import

    measure = SequenceMatcher()
    measure.set_seq2(name)
    closest, likeness = None, LEAST_LIKENESS
    near = sorted(
        (other for other in known if len(other) <= LONGEST_NAME), key=lambda other: abs(len(other) - len(name))
    )
    for other in near[:MOST_NAMES]:
        measure.set_seq1(other)
        # Each of these is at least as large as the next, and takes less time.
        if min(measure.real_quick_ratio(), measure.quick_ratio()) > likeness and (exact := measure.ratio()) > likeness:
            closest, likeness = other, exact
    return closest
