"""Every identifier of the generated code is decided here."""

import keyword
import re
from collections import Counter
from collections.abc import Iterator
from typing import assert_never

from quiesce.spec.model import (
    Action,
    Assign,
    Expr,
    ForEach,
    If,
    Machine,
    MemberType,
    Quantified,
    Retire,
    Statement,
    Total,
)
from quiesce.spec.rewrite import walk


class NameClash(Exception):
    """Two things of a spec would get one name in the generated code; the message says which."""


def snake_case(name: str) -> str:
    """`WSPSetSockOpt` -> `wsp_set_sock_opt`. A name that Python keeps for itself gets an underscore."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    identifier = re.sub(r"\W|_+", "_", words).strip("_").lower()
    if not identifier or identifier[0].isdigit():
        identifier = f"call_{identifier}"
    return f"{identifier}_" if keyword.iskeyword(identifier) else identifier


def core_class(machine: Machine) -> str:
    """The class of the pure transitions."""
    return f"{machine.name}Core"


def error_class(machine: Machine) -> str:
    """What a refused call of the generic shell raises."""
    return f"{machine.name}Error"


def policy_attribute(name: str) -> str:
    """The attribute that holds a policy: `OPEN_SOCKETS` -> `open_sockets`."""
    return snake_case(name)


def call_method(call: str) -> str:
    """The method of a call."""
    return snake_case(call)


def step_method(action: Action) -> str:
    """The method of an internal or environment action; also that of the hook after any accepting action."""
    return action.name


def guard_method(action: Action) -> str:
    """The method that tells whether an internal or environment action may happen."""
    return f"can_{action.name}"


def retire_method(member: MemberType) -> str:
    """The method that gives a member back."""
    return f"_retire_{snake_case(member.name)}"


_CORE_WORDS = ("Refused", "Blocked", "NotEnabled", "Enum", "auto", "dataclass", "Literal", "NoReturn")
RESERVED = frozenset(
    {*_CORE_WORDS, "Exception", "None", "ValueError", "all", "any", "bool", "dict", "int", "max", "min", "self", "str"}
    | {"sum", "super", "tuple"}
)
"""Names that a core needs for what they mean in Python, or in itself."""

_SHELL_WORDS = ("Snapshot", "Hooks", "NoHooks", "Callable", "Condition", "Protocol", "replace")
_SHELL_METHODS = ("snapshot", "wait_for")
_NAMES_IN_USE = RESERVED | {"action"}


def check_names(machine: Machine) -> None:
    """Raise `NameClash` if the generated code would use one name for two things."""
    classes = [*(enum.type.name for enum in machine.enums), *(family.member.name for family in machine.families)]
    classes += [machine.name, core_class(machine), error_class(machine), *_CORE_WORDS, *_SHELL_WORDS]
    _refuse_repetition("class", classes)
    if taken := sorted(RESERVED.intersection(classes[: -len(_CORE_WORDS) - len(_SHELL_WORDS)])):
        raise NameClash(f"the generated code needs the name {taken[0]} itself; choose another")
    steps = [action for action in machine.actions if not action.calls]
    attributes = [variable.name for variable in machine.variables]
    attributes += [family.name for family in machine.families]
    attributes += [policy_attribute(policy.name) for policy in machine.policies]
    attributes += [call_method(call) for call in machine.calls]
    attributes += [name for action in steps for name in (step_method(action), guard_method(action))]
    attributes += [retire_method(family.member) for family in machine.families]
    _refuse_repetition("attribute", [*attributes, *_SHELL_METHODS])
    for action in machine.actions:
        local_names = {parameter.name for parameter in action.parameters} | set(_bound_names(action.body))
        local_names |= {name for condition in action.when for name in _quantified_names(condition)}
        if taken := sorted(local_names & (_NAMES_IN_USE | set(classes))):
            raise NameClash(f"{action.name}: the generated code needs the name {taken[0]} itself; choose another")


def reserved(machine: Machine) -> frozenset[str]:
    """Names that nothing inside a method of the core may take."""
    classes = {*(enum.type.name for enum in machine.enums), *(family.member.name for family in machine.families)}
    return RESERVED | classes | {core_class(machine)}


def _refuse_repetition(what: str, names: list[str]) -> None:
    repeated = [name for name, times in Counter(names).items() if times > 1]
    if repeated:
        raise NameClash(f"two things would become the {what} {repeated[0]} of the generated code; rename one of them")


def _bound_names(body: tuple[Statement, ...]) -> Iterator[str]:
    for statement in body:
        match statement:
            case ForEach(bound, _, inner):
                yield bound
                yield from _bound_names(inner)
            case If(condition, then, otherwise):
                yield from _quantified_names(condition)
                yield from _bound_names((*then, *otherwise))
            case Assign(_, value):
                yield from _quantified_names(value)
            case Retire():
                pass
            case _:
                assert_never(statement)


def _quantified_names(expr: Expr) -> Iterator[str]:
    return (part.bound for part in walk(expr) if isinstance(part, Quantified | Total))
