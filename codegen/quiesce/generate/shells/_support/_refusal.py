"""The text of an error of a refused call: which call it was, of what, why it was refused, and in which state."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any

from ._fitting import shown


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused call, as a sentence once somebody reads it: most refusals are dealt with, and never read.

    It holds values, and neither members nor moments: an error that is kept keeps none of them alive, and is pickled.
    """

    call: str
    reason: str
    """The word of the spec; empty for a step from outside, which can only not happen."""
    why: str
    """The words of the spec on it."""
    arguments: tuple[Any, ...]
    """Those of the call; of a member, its values."""
    state: Mapping[str, Any]
    """The values of the variables, and how many members there are."""

    def __repr__(self) -> str:
        return repr(f"{self.call} was refused" + (f" with {self.reason}" if self.reason else ""))

    def __hash__(self) -> int:
        return hash((self.call, self.reason))

    def __str__(self) -> str:
        given = f"({', '.join(map(_told, self.arguments))})" if self.arguments else ""
        answer = f"was refused with {self.reason}" if self.reason else "cannot happen now"
        why = f": {self.why.removesuffix('.')}" if self.why else ""
        state = ", ".join(f"{name}={_told(value)}" for name, value in self.state.items())
        return f"{self.call}{given} {answer}{why}" + (f" ({state})" if state else "")


def _told(value: Any) -> str:
    if isinstance(value, str | Enum):
        return str(value)
    if is_dataclass(value):
        values = ", ".join(f"{each.name}={_told(getattr(value, each.name))}" for each in fields(value))
        return f"{type(value).__qualname__.partition('.')[0]}({values})"
    return shown(value)
