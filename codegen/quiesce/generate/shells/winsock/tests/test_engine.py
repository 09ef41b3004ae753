"""The whole provider, its I/O thread included, in many schedules of a few callers and their peers.

A run goes its usual way, in which each thread goes on until it waits, but for one delay, wherever one can be. If it
goes wrong, the message has its schedule, and `trying.replay` runs it again. The variable QUIESCE_SCHEDULES asks for
more scripts, and for two delays.
"""

import os
from pathlib import Path

import pytest

from .engine.scripts import EVERY_DAY, SCRIPTS
from .engine.trying import explore

_PACKAGE = Path(__file__).parents[1]
_MUCH_MORE = bool(os.environ.get("QUIESCE_SCHEDULES"))


@pytest.mark.parametrize("name", SCRIPTS if _MUCH_MORE else EVERY_DAY)
def test_in_every_schedule_of_few_delays(name: str) -> None:
    """All rules are kept, and nobody waits for ever."""
    print(f"{name}: {explore(_PACKAGE, SCRIPTS[name], 2 if _MUCH_MORE else 1)}")
