"""Identifiers of the generated code: every name of a class, method, attribute or argument is decided here."""

import builtins
import keyword
import re

from quiesce.spec.model import Action, Machine, MemberType


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
    """The class of exceptions that a lifecycle raises."""
    return f"{machine.name}Error"


def lifecycle_class(machine: Machine) -> str:
    """The class that people derive from."""
    return f"{machine.name}Lifecycle"


def refusal_class(machine: Machine, error: str) -> str:
    """The class of exception for one reason of refusals: `NOT_STARTED` -> `NotStarted`.

    Where that name is taken already, the machine's stands before it.
    """
    words = [word for word in re.split(r"\W|_", error) if word]
    name = "".join(word.capitalize() if word.isupper() else word[:1].upper() + word[1:] for word in words)
    return name if name.isidentifier() and name not in _taken(machine) else f"{machine.name}{name}"


def step_class(machine: Machine) -> str:
    """The class of what an observer is told: `Step`, with the machine's name before it where that is taken already."""
    return "Step" if "Step" not in _classes(machine) else f"{machine.name}Step"


def _taken(machine: Machine) -> frozenset[str]:
    return RESERVED | SHELL_WORDS | _classes(machine) | frozenset(dir(builtins))


def _classes(machine: Machine) -> frozenset[str]:
    classes = {*(enum.type.name for enum in machine.enums), *(family.member.name for family in machine.families)}
    return frozenset({*classes, machine.name, core_class(machine), error_class(machine), lifecycle_class(machine)})


def table_entry(kind: str, name: str) -> str:
    """The constant that says of a call, a step, an activity or a timeout what the model says of it."""
    return f"_{kind}_{name}".upper() if name.isascii() else f"_{kind}_{name}"


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


def due_method(activity: str) -> str:
    """The method that tells whether an activity is due."""
    return f"due_{activity}"


def retire_method(member: MemberType) -> str:
    """The method that gives a member back."""
    return f"_retire_{snake_case(member.name)}"


def retired(member: MemberType) -> str:
    """The argument of the method that gives a member back."""
    return member.name[0].lower()


_CORE_WORDS = ("Refused", "Blocked", "NotEnabled", "Enum", "auto", "dataclass", "Literal", "NoReturn")
RESERVED = frozenset(
    {*_CORE_WORDS, "Exception", "None", "ValueError", "all", "any", "bool", "dict", "int", "max", "min", "self", "str"}
    | {"sum", "super", "tuple"}
)
"""Names that a core needs for what they mean in Python, or in itself."""

_OF_LIFECYCLES = (
    *("ABC", "Callable", "Mapping", "RuntimeError", "Snapshot", "Step", "WouldDeadlock", "WrongLoop", "WrongMember"),
    *("abstractmethod", "condition", "core", "error", "float", "found", "list", "member", "name", "new", "object"),
    *("observe", "property", "replace", "snapshot", "state", "t", "timeout", "type", "value", "values", "wait_for"),
    "weakref",
)
_OF_TESTS = (
    *("MODEL", "MOVES", "Path", "SESSIONS", "TESTED", "WAITING", "exploring", "model", "test_much_more"),
    *("test_whoever_gives_up", "test_whoever_goes_on", "test_whoever_holds_a_session", "test_whoever_is_interrupted"),
    *("turns", "world"),
)
NEEDED = RESERVED | {*_OF_LIFECYCLES, *_OF_TESTS}
"""Every name that a page of some package has by itself. A name of a spec that is none of them is seldom refused."""

SHELL_WORDS = frozenset({"Snapshot", "Step", "WouldDeadlock", "WrongMember"})
"""Names of classes of a shell."""


def reserved(machine: Machine) -> frozenset[str]:
    """Names that nothing inside a method of the core may take."""
    classes = {*(enum.type.name for enum in machine.enums), *(family.member.name for family in machine.families)}
    return RESERVED | classes | {core_class(machine)}
