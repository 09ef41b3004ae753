"""Small textual changes of the flagship: faults, each with what shows it, and harmless twins."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from quiesce.spec.model import Machine
from quiesce.spec.reader import read_text

SPEC = Path(__file__).parents[2] / "model/winsock.py"
"""The flagship."""

NEXT = "\n        "
"""Between two lines of a method."""


@dataclass(frozen=True, slots=True)
class Change:
    """In `method` with its decorator, `before` becomes `after`."""

    method: str
    before: str
    after: str


Changes: TypeAlias = tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """A fault of the flagship, and a harmless twin: a change in the same place that breaks no promise.

    `refuted` is an obligation that the fault breaks. `runs` are all the shortest runs that show it, each with the names
    of its actions between blanks.
    """

    fault: Changes
    refuted: str
    runs: tuple[str, ...]
    twin: Changes


def within(method: str, before: str, after: str) -> Changes:
    """One change within one method."""
    return (Change(method, before, after),)


def changed(text: str, changes: Changes) -> str:
    """The text of a spec after some changes.

    Raises:
        ValueError: a method, or what is to be replaced in it, is not there exactly once.
    """
    for change in changes:
        blocks = text.split("\n\n")
        places = [number for number, block in enumerate(blocks) if f" def {change.method}(" in block]
        if len(places) != 1:
            raise ValueError(f"{len(places)} methods are called {change.method}")
        block = blocks[places[0]]
        if block.count(change.before) != 1:
            raise ValueError(f"{change.before!r} is {block.count(change.before)} times in {change.method}")
        blocks[places[0]] = block.replace(change.before, change.after)
        text = "\n\n".join(blocks)
    return text


def flagship(changes: Changes = ()) -> Machine:
    """The flagship after some changes."""
    text = changed(SPEC.read_text(encoding="utf-8"), changes)
    return read_text(text, PurePosixPath(SPEC.name), folder=SPEC.parent)
