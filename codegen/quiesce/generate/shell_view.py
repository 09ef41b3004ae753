"""The view of the generic shell for its templates: a provider that any thread may call."""

from collections.abc import Iterator
from dataclasses import dataclass

from quiesce.generate.core.methods import (
    BODY,
    MethodView,
    accepting,
    arguments,
    literal_type,
    parameter_type,
    parameters_of,
)
from quiesce.generate.core.view import FieldView, policy_arguments
from quiesce.generate.python import names
from quiesce.generate.python.expressions import type_name
from quiesce.generate.python.line_breaking import INDENT, Bracketed, Shape, Word, laid_out
from quiesce.generate.python.text import docstring, filled, import_lines, page_doc, signature, sorted_exports, title
from quiesce.spec.model import (
    Accepts,
    Action,
    Blocks,
    EnumType,
    Fails,
    Machine,
    MemberType,
    ParameterDecl,
    Type,
)


@dataclass(frozen=True, slots=True)
class HookView:
    """A hook: its signature and what it is called after."""

    signature: tuple[str, ...]
    doc: str


@dataclass(frozen=True, slots=True)
class ShellView:
    """The modules of a package with the generic shell."""

    provider_doc: str
    hooks_doc: str
    package_doc: str
    name: str
    class_doc: str
    core: str
    error: str
    standard_imports: tuple[str, ...]
    core_imports: tuple[str, ...]
    has_calls: bool
    snapshot: tuple[FieldView, ...]
    snapshot_lines: tuple[str, ...]
    constructor: tuple[str, ...]
    policies: tuple[str, ...]
    methods: tuple[MethodView, ...]
    hook_imports: tuple[str, ...]
    hooks: tuple[HookView, ...]
    core_exports: tuple[str, ...]
    provider_exports: tuple[str, ...]
    exports: tuple[str, ...]


def shell_view(machine: Machine) -> ShellView:
    """The generic shell of `machine`."""
    enums = [enum.type.name for enum in machine.enums]
    members = [family.member.name for family in machine.families]
    exported = [*enums, *members, "NotEnabled"]
    error = names.error_class(machine)
    return ShellView(
        provider_doc=page_doc(machine, "the provider, safe to use from any thread"),
        hooks_doc=page_doc(machine, "what may be added to its steps from outside"),
        package_doc=docstring(title(machine), 0),
        name=machine.name,
        class_doc=docstring(f"{title(machine)}, for any number of threads.\n\n{_CONTRACT}", INDENT),
        core=names.core_class(machine),
        error=error,
        standard_imports=tuple(_standard_imports(machine)),
        core_imports=tuple(import_lines(".core", _names_in_provider(machine))),
        has_calls=bool(machine.calls),
        snapshot=(
            *(FieldView(variable.name, type_name(variable.type), "") for variable in machine.variables),
            *(FieldView(family.name, f"tuple[{family.member.name}, ...]", "") for family in machine.families),
        ),
        snapshot_lines=tuple(laid_out("return ", _snapshot(machine), "", BODY)),
        constructor=tuple(
            signature("__init__", (*policy_arguments(machine), "hooks: Hooks | None = None"), "None"),
        ),
        policies=tuple(names.policy_attribute(policy.name) for policy in machine.policies),
        methods=(
            *(_call(machine, call, outcomes) for call, outcomes in machine.calls.items()),
            *(_step(action) for action in machine.actions if not action.calls),
        ),
        hook_imports=tuple(import_lines(".core", _names_in_hooks(machine))),
        hooks=tuple(
            HookView(
                tuple(signature(names.step_method(action), arguments(action.parameters), "None")),
                docstring(action.doc or f"The action `{action.name}` happened.", BODY),
            )
            for action in machine.actions
            if isinstance(action.outcome, Accepts)
        ),
        core_exports=tuple(import_lines(".core", exported)),
        provider_exports=tuple(import_lines(".provider", [machine.name, error, "Snapshot"])),
        exports=tuple(sorted_exports([*exported, machine.name, error, "Hooks", "NoHooks", "Snapshot"])),
    )


_CONTRACT = """A call waits where the model says so, and raises where it is refused. A step of the provider or of the
world outside raises NotEnabled where it cannot happen. Members are read through `snapshot`."""


def _standard_imports(machine: Machine) -> Iterator[str]:
    yield "import threading"
    yield "from collections.abc import Callable"
    yield f"from dataclasses import dataclass{', replace' if machine.families else ''}"
    results = [_result(accepting(outcomes), _created(outcomes)) for outcomes in machine.calls.values()]
    used = {result.partition("[")[0] for result in results} & {"Literal", "NoReturn"}
    yield from import_lines("typing", [*used, *(["TypeVar"] if results else [])])


