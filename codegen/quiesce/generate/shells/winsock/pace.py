"""The pace of closes in progress: when each asks the kernel again whether the peer's side has taken everything."""

import math
from typing import Final

from .connection import Connection

FIRST_PAUSE: Final = 0.0005
"""Seconds before a close first asks the kernel whether everything has arrived; no event tells."""
LONGEST_PAUSE: Final = FIRST_PAUSE * 2**11
"""Seconds between two such questions about a connection that makes no progress."""
QUIET_TIME: Final = 1.0
"""Seconds a close waits for the peer's own end, where the kernel does not say what it still holds."""


def next_check(now: float, connection: Connection) -> float:
    """When to ask again. Connections of one pace are asked in few turns, not each in a turn of its own."""
    grain = connection.pause / 8
    due = (now + connection.pause) // grain * grain + grain
    if connection.queue:
        due = math.inf  # the selector tells of room
    return due if connection.close_deadline is None else min(due, connection.close_deadline)
