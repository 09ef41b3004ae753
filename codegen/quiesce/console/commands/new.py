"""`quiesce new`: write a first spec."""

from pathlib import Path

from quiesce.console.context import Context
from quiesce.console.exits import Exit, UsageError
from quiesce.console.output import write_new_file
from quiesce.console.package_names import why_not_importable
from quiesce.console.starter import starter


def run(context: Context) -> Exit:
    """Write a first spec."""
    path = Path(context.options.path)
    if path.name in ("", ".."):
        raise UsageError(f"{path}: this is a folder; name a file in it, such as {path / 'service.py'}")
    if path.suffix != ".py":
        raise UsageError(f"{path}: a spec is a Python file; name it {path.with_suffix('.py')}")
    if why := why_not_importable(path.stem):
        raise UsageError(f"{path}: other specs could not use this one: {why}; choose another name")
    write_new_file(path, starter(path.stem))
    context.say(f"{path}: written; prove it with `quiesce verify {path}`")
    return Exit.OK
