"""`quiesce new`: write a first spec."""

from pathlib import Path, PurePath

from quiesce.console.context import Context
from quiesce.console.exits import Exit, UsageError
from quiesce.console.naming import taken_by, why_not_importable, why_not_portable
from quiesce.console.output import write_new_file
from quiesce.console.starter import starter


def run(context: Context) -> Exit:
    """Write a first spec."""
    path = Path(context.options.path)
    if path.name in ("", ".."):
        raise UsageError(f"{path}: this is a folder; name a file in it, such as {path / 'service.py'}")
    if why := why_not_portable(PurePath(*(part for part in path.relative_to(path.anchor).parts if part != ".."))):
        raise UsageError(f"{str(path)!a}: other systems could not have this file: {why}; choose another name")
    if path.suffix != ".py":
        raise UsageError(f"{path}: a spec is a Python file; name it {path.with_suffix('.py')}")
    if why := why_not_importable(path.stem):
        raise UsageError(f"{path}: other specs could not use this one: {why}; choose another name")
    if other := taken_by(path):
        raise UsageError(f"{path}: on some systems this is the same file as {other}; choose another name")
    write_new_file(path, starter(path.stem))
    context.say(f"{path}: written; prove it with `quiesce verify {path}`")
    return Exit.OK
