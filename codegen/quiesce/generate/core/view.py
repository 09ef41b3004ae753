"""The view of a core for its template: finished lines, decided from the model."""

from collections.abc import Iterator

from quiesce.generate.core.methods import BODY, MethodView, accepting, call_view, due_view, step_views
from quiesce.generate.python import names
from quiesce.generate.python.expressions import literal, type_name
from quiesce.generate.python.line_breaking import INDENT, WIDTH
from quiesce.generate.python.statements import retire_lines
from quiesce.generate.python.text import docstring, natural_order, page_doc, signature
from quiesce.spec.activities import activities_of
from quiesce.spec.model import EnumDecl, FamilyDecl, Machine, PolicyDecl
from quiesce.spec.parts_of_actions import families_given_back
from quiesce.spec.record import record

_CORE_CONTRACT = "No method does I/O, waits or locks. The caller takes one step at a time."


@record
class EnumView:
    """An enum with its members in the order of the spec."""

    name: str
    doc: str
    values: tuple[str, ...]


@record
class FieldView:
    """A field of a member class, or an attribute set by the constructor."""

    name: str
    type: str
    initial: str


@record
class FamilyView:
    """A family, its member class and the lines that give a member back."""

    name: str
    member: str
    doc: str
    fields: tuple[FieldView, ...]
    retire_method: str
    retired: str
    retire_lines: tuple[str, ...]


@record
class CoreView:
    """A core module."""

    doc: str
    imports: tuple[str, ...]
    enums: tuple[EnumView, ...]
    families: tuple[FamilyView, ...]
    name: str
    class_doc: str
    slots: tuple[str, ...]
    constructor: tuple[str, ...]
    policy_checks: tuple[str, ...]
    policies: tuple[str, ...]
    variables: tuple[FieldView, ...]
    calls: tuple[MethodView, ...]
    steps: tuple[MethodView, ...]
    due: tuple[MethodView, ...]


def core_view(machine: Machine) -> CoreView:
    """The core of `machine`."""
    policies = tuple(names.policy_attribute(policy.name) for policy in machine.policies)
    stored = [*policies, *(variable.name for variable in machine.variables), *machine.families_by_name]
    return CoreView(
        doc=page_doc(machine, "its transitions", _CORE_CONTRACT),
        imports=_imports(machine),
        enums=tuple(_enum(enum) for enum in machine.enums),
        families=tuple(_family(machine, family) for family in machine.families),
        name=names.core_class(machine),
        class_doc=docstring(machine.doc or f"The state of {machine.name} and its transitions.", INDENT),
        slots=tuple(_slots(stored)),
        constructor=tuple(signature("__init__", policy_arguments(machine), "None")),
        policy_checks=tuple(line for policy in machine.policies for line in _policy_check(policy)),
        policies=policies,
        variables=tuple(
            FieldView(variable.name, type_name(variable.type), literal(variable.initial, variable.type))
            for variable in machine.variables
        ),
        calls=tuple(call_view(machine, call, outcomes) for call, outcomes in machine.calls.items()),
        steps=tuple(method for action in machine.actions if not action.calls for method in step_views(machine, action)),
        due=tuple(due_view(machine, activity) for activity in activities_of(machine)),
    )


# --- declarations -----------------------------------------------------------------------------------------------


def _enum(enum: EnumDecl) -> EnumView:
    name = enum.type.name
    return EnumView(name, docstring(enum.doc or f"A value of `{name}`.", INDENT), enum.type.values)


def _slots(stored: list[str]) -> list[str]:
    """The lines of `__slots__`, in alphabetical order."""
    quoted = [f'"{name}"' for name in sorted(stored, key=natural_order)]
    line = f"    __slots__ = ({', '.join(quoted)}{',' if len(quoted) == 1 else ''})"
    return [line] if len(line) <= WIDTH else ["    __slots__ = (", *(f"        {name}," for name in quoted), "    )"]


def _imports(machine: Machine) -> tuple[str, ...]:
    accepted = [bool(accepting(outcomes)) for outcomes in machine.calls.values()]
    typing = [name for name, used in (("Literal", any(accepted)), ("NoReturn", not all(accepted))) if used]
    lines = ["from dataclasses import dataclass"] if machine.families else []
    lines += ["from enum import Enum, auto"] if machine.enums else []
    return tuple(lines + ([f"from typing import {', '.join(typing)}"] if typing else []))


def _family(machine: Machine, family: FamilyDecl) -> FamilyView:
    given_back = family in families_given_back(machine)
    return FamilyView(
        family.name,
        family.member.name,
        docstring(family.doc or f"A member of `{family.name}`.", INDENT),
        tuple(
            FieldView(field.name, type_name(field.type), literal(field.initial, field.type)) for field in family.fields
        ),
        names.retire_method(family.member),
        names.retired(family.member),
        tuple(retire_lines(family, names.retired(family.member), BODY)) if given_back else (),
    )


def policy_arguments(machine: Machine) -> tuple[str, ...]:
    """The constructor's arguments, each with the default alternative."""
    return tuple(
        f"{names.policy_attribute(policy.name)}: {policy.type.name} = {literal(policy.alternatives[0], policy.type)}"
        for policy in machine.policies
    )


def _policy_check(policy: PolicyDecl) -> Iterator[str]:
    """Only the declared alternatives were verified; a type that has more values needs a check."""
    if set(policy.alternatives) == set(policy.type.values):
        return
    name, margin = names.policy_attribute(policy.name), " " * BODY
    allowed = [literal(alternative, policy.type) for alternative in policy.alternatives]
    condition = f"{name} not in ({', '.join(allowed)})" if len(allowed) > 1 else f"{name} is not {allowed[0]}"
    yield f"{margin}if {condition}:"
    yield f'{margin}    raise ValueError(f"{name} must be one of the verified alternatives, not {{{name}}}")'
