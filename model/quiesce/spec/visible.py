"""Text that shows all that it holds: characters that nobody sees, or that change others, are written by their numbers.

Texts of a spec are written by people who may be strangers. A character that steers a terminal, or turns the direction
of the text around it, makes a reader see something else than what is there (https://trojansource.codes).
"""

import re
from typing import Final

_RANGES: Final = (
    *((0x00, 0x08), (0x0B, 0x1F), (0x7F, 0x9F)),  # controls, but for the line feed and the tab
    *((0xAD, 0xAD), (0x34F, 0x34F), (0x600, 0x605), (0x61C, 0x61C), (0x6DD, 0x6DD), (0x70F, 0x70F), (0x890, 0x891)),
    *((0x8E2, 0x8E2), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F)),
    *((0x2028, 0x202E), (0x2060, 0x206F)),  # ends of lines and paragraphs, directions of text
    *((0x3164, 0x3164), (0xD800, 0xDFFF), (0xFDD0, 0xFDEF), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0)),
    *((0xFFF0, 0xFFFB), (0xFFFE, 0xFFFF), (0x110BD, 0x110BD), (0x110CD, 0x110CD), (0x13430, 0x1345F)),
    *((0x1BCA0, 0x1BCAF), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
    *((plane | 0xFFFE, plane | 0xFFFF) for plane in range(0x10000, 0x110000, 0x10000)),
)
"""First and last of each row of such characters: controls, formats, separators of lines and paragraphs, surrogates, and
what Unicode's `Default_Ignorable_Code_Point` and noncharacters are. They stand here one by one, and are not asked of
`unicodedata`, so that every version of Python writes the same text."""

_HIDDEN: Final = re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in _RANGES) + "]")


def visible(text: str) -> str:
    r"""The text with everything that would not be seen written by its number. Line feeds and tabs stay.

    >>> visible("up \u202e\x1b[2J")
    'up \\u202e\\x1b[2J'
    """
    if text.isascii() and text.isprintable():
        return text
    return _HIDDEN.sub(_by_number, text)


def one_line(text: str) -> str:
    r"""The same on one line, with one space where there were several, or an end of a line.

    >>> one_line("  one\n  two\x0b")
    'one two'
    """
    return visible(" ".join(text.split()))


def _by_number(found: re.Match[str]) -> str:
    return found[0].encode("ascii", "backslashreplace").decode() if found[0] >= "\x80" else f"\\x{ord(found[0]):02x}"
