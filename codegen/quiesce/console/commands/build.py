"""`quiesce build`: bring every target up to date; with nothing to do, do nothing."""

from collections.abc import Iterator

from quiesce.console.builds import stamps
from quiesce.console.builds.targets import made
from quiesce.console.context import Context
from quiesce.console.exits import Exit
from quiesce.console.project import Target


def run(context: Context) -> Exit:
    """Bring every target up to date."""
    return made(context, _outdated(context))


def _outdated(context: Context) -> Iterator[Target]:
    """The targets that are not as the last build left them; of the others it is said when their turn comes."""
    if not context.options.check:
        context.project.refuse_linked_notes()
    for target in context.targets_to_write():
        anew = context.options.check or context.options.no_cache
        if not anew and stamps.is_current(context.project, target):
            context.say(f"{target.spec}: up to date")
        else:
            yield target
