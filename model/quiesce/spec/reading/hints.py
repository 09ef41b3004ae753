"""Reading one expression about a machine that was read before: the text of an invariant, of a rank, of a fact.

It is read by the code that reads the expressions of specs, against what the machine declares. So an expression has the
types that the declarations give it, and nothing else can be spelled. Helpers of the spec are not known here: they were
put in place when the spec was read, and are no part of the machine.
"""

import ast
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from quiesce.spec.codes import Code
from quiesce.spec.diagnostics import Diagnostic, SpecError
from quiesce.spec.model import (
    BOOL,
    INT,
    EnumType,
    Expr,
    FamilyDecl,
    Machine,
    ParameterDecl,
    Quantified,
    ScalarType,
    Span,
    Total,
)
from quiesce.spec.reading.context import Context
from quiesce.spec.reading.expressions import Expressions
from quiesce.spec.reading.problems import POISON, Problems
from quiesce.spec.reading.scope import Binding, MemberRef, Scope, StateRef
from quiesce.spec.reading.symbols import WORDS, MemberClass, Symbols
from quiesce.spec.rewrite import children
from quiesce.spec.source import parse

LONGEST = 20_000
"""The largest number of characters of one expression."""

MOST_BOUND = 4
"""The largest number of members that may be bound one inside the other: each goes through its family."""

_WHOLE = Span(1, 1, 1, 1)


def read_claim(
    machine: Machine, text: str, place: PurePosixPath, members: Mapping[str, ParameterDecl] | None = None
) -> Expr:
    """The truth value that a text stands for, in one state of `machine`.

    It may speak of `members`, each under the name in the text; in the expression it has the name of its parameter.

    Raises:
        SpecError: it is no such text; the diagnostics say that it stands at `place`.
    """
    return _read(machine, text, place, members or {}, BOOL)


def read_number(machine: Machine, text: str, place: PurePosixPath) -> Expr:
    """The integer that a text stands for, in one state of `machine`.

    Raises:
        SpecError: it is no such text; the diagnostics say that it stands at `place`.
    """
    return _read(machine, text, place, {}, INT)


def _read(
    machine: Machine, text: str, place: PurePosixPath, members: Mapping[str, ParameterDecl], type_: ScalarType
) -> Expr:
    node, context = _parsed(text, place)
    _declare(context.symbols, machine)
    scope = _scope(context, machine, members)
    if context.problems:
        raise context.problems.error()
    found = Expressions(context).read(node, scope, type_)
    if found is POISON or context.problems:
        raise context.problems.error()
    if _most_bound(found) > MOST_BOUND:
        raise _refused(place, Code.TOO_DEEP, f"the expression binds more than {MOST_BOUND} members inside each other")
    return found


def _parsed(text: str, place: PurePosixPath) -> tuple[ast.expr, Context]:
    """The one expression that a text consists of."""
    if len(text) > LONGEST:
        raise _refused(place, Code.TOO_LARGE, f"the expression has more than {LONGEST} characters")
    if not (text.isascii() and text.isprintable()):
        raise _refused(place, Code.NOT_TEXT, "an expression is one line of printable ASCII characters")
    source = parse(text, place)
    match source.tree.body:
        case [ast.Expr(value=node)]:
            return node, Context(source, Problems(source))
        case _:
            raise _refused(place, Code.NOT_A_SPEC, "there has to be one expression, and nothing else")


def _declare(symbols: Symbols, machine: Machine) -> None:
    """Enter what a machine declares; everything of the language is known without an import."""
    symbols.imported |= WORDS.keys()
    symbols.machine = machine.name
    symbols.enums |= {type_.name: type_ for type_ in _enums(machine)}
    symbols.policies |= {policy.name: policy.type for policy in machine.policies}
    symbols.variables |= {variable.name: variable for variable in machine.variables}
    for family in machine.families:
        cls = _class(family)
        symbols.members[cls.name] = cls
        symbols.families[family.name] = cls
    names = {machine.name, *symbols.enums, *symbols.policies, *symbols.members}
    symbols.defined |= dict.fromkeys(names, _WHOLE)


def _enums(machine: Machine) -> Iterator[EnumType]:
    yield from (enum.type for enum in machine.enums)
    fields = (declared for family in machine.families for declared in family.fields)
    yield from (d.type for d in (*machine.variables, *fields) if isinstance(d.type, EnumType))


def _class(family: FamilyDecl) -> MemberClass:
    fields = {declared.name: declared for declared in family.fields}
    return MemberClass(family.member.name, family.doc, family.span, dict(fields), {}, family.name)


def _scope(context: Context, machine: Machine, members: Mapping[str, ParameterDecl]) -> Scope:
    names: dict[str, Binding] = {"self": StateRef(old=False)}
    for name, parameter in members.items():
        context.check_name(name, _WHOLE)
        family = next((family for family in machine.families if family.member == parameter.type), None)
        if family is None or name in context.symbols.defined:
            context.report(Code.BAD_NAME, _WHOLE, f"`{name}` is no name for a member here")
        else:
            names[name] = MemberRef(parameter.name, family.name, context.symbols.members[family.member.name])
    return Scope(names, frozenset({"self", *members, *(parameter.name for parameter in members.values())}))


def _most_bound(expr: Expr) -> int:
    """The largest number of members that are bound one inside the other."""
    inside = max((_most_bound(child) for child in children(expr)), default=0)
    return inside + isinstance(expr, Quantified | Total)


def _refused(place: PurePosixPath, code: Code, message: str) -> SpecError:
    return SpecError([Diagnostic(code.number, str(place), _WHOLE, message)])
