"""Read a spec: from a file or a text to the typed model. A spec is read as syntax, and never run."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from quiesce.spec.codes import Code
from quiesce.spec.model import Machine
from quiesce.spec.reading.activities import check_answers, check_sessions, read_activities
from quiesce.spec.reading.classes import Classes
from quiesce.spec.reading.context import Context
from quiesce.spec.reading.contracts import read_offer
from quiesce.spec.reading.expressions import Expressions
from quiesce.spec.reading.methods import Methods
from quiesce.spec.reading.modules import read_module
from quiesce.spec.reading.problems import POISON, Problems
from quiesce.spec.reading.siblings import Siblings
from quiesce.spec.reading.symbols import Helper, Symbols, declared_families, layer_variables, sound
from quiesce.spec.source import Source, load, parse


def read_file(path: Path, shown_as: PurePosixPath | None = None) -> Machine:
    """The machine that the spec at `path` describes.

    Messages and pages call the file `shown_as`, or `path` if nothing is given.

    Raises:
        SpecError: something is wrong with the spec, or the file cannot be read. It lists every mistake.

    >>> from tempfile import TemporaryDirectory
    >>> spec = '''
    ... from quiesce.spec import Machine, call
    ...
    ... class Lamp(Machine):
    ...     on: bool = False
    ...
    ...     @call("switch")
    ...     def switch(self) -> None:
    ...         self.on = not self.on
    ... '''
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "lamp.py"
    ...     _ = file.write_text(spec, encoding="utf-8")
    ...     lamp = read_file(file, PurePosixPath("lamp.py"))
    >>> lamp.name, str(lamp.path), [action.name for action in lamp.actions]
    ('Lamp', 'lamp.py', ['switch'])
    """
    return _read_sibling(
        path, PurePosixPath(path.as_posix()) if shown_as is None else shown_as, Siblings(_read_sibling, None)
    )


def read_text(text: str, path: PurePosixPath, folder: Path | None = None) -> Machine:
    """The machine that the text of a spec describes. Messages call the text `path`, which need not exist.

    Contracts that the spec imports are looked for in `folder`; without a folder, it can import none.

    Raises:
        SpecError: something is wrong with the spec. It lists every mistake.

    >>> from pathlib import PurePosixPath
    >>> lamp = read_text(
    ...     '''
    ... from quiesce.spec import Machine, call
    ...
    ... class Lamp(Machine):
    ...     on: bool = False
    ...
    ...     @call("switch")
    ...     def switch(self) -> None:
    ...         self.on = not self.on
    ... ''',
    ...     PurePosixPath("lamp.py"),
    ... )
    >>> lamp.name, [variable.name for variable in lamp.variables]
    ('Lamp', ['on'])
    >>> read_text("", PurePosixPath("empty.py"))
    Traceback (most recent call last):
    quiesce.spec.diagnostics.SpecError: empty.py:1:1: error[Q021]: this file describes no machine...
    """
    return _read(parse(text, path), Siblings(_read_sibling, folder))


def _read_sibling(path: Path, shown_as: PurePosixPath, asking: Siblings) -> Machine:
    file = path.absolute()
    return _read(load(path, shown_as), replace(asking, folder=file.parent, trail=(*asking.trail, file)))


def _read(source: Source, siblings: Siblings) -> Machine:
    problems = Problems(source)
    context = Context(source, problems)
    expressions = Expressions(context)
    contents = read_module(context, expressions, siblings)
    classes = Classes(context, expressions)
    classes.members(contents.member_classes)
    classes.functions(contents.functions)
    if contents.machine is None:
        raise problems.error()
    decorated = classes.machine(contents.machine)
    methods = Methods(context, expressions)
    actions = tuple(methods.action(word, node) for word, node in decorated.actions)
    read_activities(context, actions)
    check_answers(context, actions)
    check_sessions(context, actions)
    for helper in _helpers(context.symbols):
        expressions.check(helper)
    provides = read_offer(context, contents.provides, sound(context.symbols.variables.values()), actions)
    promises = tuple(promise for word, node in decorated.promises for promise in methods.promise(word, node))
    if not (problems or decorated.actions or decorated.promises):
        message = f"`{contents.machine.name}` has no actions and no promises, so there is nothing to prove of it"
        hint = 'write what can happen, such as `@call("start")`, and what is to hold then, such as `@always`'
        problems.report(Code.NO_SINGLE_MACHINE, source.name_span(contents.machine), message, hint)
    if problems:
        raise problems.error()
    symbols = context.symbols
    return Machine(
        name=contents.machine.name,
        doc=ast.get_docstring(contents.machine) or "",
        path=source.path,
        enums=tuple(contents.enums),
        variables=(*sound(symbols.variables.values()), *layer_variables(symbols)),
        policies=tuple(contents.policies),
        families=declared_families(symbols),
        actions=actions,
        promises=promises,
        requirements=tuple(contents.requirements.values()),
        span=source.name_span(contents.machine),
        provides=provides,
        lower=tuple(layer.contract for layer in sound(symbols.layers.values())),
        sessions=sound(symbols.sessions.values()),
    )


def _helpers(symbols: Symbols) -> Iterator[Helper]:
    groups = [symbols.functions, symbols.helpers, *(cls.helpers for cls in symbols.members.values())]
    return (helper for group in groups for helper in group.values() if helper is not POISON)
