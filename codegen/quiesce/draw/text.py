"""The width of text, estimated for a font that nobody has chosen yet, and text wrapped to a width.

A reader's system picks the font, so widths are estimated from the widest of the usual ones: a drawing made for those
has room to spare with any other.
"""

from enum import Enum

from quiesce.spec.record import record

_MONO = 0.62
_WIDE = 1.1
_SANS_DEFAULT = 0.66
_SANS = {char: width for chars, width in (("fijlrtI.,:;'|!()[] /", 0.42), ("mwMW@%—…", 1.0)) for char in chars}
_SANS_CAPITAL = 0.8


@record
class Font:
    """Size and tracking are in pixels."""

    css: str
    size: int
    mono: bool = False
    bold: bool = False
    tracking: int = 0


class Style(Enum):
    """The roles of text in a drawing."""

    TITLE = Font("title", 22, bold=True)
    SUBTITLE = Font("subtitle", 13)
    STATE = Font("state", 16, mono=True, bold=True)
    GROUP = Font("group", 10, bold=True, tracking=1)
    NAME = Font("name", 12, mono=True)
    DETAIL = Font("detail", 11, mono=True)
    LEGEND = Font("legend", 12)


def width_of(text: str, style: Style) -> int:
    """An estimate in pixels that is meant to be too large."""
    font = style.value
    em = sum(_mono(char) if font.mono else _sans(char) for char in text)
    return int(em * font.size * (1.06 if font.bold and not font.mono else 1)) + 1 + font.tracking * len(text)


def wrapped(words: str, style: Style, limit: int) -> tuple[str, ...]:
    """Lines no wider than `limit` pixels where words allow it; a longer word has a line of its own."""
    lines: list[str] = []
    for word in words.split():
        if lines and width_of(f"{lines[-1]} {word}", style) <= limit:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return tuple(lines)


def _mono(char: str) -> float:
    return _WIDE if ord(char) >= 0x1100 else _MONO


def _sans(char: str) -> float:
    if ord(char) >= 0x1100 and char not in _SANS:
        return _WIDE
    return _SANS.get(char, _SANS_CAPITAL if char.isupper() else _SANS_DEFAULT)
