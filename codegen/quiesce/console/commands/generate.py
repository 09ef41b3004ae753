"""`quiesce generate`: prove, and write or compare the packages."""

from quiesce.console.builds.targets import made
from quiesce.console.context import Context
from quiesce.console.exits import Exit


def run(context: Context) -> Exit:
    """Prove every target, and write or compare its files."""
    return made(context, context.targets_to_write())
