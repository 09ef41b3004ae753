"""Names of a spec that generated pages need for something else: found in the pages themselves, told by their places."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from quiesce.generate.python import names
from quiesce.generate.python.line_breaking import WIDTH
from quiesce.generate.python.long_lines import too_long
from quiesce.generate.python.scopes import BUILTINS, Scope, ambiguities
from quiesce.spec.activities import activities_of
from quiesce.spec.model import Action, Assign, Expr, Fails, ForEach, If, Machine, Quantified, Retire, Span, Total
from quiesce.spec.parts_of_actions import statements
from quiesce.spec.record import record
from quiesce.spec.rewrite import walk

_WORD = re.compile(r"\w+")


class NameClash(Exception):
    """A name of a spec cannot be one of the generated code; the message says why, and `span` is its place."""

    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.span = span


class BrokenPage(Exception):
    """A page that cannot be used, and no name of the spec is to blame: a defect of quiesce."""


@record
class _Use:
    """A use of a name by a spec: the name as it is generated, its scope, and the words by which a person knows it."""

    name: str
    scope: Scope
    what: str
    span: Span


def refuse_clashes(machine: Machine, path: str, page: str, beside: frozenset[str] = frozenset()) -> None:
    """See that every name of a page of Python stands for one thing, and that none makes a line too long.

    `beside` are the modules that lie beside it if it is that of a package, where they have names, too.

    Raises:
        NameClash: a name that comes from the spec does not, or is too long.
        BrokenPage: another name does not, or the page is no Python.
    """
    uses = tuple(_uses(machine))
    try:
        found = list(ambiguities(page, beside))
    except SyntaxError as error:
        raise BrokenPage(f"{path}: {error}") from error
    for ambiguity in found:
        _refuse(path, ambiguity.name, [use for use in uses if use.name == ambiguity.name], ambiguity.scope)
    try:
        compile(page, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        raise BrokenPage(f"{path}: {error}") from error
    for line in too_long(page):
        _refuse_long(path, line, uses)


def may_clash(machine: Machine) -> bool:
    """Whether a page of a package may have something against a name of the spec, which only the page itself tells.

    For most specs the answer is no, so that nobody has to make their pages to know it.
    """
    uses = tuple(_uses(machine))
    outer = {use.name for use in uses if use.scope is Scope.MODULE}
    meanings: dict[tuple[str, Scope], set[str]] = {}
    for use in uses:
        if use.name in names.NEEDED or len(use.name) > _SHORT or hasattr(type, use.name):
            return True
        if (use.scope is Scope.MODULE and use.name in BUILTINS) or (use.scope is Scope.FUNCTION and use.name in outer):
            return True
        # In functions, those that hold others' names are the constructor, and an action with loops.
        kind = "a parameter" if use.what.startswith(("the parameter ", "the member class ")) else use.what
        meanings.setdefault((use.name, use.scope), set()).add(kind)
    return any(len(found) > 1 for found in meanings.values())


_SHORT = 20
"""Characters of a name that makes no line too long."""


def _refuse_long(path: str, line: str, uses: Sequence[_Use]) -> None:
    """Refuse the longest name in a line, if the line is too long because of its names and not by itself."""
    words = Counter(_WORD.findall(line))
    there = [use for use in uses if use.name in words]
    spared = sum((len(name) - 1) * words[name] for name in {use.name for use in there})
    if len(line) - spared <= WIDTH:
        longest = max(there, key=lambda use: (len(use.name), -use.span.line))
        message = f"{longest.what}: a line of the generated code ({path}) would be too long; choose a shorter name"
        raise NameClash(message, longest.span)


def refuse_reserved(machine: Machine) -> None:
    """See that no class and no local name is one by which a core means something else, used there or not.

    The core is read back by its text, and these words have one meaning to the reader.

    Raises:
        NameClash: one is.
    """
    taken = {Scope.MODULE: names.RESERVED, Scope.CLASS: frozenset[str](), Scope.FUNCTION: names.reserved(machine)}
    for use in _uses(machine):
        if use.name in taken[use.scope]:
            _refuse("core.py", use.name, [use], use.scope)


def _refuse(path: str, name: str, uses: list[_Use], scope: Scope) -> None:
    uses = [use for use in uses if use.scope is scope] or uses
    if not uses:
        raise BrokenPage(f"{path}: `{name}` stands for two things")
    first = min(uses, key=lambda use: (use.span.line, use.span.column))
    other = next((use for use in uses if use.what != first.what), None)
    if other is not None and scope is not Scope.FUNCTION:
        message = f"{first.what} and {other.what} would both be `{name}` in the generated code; rename one of them"
    else:
        message = f"{first.what}: the generated code ({path}) needs the name `{name}` itself; choose another"
    raise NameClash(message, first.span)


def _uses(machine: Machine) -> Iterator[_Use]:
    """Everything of a spec that has a name in the generated code."""
    for enum in machine.enums:
        yield _Use(enum.type.name, Scope.MODULE, f"the enum {enum.type.name}", enum.span)
        for value, place in zip(enum.type.values, enum.places, strict=True):
            yield _Use(value, Scope.CLASS, f"the value {value} of {enum.type.name}", place)
    made = (names.core_class(machine), names.lifecycle_class(machine), names.error_class(machine))
    for name in (machine.name, *made):
        yield _Use(name, Scope.MODULE, f"the machine {machine.name}", machine.span)
    for family in machine.families:
        member = family.member.name
        yield _Use(member, Scope.MODULE, f"the member class {member}", family.span)
        yield _Use(family.name, Scope.CLASS, f"the family {family.name}", family.declared or family.span)
        yield _Use(names.retire_method(family.member), Scope.CLASS, f"the member class {member}", family.span)
        yield _Use(member[0].lower(), Scope.FUNCTION, f"the member class {member}", family.span)
        for field in family.fields:
            yield _Use(field.name, Scope.CLASS, f"the field {field.name} of {member}", field.span)
    for variable in machine.variables:
        yield _Use(variable.name, Scope.CLASS, f"the variable {variable.name}", variable.span)
    for policy in machine.policies:
        attribute = names.policy_attribute(policy.name)
        for scope in (Scope.CLASS, Scope.FUNCTION):
            yield _Use(attribute, scope, f"the policy {policy.name}", policy.span)
    for call, outcomes in machine.calls.items():
        yield _Use(names.call_method(call), Scope.CLASS, f"the call {call}", outcomes[0].span)
        entry = names.table_entry("call", names.call_method(call))
        yield _Use(entry, Scope.MODULE, f"the call {call}", outcomes[0].span)
    for activity in activities_of(machine):
        told, what = names.due_method(activity.name), f"the activity {activity.name}"
        yield _Use(activity.name, Scope.CLASS, what, activity.span)
        yield _Use(told, Scope.CLASS, what, activity.span)
        yield _Use(names.table_entry("work", activity.name), Scope.MODULE, what, activity.span)
    for session in machine.sessions:
        yield _Use(session.name, Scope.CLASS, f"the session {session.name}", session.span)
    for action in machine.actions:
        yield from _uses_of_action(machine, action)


def _uses_of_action(machine: Machine, action: Action) -> Iterator[_Use]:
    if isinstance(action.outcome, Fails):
        name = names.refusal_class(machine, action.outcome.error)
        yield _Use(name, Scope.MODULE, f"the error {action.outcome.error}", action.span)
    if action.timeout is not None:
        yield _Use(action.timeout, Scope.FUNCTION, f"the timeout {action.timeout}", action.span)
        entry = names.table_entry("clock", action.timeout)
        yield _Use(entry, Scope.MODULE, f"the timeout {action.timeout}", action.span)
    yield _Use(names.table_entry("step", action.name), Scope.MODULE, f"the action {action.name}", action.span)
    yield _Use(names.step_method(action), Scope.CLASS, f"the action {action.name}", action.span)
    yield _Use(names.guard_method(action), Scope.CLASS, f"the action {action.name}", action.span)
    for parameter in action.parameters:
        yield _Use(parameter.name, Scope.FUNCTION, f"the parameter {parameter.name} of {action.name}", parameter.span)
    for name in _bound_names(action):
        yield _Use(name, Scope.FUNCTION, f"the bound name {name} of {action.name}", action.span)


def _bound_names(action: Action) -> Iterator[str]:
    expressions: list[Expr] = list(action.when)
    for statement in statements(action.body):
        match statement:
            case ForEach(bound):
                yield bound
            case If(condition):
                expressions.append(condition)
            case Assign(_, value):
                expressions.append(value)
            case Retire():
                pass
    yield from (part.bound for each in expressions for part in walk(each) if isinstance(part, Quantified | Total))
