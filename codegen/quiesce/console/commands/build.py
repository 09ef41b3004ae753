"""`quiesce build`: bring every target up to date."""

from quiesce.console.builds.targets import build as build_targets
from quiesce.console.context import Context
from quiesce.console.exits import Exit


def run(context: Context) -> Exit:
    """Bring every target up to date."""
    return build_targets(context)
