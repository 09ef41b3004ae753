"""Colours, where a person looks at a terminal."""

import os
from dataclasses import dataclass
from typing import TextIO

_CODES = {"red": "31", "green": "32", "yellow": "33", "bold": "1", "dim": "2"}


@dataclass(frozen=True, slots=True)
class Style:
    """Wraps text in terminal codes, or leaves it as it is."""

    coloured: bool

    def paint(self, text: str, *names: str) -> str:
        """`text` in these colours and weights."""
        if not self.coloured or not text:
            return text
        return f"\x1b[{';'.join(_CODES[name] for name in names)}m{text}\x1b[0m"


def style_for(stream: TextIO, choice: str) -> Style:
    """The style for a stream: `always`, `never`, or `auto`: on a terminal, unless NO_COLOR is set."""
    if choice == "auto":
        return Style(stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb")
    return Style(choice == "always")