def _snapshot(machine: Machine) -> Shape:
    scalars = [f"self._core.{variable.name}" for variable in machine.variables]
    copies = [f"tuple(replace(member) for member in self._core.{family.name})" for family in machine.families]
    return Bracketed("Snapshot(", tuple(map(Word, (*scalars, *copies))), commas=True)


def _classes_of(types: list[Type]) -> list[str]:
    return [type_.name for type_ in types if isinstance(type_, EnumType | MemberType)]


def _names_in_provider(machine: Machine) -> list[str]:
    types: list[Type] = [parameter.type for action in machine.actions for parameter in action.parameters]
    types += [variable.type for variable in machine.variables]
    types += [policy.type for policy in machine.policies]
    members = [family.member.name for family in machine.families]
    words = [names.core_class(machine), *(["Blocked", "Refused"] if machine.calls else [])]
    return [*words, *members, *_classes_of(types)]


def _names_in_hooks(machine: Machine) -> list[str]:
    accepted = [action for action in machine.actions if isinstance(action.outcome, Accepts)]
    types: list[Type] = [parameter.type for action in accepted for parameter in action.parameters]
    return _classes_of(types)


def _call(machine: Machine, call: str, outcomes: tuple[Action, ...]) -> MethodView:
    parameters, accepted, margin = parameters_of(outcomes), accepting(outcomes), " " * BODY
    created = _created(outcomes)
    asked = tuple(parameter for parameter in parameters if not parameter.new)
    method = f"self._core.{names.call_method(call)}"
    attempt = f"lambda: {method}({_named(parameters)})" if parameters else method
    waiting = Bracketed("self._call(", (Word(attempt),))
    lines = [f"{margin}{parameter.name} = {parameter_type(parameter)}()" for parameter in created]
    if len(accepted) > 1:
        lines += laid_out("action = ", waiting, "", BODY)
        lines += [f"{margin}match action:", *(line for action in accepted for line in _case(action))]
        lines += [] if created else [f"{margin}return action"]
    else:
        lines += laid_out("", waiting, "", BODY)
        lines += [
            f"{margin}self._hooks.{names.step_method(action)}({_named(action.parameters)})" for action in accepted
        ]
    lines += [f"{margin}return {_named(created)}"] if created else []
    return MethodView(
        tuple(signature(names.call_method(call), arguments(asked), _result(accepted, created))),
        docstring("\n".join(_call_doc(machine, call, outcomes)), BODY),
        tuple(lines),
    )


def _created(outcomes: tuple[Action, ...]) -> tuple[ParameterDecl, ...]:
    """The members that a call makes and gives to its caller."""
    return tuple(parameter for parameter in parameters_of(outcomes) if parameter.new)


def _case(action: Action) -> Iterator[str]:
    margin = " " * (BODY + INDENT)
    yield f'{margin}case "{action.name}":'
    yield f"{margin}    self._hooks.{names.step_method(action)}({_named(action.parameters)})"


def _named(parameters: tuple[ParameterDecl, ...]) -> str:
    return ", ".join(parameter.name for parameter in parameters)


def _result(accepted: tuple[Action, ...], created: tuple[ParameterDecl, ...]) -> str:
    if not accepted:
        return "NoReturn"
    if created:
        types = [parameter_type(parameter) for parameter in created]
        return types[0] if len(types) == 1 else f"tuple[{', '.join(types)}]"
    return literal_type(accepted) if len(accepted) > 1 else "None"


def _call_doc(machine: Machine, call: str, outcomes: tuple[Action, ...]) -> Iterator[str]:
    yield f"The call {call}."
    waits = any(isinstance(action.outcome, Blocks) for action in outcomes)
    errors = dict.fromkeys(action.outcome.error for action in outcomes if isinstance(action.outcome, Fails))
    sentences = ["May have to wait."] if waits else []
    sentences += [f"Raises {names.error_class(machine)}: {', '.join(errors)}."] if errors else []
    if sentences:
        yield ""
        yield filled(" ".join(sentences), BODY)


def _step(action: Action) -> MethodView:
    margin, given = " " * BODY, _named(action.parameters)
    return MethodView(
        tuple(signature(names.step_method(action), arguments(action.parameters), "None")),
        docstring(action.doc or f"The step `{action.name}`.", BODY),
        (
            f"{margin}with self._changed:",
            f"{margin}    self._core.{names.step_method(action)}({given})",
            f"{margin}    self._changed.notify_all()",
            f"{margin}self._hooks.{names.step_method(action)}({given})",
        ),
    )
