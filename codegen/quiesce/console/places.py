"""The lines of pyproject.toml in which its entries stand, which no reader of TOML tells."""

import tomllib
from itertools import accumulate


def line_of(text: str, number: int, key: str | None = None) -> int | None:
    r"""The line, counted from 1, that completes an entry of `[[tool.quiesce.specs]]`, or a key in it.

    `number` counts the entries from 0. None if the entry or the key does not stand there.

    The text is read up to each line that could be the one. So whatever TOML allows is understood as it should be: keys
    in quotes, dotted keys, tables written in place, and what looks like an entry inside a long string.

    >>> line_of('[[tool.quiesce.specs]]\nspec = "a.py"\npackage = "p"\n', 0, "package")
    3
    """
    lines = text.replace("\r\n", "\n").split("\n")
    marks = (key or "specs", "]", "}", '"""', "'''")
    for line, before in enumerate(accumulate(lines, "{}\n{}".format), 1):
        if any(mark in lines[line - 1] for mark in marks) and "quiesce" in before and _has(before, number, key):
            return line
    return None


def _has(text: str, number: int, key: str | None) -> bool:
    try:
        entry = tomllib.loads(text)["tool"]["quiesce"]["specs"][number]
    except (ValueError, LookupError, TypeError):  # it is not complete yet
        return False
    return key is None or (isinstance(entry, dict) and key in entry)
