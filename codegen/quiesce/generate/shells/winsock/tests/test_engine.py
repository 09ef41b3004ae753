"""The whole provider, its I/O thread included, in many schedules of a few callers and their peers.

A run goes its usual way, in which each thread goes on until it waits, but for one delay, wherever one can be. If it
goes wrong, the message has its schedule, and `trying.replay` runs it again. The variable QUIESCE_SCHEDULES asks for
more scripts, and for two delays.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from .engine import scripts
from .engine.stage import Script
from .engine.trying import explore, wander

_PACKAGE = Path(__file__).parents[1]
_MUCH_MORE = bool(os.environ.get("QUIESCE_SCHEDULES"))


def test_startups_and_cleanups() -> None:
    """Whoever comes and goes, the provider runs as long as it is used, and is released once."""
    _search(scripts.LIFE)


def test_sends() -> None:
    """Bytes that were accepted arrive, once and in their order, whatever ends meanwhile."""
    _search(scripts.SENDING)


def test_ends() -> None:
    """Streams end as they were asked to, and lost connections harm nothing else."""
    _search(scripts.ENDS)


def test_calls_that_wait() -> None:
    """Whoever waits is woken: by what comes, or by what ends the wait."""
    _search(scripts.WAITING)


def test_overlapped_operations() -> None:
    """Operations end once, and those who wait for them are told."""
    _search(scripts.OPERATIONS)


def test_scripts_by_chance() -> None:
    """Callers do what comes to their minds, and whoever comes to mind goes on."""
    seeds = range(3000 if _MUCH_MORE else 20)
    wander(_PACKAGE, seeds, runs=8 if _MUCH_MORE else 2)
    print(f"{len(seeds)} scripts by chance")


def _search(group: Mapping[str, Script]) -> None:
    for name, script in group.items():
        if _MUCH_MORE:
            print(f"{name}: {explore(_PACKAGE, script, delays=2)}")
        elif name in scripts.EVERY_DAY:
            print(f"{name}: {explore(_PACKAGE, script, delays=1)}")
        else:
            print(f"{name}: not searched without QUIESCE_SCHEDULES")
