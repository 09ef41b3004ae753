"""From specs to machines, for a command that proves: what a build would refuse for its names is refused as early."""

from quiesce.console.context import Context
from quiesce.console.project import FOR_ANY_SPEC
from quiesce.console.proving import read
from quiesce.generate.clashes import may_clash
from quiesce.spec.model import Machine


def machines_of(context: Context) -> list[Machine]:
    """The machines of all targets. Where code is generated from one, it can have the names of the spec.

    Raises:
        SpecError: a spec is not right.
        UsageError: a name of a spec has another meaning in the generated code.
    """
    machines = []
    for target in context.targets():
        machine = read(context.project, context.project.path(target))
        if target.shell in FOR_ANY_SPEC and may_clash(machine):
            from quiesce.console.builds.targets import python_of  # noqa: PLC0415 -- loads templates

            python_of(context, target, machine)
        machines.append(machine)
    return machines
