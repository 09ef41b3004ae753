"""Versions of the interface, and what a startup answers."""

from dataclasses import dataclass
from typing import TypeAlias

Version: TypeAlias = tuple[int, int]


@dataclass(frozen=True)
class WSPData:
    """The answer of a startup: the version agreed upon, and the highest one supported, as (major, minor)."""

    version: Version
    high_version: Version
