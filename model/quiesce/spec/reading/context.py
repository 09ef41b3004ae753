"""The state that all parts of the reader share: the source, the names read so far, and the mistakes found so far."""

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import field
from keyword import iskeyword

from quiesce.spec.codes import Code
from quiesce.spec.model import Span
from quiesce.spec.reading.instead import PYTHONS_OWN
from quiesce.spec.reading.problems import Node, Poison, Problems, did_you_mean
from quiesce.spec.reading.symbols import BUILTINS, FORMER, WORDS, Symbols
from quiesce.spec.record import record
from quiesce.spec.source import Source

MAX_NAME = 80
"""Letters of the longest name in a spec, so that messages, pictures and generated code have room for it."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@record
class Context:
    """One reading of one source."""

    source: Source
    problems: Problems
    symbols: Symbols = field(default_factory=Symbols)

    def report(self, code: Code, where: Node | Span, message: str, hint: str | None = None) -> Poison:
        """Note a mistake, and return what stands for the thing that could not be understood."""
        return self.problems.report(code, where, message, hint)

    def text(self, node: ast.expr) -> str:
        """The node as the spec writes it, for a message."""
        return self.source.text(node)

    def is_lost(self, node: ast.expr) -> bool:
        """Whether the node is, or is part of, something of the module whose mistake is reported already."""
        while isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
        return isinstance(node, ast.Name) and node.id in self.symbols.faulty

    def word(self, node: ast.expr) -> str | None:
        """The word of the language that this name is, if it is one. A missing import is reported, once a word."""
        if not isinstance(node, ast.Name) or node.id in self.symbols.defined:
            return None
        name = node.id
        if name in BUILTINS:
            return name
        if name not in WORDS:
            return None
        if name not in self.symbols.imported:
            self.symbols.imported.add(name)
            module = WORDS[name]
            hint = f"add `from {module} import {name}`"
            self.report(Code.NOT_IMPORTED, node, f"`{name}` is not imported from {module}", hint)
        return name

    def unknown(self, node: Node, name: str, candidates: Iterable[str]) -> Poison:
        """Report a name that nothing defines."""
        hint = FORMER.get(name) or did_you_mean(name, sorted(candidates))
        if name in self.symbols.of_machine():
            hint = f"did you mean `self.{name}`?"
        return self.report(Code.UNKNOWN_NAME, node, f"nothing here is called `{name}`", hint)

    def in_time(self, node: Node, name: str, definition: Span) -> None:
        """Report a name that Python, reading from top to bottom, would meet before its definition."""
        if node.lineno < definition.line:
            message = f"`{name}` is used before it is defined in line {definition.line}"
            self.report(Code.TOO_EARLY, node, message, "Python reads a file from top to bottom; move the definition up")

    def check_order(self, node: ast.expr) -> None:
        """Report every name inside the node that Python would meet before its definition."""
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and part.id in self.symbols.defined:
                self.in_time(part, part.id, self.symbols.defined[part.id])

    def check_name(self, name: str, where: Node | Span, *, private: bool = False, local: bool = False) -> None:
        """Report a name that cannot be carried into every target, or that the language keeps for itself.

        One that is `private` to the spec, as that of a helper, may start with `_`. One that is `local` to a method, as
        that of a parameter, may not hide what Python itself means by it.
        """
        if not _NAME.fullmatch(name.removeprefix("_") if private else name):
            hint = "a name is made of the letters A to Z, digits and `_`, and starts with a letter"
            self.report(Code.BAD_NAME, where, f"`{name}` is not a usable name", hint)
        elif iskeyword(name) or name in WORDS or name in BUILTINS:
            self.report(Code.BAD_NAME, where, f"`{name}` is a word of the language")
        elif local and name in PYTHONS_OWN:
            self.report(Code.BAD_NAME, where, f"`{name}` is a name of Python's own", "choose another name")
        else:
            self.check_length(name, where)

    def check_length(self, name: str, where: Node | Span) -> None:
        """Report a name that no line has room for."""
        if len(name) > MAX_NAME:
            message = f"`{name[:MAX_NAME]}…` is too long: a name has {MAX_NAME} letters at most"
            self.report(Code.BAD_NAME, where, message)

    def define(self, name: str, where: Span) -> bool:
        """Enter a name of the module. A duplicate is reported, and is not to be entered anywhere else."""
        self.check_name(name, where)
        if (first := self.symbols.defined.get(name)) is not None:
            self.duplicate(name, where, first)
            return False
        self.symbols.defined[name] = where
        return True

    def duplicate(self, name: str, where: Node | Span, first: Span) -> None:
        """Report the second thing of one name."""
        self.report(Code.DUPLICATE, where, f"`{name}` is already defined in line {first.line}", "give it another name")


def arguments(call: ast.Call, names: Sequence[str]) -> dict[str, ast.expr] | None:
    """The arguments of a call by the names of its parameters; None if arguments and parameters do not fit."""
    given = dict(zip(names, call.args, strict=False))
    for keyword in call.keywords:
        if keyword.arg is None or keyword.arg not in names or keyword.arg in given:
            return None
        given[keyword.arg] = keyword.value
    return given if len(given) == len(call.args) + len(call.keywords) else None
