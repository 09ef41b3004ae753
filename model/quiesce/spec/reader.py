"""Read a spec: from a file or a text to the typed model. A spec is read as syntax, and never run."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import TypeVar

from quiesce.spec.model import FamilyDecl, Machine, MemberType
from quiesce.spec.reading.classes import Classes
from quiesce.spec.reading.context import Context
from quiesce.spec.reading.expressions import Expressions
from quiesce.spec.reading.methods import Methods
from quiesce.spec.reading.modules import read_module
from quiesce.spec.reading.problems import POISON, Poison, Problems
from quiesce.spec.reading.symbols import Helper, MemberClass, Symbols
from quiesce.spec.source import Source, load, parse

_T = TypeVar("_T")


def read_file(path: Path, shown_as: PurePosixPath | None = None) -> Machine:
    """The machine that the file describes, shown to people under the path given or under its own.

    Raises `SpecError` with everything that is wrong with the spec, or if the file cannot be read.
    """
    return _read(load(path, PurePosixPath(path.as_posix()) if shown_as is None else shown_as))


def read_text(text: str, path: PurePosixPath) -> Machine:
    """The machine that the text describes. Raises `SpecError` with everything that is wrong with the spec."""
    return _read(parse(text, path))


def _read(source: Source) -> Machine:
    problems = Problems(source)
    context = Context(source, problems)
    expressions = Expressions(context)
    contents = read_module(context, expressions)
    classes = Classes(context, expressions)
    classes.members(contents.member_classes)
    if contents.machine is None:
        raise problems.error()
    decorated = classes.machine(contents.machine)
    for helper in _helpers(context.symbols):
        expressions.check(helper)
    methods = Methods(context, expressions)
    actions = tuple(methods.action(word, node) for word, node in decorated.actions)
    promises = tuple(methods.promise(word, node) for word, node in decorated.promises)
    if problems:
        raise problems.error()
    symbols = context.symbols
    return Machine(
        name=contents.machine.name,
        doc=ast.get_docstring(contents.machine) or "",
        path=source.path,
        enums=tuple(contents.enums),
        variables=_sound(symbols.variables.values()),
        policies=tuple(contents.policies),
        families=tuple(_family(name, cls) for name, cls in symbols.families.items() if cls is not POISON),
        actions=actions,
        promises=_sound(promises),
        requirements=tuple(contents.requirements),
        span=source.name_span(contents.machine),
    )


def _helpers(symbols: Symbols) -> Iterator[Helper]:
    groups = [symbols.helpers, *(cls.helpers for cls in symbols.members.values())]
    return (helper for group in groups for helper in group.values() if helper is not POISON)


def _family(name: str, cls: MemberClass) -> FamilyDecl:
    return FamilyDecl(name, MemberType(cls.name), _sound(cls.fields.values()), cls.doc, cls.span)


def _sound(things: Iterable[_T | Poison]) -> tuple[_T, ...]:
    """Those that were understood: all of them, once no mistake was found."""
    return tuple(thing for thing in things if not isinstance(thing, Poison))
