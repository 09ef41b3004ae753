"""Colours, where a person looks at a terminal, and the one place that tells them from what a text brings along."""

import os
import re
from collections.abc import Iterable
from typing import TextIO

from quiesce.spec.record import record
from quiesce.text.visible import visible

_CODES = {"red": "31", "green": "32", "yellow": "33", "bold": "1", "dim": "2"}

_SIGN = f"\x1b{os.urandom(8).hex()}"
"""The beginning of each code of ours, on its way to a stream: no text can have it, for it is new in each process."""

_OURS = re.compile(rf"{_SIGN}(\[[0-9;]*[mK])")

ERASE = f"{_SIGN}[K"
"""Sends the cursor to the beginning of the line, and takes away what stands there."""

_ORDER_TO_A_RUNNER = re.compile(r"^(\s*):(?=:)|#(?=#\[)", re.MULTILINE)
"""The beginning of a line that GitHub's runner would obey, wherever it finds one in the log of a job."""


@record
class Style:
    """Marks text with colours for a stream that `for_terminal` writes to, or leaves it as it is."""

    coloured: bool

    def paint(self, text: str, *names: str) -> str:
        """`text` in these colours and weights."""
        if not self.coloured or not text:
            return text
        return f"{_SIGN}[{';'.join(_CODES[name] for name in names)}m{text}{_SIGN}[0m"


def style_for(stream: TextIO, choice: str) -> Style:
    """The style for a stream: `always`, `never`, or `auto`: on a terminal, unless NO_COLOR is set."""
    if choice == "auto":
        return Style(stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb")
    return Style(choice == "always")


def text_of(lines: Iterable[str]) -> str:
    """The text of these lines, each of which stays one: a text of a spec inside it may have had several."""
    return "".join(line.replace("\n", " ") + "\n" for line in lines)


def for_terminal(text: str) -> str:
    """The text as it may be sent to a terminal or a log: our own colours work there, and nothing else does."""
    parts = _OURS.split(text)  # every second one is a code of ours
    parts[::2] = map(_harmless, parts[::2])
    parts[1::2] = (("\r\x1b" if code == "[K" else "\x1b") + code for code in parts[1::2])
    return "".join(parts)


def _harmless(text: str) -> str:
    return _ORDER_TO_A_RUNNER.sub(lambda found: f"{found[1]}\\x3a" if found[1] is not None else "\\x23", visible(text))
