"""Processor time of Python processes, so that what else the machine does changes little.

It needs `resource`, which Python has on all systems but Windows.
"""

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TypeVar

Round = TypeVar("Round")


@dataclass(frozen=True, slots=True)
class Spent:
    """What a process took, user and system time together in seconds, and what it printed."""

    cpu: float
    said: str


def run(folder: Path, *arguments: str) -> Spent:
    """Run Python with these arguments. It may keep its byte code, as where people install it, so that runs compare.

    Raises:
        CalledProcessError: it ended with an error; times of that would mean nothing.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = _spent_by_children()
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, check=True, stdout=subprocess.PIPE, encoding="utf-8"
    )
    return Spent(_spent_by_children() - before, done.stdout)


def median_of(rounds: Iterable[Round], figure: Callable[[Round], float]) -> float:
    """The median of a figure over all rounds."""
    return median(figure(one) for one in rounds)


def _spent_by_children() -> float:
    """The time of all children that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
