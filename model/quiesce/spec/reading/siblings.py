"""Specs beside a spec: found by the name of a module, and read as syntax like any other."""

import ast
import sys
from collections.abc import Callable
from dataclasses import field
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from quiesce.spec.codes import Code
from quiesce.spec.diagnostics import SpecError
from quiesce.spec.model import Machine
from quiesce.spec.reading.context import Context
from quiesce.spec.reading.problems import Poison, did_you_mean
from quiesce.spec.record import record

Load: TypeAlias = Callable[[Path, PurePosixPath, "Siblings"], Machine]
"""Reads the machine of a file, shown under a path, whose own siblings are given. Raises `SpecError`."""


@record
class Siblings:
    """The folder that a spec lies in, None if it is no file, and the files that led to this one, itself the last."""

    load: Load
    folder: Path | None
    trail: tuple[Path, ...] = ()
    read: dict[Path, Machine] = field(default_factory=dict)

    def find(self, module: str) -> Path | None:
        """The file of a module, if there is one, or if reading it will tell why one cannot know."""
        found = None if self.folder is None else self.folder / f"{module}.py"
        try:
            return found if found is not None and found.is_file() else None
        except OSError:
            return found


def may_be_sibling(node: ast.ImportFrom) -> bool:
    """Whether the import is of a module that could lie beside the spec, and not of one that Python brings along."""
    module = node.module or ""
    return not node.level and module.isidentifier() and module not in sys.stdlib_module_names and module != "quiesce"


def read_sibling(context: Context, siblings: Siblings, node: ast.ImportFrom, alias: ast.alias) -> Machine | Poison:
    """The machine that is imported by name from a spec beside this one."""
    module = node.module or ""
    file = siblings.find(module)
    if file is None:
        hint = "a spec imports from quiesce.spec, enum and typing, and contracts from specs beside it"
        return context.report(Code.UNKNOWN_SPEC, alias, f"there is no `{module}.py` beside this spec", hint)
    if file in siblings.trail:
        chain = " -> ".join(f"`{path.name}`" for path in (*siblings.trail[siblings.trail.index(file) :], file))
        return context.report(Code.CYCLE, alias, f"to read this spec, one would have to read it first: {chain}")
    try:
        machine = siblings.read.get(file) or siblings.load(file, context.source.path.parent / file.name, siblings)
    except SpecError as error:
        first = error.diagnostics[0]
        where = f"{first.path}:{first.span.line}:{first.span.column}"
        message = f"`{module}.py` has mistakes of its own: {where}: {first.message}"
        return context.report(Code.BROKEN_SPEC, alias, message, f"check {first.path} for itself")
    siblings.read[file] = machine
    if machine.name != alias.name:
        message = f"the machine of `{module}.py` is `{machine.name}`, and it has no other"
        return context.report(Code.UNKNOWN_SPEC, alias, message, did_you_mean(alias.name, [machine.name]))
    return machine
