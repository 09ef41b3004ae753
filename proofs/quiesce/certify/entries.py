"""JSON that somebody may have forged, taken apart: whatever is not as it has to be is refused with its place."""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import NoReturn, TypeAlias

from quiesce.spec import digits

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"

LARGEST = 20_000_000
"""How many characters a text may have; the hints of the flagship have a few thousand."""

MOST_DIGITS = 8_000
"""How many digits a number may have. Those of a run may have far more than those of its spec."""

_SHOWN = 60


class Malformed(Exception):
    """An entry of a file does not describe what it should; the error says where the entry stands, and what is wrong."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where}: {reason}" if where else reason)
        self.where = where
        self.reason = reason


def parsed(text: str) -> Json:
    """The value that a text holds, without fractions, without a name that stands twice in one object.

    Raises:
        Malformed: it holds none.
    """
    if len(text) > LARGEST:
        raise Malformed("", f"this is longer than {LARGEST} characters")
    try:
        found: Json = json.loads(
            text,
            object_pairs_hook=_without_repetition,
            parse_int=_whole,
            parse_float=_no_number,
            parse_constant=_no_number,
        )
    except json.JSONDecodeError as error:
        raise Malformed("", f"line {error.lineno} is no JSON: {error.msg}") from None
    except RecursionError:
        raise Malformed("", "this is nested too deeply") from None
    return found


def _without_repetition(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise Malformed("", f"{shown(next(n for n in names if names.count(n) > 1))} stands twice in one object")
    return found


def _whole(number: str) -> int:
    if len(number) > MOST_DIGITS:
        raise Malformed("", f"a number has more than {MOST_DIGITS} digits")
    with digits.at_most(MOST_DIGITS):
        return int(number)


def _no_number(text: str) -> NoReturn:
    raise Malformed("", f"{text[:_SHOWN]} is no whole number")


def shown(value: Json) -> str:
    """A value for a message: short, and without anything that a terminal could not show."""
    try:
        text = json.dumps(value)
    except RecursionError:
        return "something nested very deeply"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} …"


def record(value: Json, where: str, names: Collection[str]) -> Mapping[str, Json]:
    """An object that has exactly these entries."""
    if not isinstance(value, dict):
        raise Malformed(where, f"an object is needed here, not {shown(value)}")
    for name in names:
        if name not in value:
            raise Malformed(where, f"there is no entry `{name}`")
    for name in value:
        if name not in names:
            raise Malformed(where, f"an entry {shown(name)} is not known here")
    return value


def entries(value: Json, where: str) -> Iterator[tuple[str, Json]]:
    """Each entry of an object, with the place where it stands."""
    if not isinstance(value, dict):
        raise Malformed(where, f"an object is needed here, not {shown(value)}")
    return ((name, entry) for name, entry in value.items())


def listed(value: Json, where: str) -> Iterator[tuple[str, Json]]:
    """Each value of a list, with the place where it stands."""
    if not isinstance(value, list):
        raise Malformed(where, f"a list is needed here, not {shown(value)}")
    return ((f"{where}[{number}]", entry) for number, entry in enumerate(value))


def text_of(value: Json, where: str) -> str:
    """A text."""
    if not isinstance(value, str):
        raise Malformed(where, f"a text is needed here, not {shown(value)}")
    return value


def one_of(value: Json, where: str, what: str, known: Collection[str]) -> str:
    """The text, which has to be one of a known set."""
    found = text_of(value, where)
    if found not in known:
        raise Malformed(where, f"{shown(found)} is not {what}")
    return found


def number_of(value: Json, where: str, low: int, high: int) -> int:
    """A whole number within bounds. A truth value is no number."""
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise Malformed(where, f"a whole number from {low} to {high} is needed here, not {shown(value)}")
    return value


def once(found: Collection[object], where: str) -> None:
    """Make sure that nothing is listed twice."""
    if len(set(found)) != len(found):
        raise Malformed(where, "something stands here twice")
