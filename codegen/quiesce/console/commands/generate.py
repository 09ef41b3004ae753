"""`quiesce generate`: prove, and write or compare the packages."""

from quiesce.console.builds.targets import generate as generate_packages
from quiesce.console.context import Context
from quiesce.console.exits import Exit


def run(context: Context) -> Exit:
    """Prove, and write or compare the packages."""
    return generate_packages(context)
