"""`quiesce check`: read specs, and report the mistakes of all of them."""

from quiesce.console.context import Context
from quiesce.console.exits import Exit
from quiesce.console.proving import read
from quiesce.spec.diagnostics import Diagnostic, SpecError


def run(context: Context) -> Exit:
    """Read specs, and report the mistakes of all of them."""
    mistakes: list[Diagnostic] = []
    for target in context.targets():
        try:
            machine = read(context.project, context.project.path(target))
        except SpecError as error:
            mistakes.extend(error.diagnostics)
            continue
        context.say(
            f"{machine.path}: {machine.name} is well-formed: {len(machine.actions)} actions, "
            f"{len(machine.promises)} promises, {len(machine.requirements)} requirements"
        )
    if mistakes:
        raise SpecError(tuple(mistakes))
    return Exit.OK
