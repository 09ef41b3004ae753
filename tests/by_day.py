"""Which cases of a test run with every change, and which wait for the night."""

import os
from collections.abc import Iterable

import pytest


def by_day(cases: Iterable[object], every: int) -> list[object]:
    """All cases of a test, in their order: the first and every so manieth runs each time, the others at night.

    For tests whose cases show the same thing of like subjects: if it breaks, some of them see it at once.
    """
    return [case if place % every == 0 else at_night(*_values(case)) for place, case in enumerate(cases)]


def _values(case: object) -> tuple[object, ...]:
    return case if isinstance(case, tuple) else (case,)


def at_night(*case: object) -> object:
    """A case that waits for the night."""
    return pytest.param(*case, marks=pytest.mark.nightly)


def examples(count: int) -> int:
    """How many random examples a test tries: `count` every time, and at night `QUIESCE_EXAMPLES` times as many."""
    return count * int(os.environ.get("QUIESCE_EXAMPLES", "1"))
