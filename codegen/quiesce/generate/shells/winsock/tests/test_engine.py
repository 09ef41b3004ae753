"""The whole provider, its I/O thread included, in many schedules of a few callers and their peers.

A run goes its usual way, in which each thread goes on until it waits, but for one delay, wherever one can be. If it
goes wrong, the message has its schedule: `trying.replay` runs it again. The variable QUIESCE_SCHEDULES asks for two.
"""

import os
from pathlib import Path

from .engine import scripts, trying

_PACKAGE = Path(__file__).parents[1]
_DELAYS = 2 if os.environ.get("QUIESCE_SCHEDULES") else 1


def test_a_close_sends_the_rest() -> None:
    """What a socket has queued when it is closed arrives, while somebody else comes and goes."""
    print(trying.explore(_PACKAGE, scripts.SCRIPTS["a close sends the rest"], _DELAYS))
