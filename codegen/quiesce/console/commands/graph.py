"""`quiesce graph`: print the control graph of one spec."""

from pathlib import Path

from quiesce.console.builds.pages import graph_of
from quiesce.console.context import Context
from quiesce.console.exits import Exit, UsageError
from quiesce.console.output import write_file
from quiesce.console.proving import read
from quiesce.draw import to_dot, to_mermaid, to_svg, to_table
from quiesce.prove.effort import Effort


def run(context: Context) -> Exit:
    """Print the control graph of one spec."""
    targets = context.targets()
    if len(targets) != 1:
        raise UsageError(f"graph draws one spec at a time: name one of {', '.join(str(t.spec) for t in targets)}")
    printers = {"table": to_table, "mermaid": to_mermaid, "dot": to_dot, "svg": to_svg}
    machine = read(context.project, context.project.path(targets[0]))
    text = printers[context.options.format](graph_of(machine, Effort()))
    if context.options.output:
        write_file(Path(context.options.output), text)
    else:
        print(text, end="")
    return Exit.OK
