"""Installed versions, as the names of the folders tell in which pip notes them.

To ask `importlib.metadata` takes as long to load as a small proof.
"""

import os
import sys


def noted_versions(*packages: str) -> list[tuple[str, ...]]:
    """For each place on the path of modules that notes any of these packages, the names of its notes, in order.

    A package is called as in its note, such as `z3_solver`, and a note is like `z3_solver-4.16.0.dist-info`.
    """
    beginnings = tuple(f"{package}-" for package in packages)
    found = (
        tuple(sorted(n for n in _listed(place or ".") if n.startswith(beginnings) and n.endswith(".dist-info")))
        for place in sys.path
    )
    return [notes for notes in found if notes]


def _listed(place: str) -> list[str]:
    """The names in a folder; in an archive, and where nothing is, there are none."""
    try:
        return os.listdir(place)
    except OSError:
        return []
