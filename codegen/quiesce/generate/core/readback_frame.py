"""The frame of an emitted core: everything but the bodies of its methods, which has to follow from the model alone.

The text that stands around the methods is written down here once more, from the model and not by the template, and
compared node by node. So whatever is more, less or other than that is found: a name that is defined anew, an import, a
decorator, a base class, a default, a value of an enum, a check of a policy, a method that nobody asked for.
"""

import ast
from collections.abc import Container, Iterable, Iterator
from copy import copy
from io import BytesIO
from itertools import zip_longest
from tokenize import detect_encoding

from quiesce.generate.core.methods import guard_parameters, parameters_of
from quiesce.generate.python import names
from quiesce.spec.activities import activities_of
from quiesce.spec.model import (
    Accepts,
    Action,
    BoolType,
    EnumType,
    IntType,
    Machine,
    MemberType,
    ParameterDecl,
    PolicyDecl,
    Type,
)
from quiesce.spec.parts_of_actions import families_given_back
from quiesce.spec.show import show_value

EXCEPTIONS = """
class Refused(Exception):
    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


class Blocked(Exception):
    ...


class NotEnabled(Exception):
    ...
"""


def frame_differences(machine: Machine, core: str) -> Iterator[str]:
    """The differences between the text around the bodies and the model, in words."""
    if taken := sorted(_own_names(machine) & names.RESERVED):
        yield f"{taken[0]}: a core needs this name for something else"
        return
    encoding, _ = detect_encoding(BytesIO(core.encode()).readline)
    if encoding != "utf-8":
        yield f"Python would read it as {encoding}"
        return
    frame = _Frame({names.policy_attribute(policy.name) for policy in machine.policies})
    yield from _compare("", frame.visit(ast.parse(core)).body, frame.visit(ast.parse(_expected(machine))).body)


def _own_names(machine: Machine) -> set[str]:
    """The names that the module defines besides those that every core defines."""
    own = {enum.type.name for enum in machine.enums} | {family.member.name for family in machine.families}
    return own | {names.core_class(machine)}


# --- comparing ----------------------------------------------------------------------------------------------------


_NAMED = (ast.ClassDef, ast.FunctionDef)


def _compare(place: str, found: list[ast.stmt], wanted: list[ast.stmt]) -> Iterator[str]:
    """The differences between two blocks. The order of the methods of a class is free, and no other is."""
    methods, due_methods = _methods(found), _methods(wanted)
    for name in sorted({*methods, *due_methods}):
        for one, due in zip_longest(methods.get(name, ()), due_methods.get(name, ())):
            yield from _different(place, one, due)
    others = ([node for node in body if not isinstance(node, ast.FunctionDef)] for body in (found, wanted))
    for other, expected in zip_longest(*others):
        yield from _different(place, other, expected)


def _methods(body: list[ast.stmt]) -> dict[str, list[ast.FunctionDef]]:
    listed: dict[str, list[ast.FunctionDef]] = {}
    for node in body:
        if isinstance(node, ast.FunctionDef):
            listed.setdefault(node.name, []).append(node)
    return listed


def _different(place: str, one: ast.stmt | None, due: ast.stmt | None) -> Iterator[str]:
    if isinstance(one, _NAMED) and isinstance(due, _NAMED) and type(one) is type(due) and one.name == due.name:
        if ast.dump(_head_of(one)) != ast.dump(_head_of(due)):
            yield f"{place}{one.name}: {_title(one)} instead of {_title(due)}"
        yield from _compare(f"{place}{one.name}: ", one.body, due.body)
    elif one is None or due is None or ast.dump(one) != ast.dump(due):
        yield f"{place}{_title(one)} instead of {_title(due)}"


def _head_of(node: ast.ClassDef | ast.FunctionDef) -> ast.ClassDef | ast.FunctionDef:
    head = copy(node)
    head.body = []
    return head


def _title(node: ast.stmt | None) -> str:
    if node is None:
        return "nothing"
    shown = _head_of(node) if isinstance(node, _NAMED) else node
    return f"`{' '.join(ast.unparse(shown).split())}`"


class _Frame(ast.NodeTransformer):
    """Leaves out docstrings, the bodies of methods and the words of messages, and puts slots in order.

    What messages may show are the `arguments` of the constructor.
    """

    def __init__(self, arguments: Container[str]) -> None:
        self._arguments = arguments

    def visit_Module(self, node: ast.Module) -> ast.Module:
        """The module without its docstring."""
        node.body = without_docstring(node.body)
        self.generic_visit(node)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        """A class without its docstring; the bodies of its methods are read elsewhere, but for constructors."""
        node.body = without_docstring(node.body) or [ast.Expr(ast.Constant(...))]
        self.generic_visit(node)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """The head of a method, and the whole of a constructor."""
        node.body = without_docstring(node.body) if node.name == "__init__" else [ast.Expr(ast.Constant(...))]
        self.generic_visit(node)
        return node

    def visit_Raise(self, node: ast.Raise) -> ast.Raise:
        """`raise ValueError(…)` without the message, if that does nothing but show names."""
        if is_out_of_range(node, self._arguments):
            return ast.Raise(ast.Call(ast.Name("ValueError", ast.Load()), [], []), None)
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        """The names of slots in alphabetical order: theirs means nothing."""
        match node:
            case ast.Assign([ast.Name("__slots__")], ast.Tuple(elements)):
                node.value = ast.Tuple(sorted(elements, key=ast.dump), ast.Load())
            case _:
                pass
        return node


def without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements behind the docstring."""
    match body:
        case [ast.Expr(ast.Constant(str())), *rest]:
            return rest
        case _:
            return body


def is_out_of_range(node: ast.Raise, arguments: Container[str]) -> bool:
    """Whether a statement is `raise ValueError(…)` with a message that shows plain arguments at most."""
    match node:
        case ast.Raise(ast.Call(ast.Name("ValueError"), [ast.JoinedStr(parts)], []), None):
            return all(_shows_an_argument(part, arguments) for part in parts)
        case ast.Raise(ast.Call(ast.Name("ValueError"), [ast.Constant(str())], []), None):
            return True
        case _:
            return False


def _shows_an_argument(part: ast.expr, arguments: Container[str]) -> bool:
    match part:
        case ast.FormattedValue(ast.Name(shown), -1, None):
            return shown in arguments
        case ast.Constant(str()):
            return True
        case _:
            return False


# --- what the model says -------------------------------------------------------------------------------------------


def _expected(machine: Machine) -> str:
    """A core of the machine whose methods have no bodies."""
    lines = [*_imports(machine)]
    for enum in machine.enums:
        lines += [f"class {enum.type.name}(Enum):", *(f"    {value} = auto()" for value in enum.type.values)]
    lines += EXCEPTIONS.splitlines()
    for family in machine.families:
        lines += ["@dataclass(slots=True, eq=False)", f"class {family.member.name}:"]
        lines += [f"    {f.name}: {annotation(f.type)} = {show_value(f.initial, f.type)}" for f in family.fields]
    lines += [f"class {names.core_class(machine)}:", f"    __slots__ = ({''.join(_slots(machine))})"]
    lines += _constructor(machine)
    for call, outcomes in machine.calls.items():
        lines.append(_head(names.call_method(call), parameters_of(outcomes), _answer(outcomes)))
    for action in (action for action in machine.actions if not action.calls):
        lines.append(_head(names.guard_method(action), guard_parameters(action), "bool"))
        lines.append(_head(names.step_method(action), action.parameters, "None"))
    for activity in activities_of(machine):
        asked = () if activity.member is None else (activity.member,)
        lines.append(_head(names.due_method(activity.name), asked, "bool"))
    for family in families_given_back(machine):
        given = f"{names.retired(family.member)}: {family.member.name}"
        lines.append(f"    def {names.retire_method(family.member)}(self, {given}) -> None: ...")
    return "\n".join(lines)


def _imports(machine: Machine) -> Iterator[str]:
    if machine.families:
        yield "from dataclasses import dataclass"
    if machine.enums:
        yield "from enum import Enum, auto"
    answers = {_answer(outcomes).partition("[")[0] for outcomes in machine.calls.values()}
    if answers:
        yield f"from typing import {', '.join(sorted(answers))}"


def _slots(machine: Machine) -> Iterator[str]:
    yield from (f'"{names.policy_attribute(policy.name)}", ' for policy in machine.policies)
    yield from (f'"{variable.name}", ' for variable in machine.variables)
    yield from (f'"{family.name}", ' for family in machine.families)


def _constructor(machine: Machine) -> Iterator[str]:
    choices = (f", {_policy(policy)}" for policy in machine.policies)
    yield f"    def __init__(self{''.join(choices)}) -> None:"
    for policy in machine.policies:
        if set(policy.alternatives) != set(policy.type.values):
            name = names.policy_attribute(policy.name)
            allowed = [f"{policy.type.name}.{value}" for value in policy.alternatives]
            other = f"not in ({', '.join(allowed)})" if len(allowed) > 1 else f"is not {allowed[0]}"
            yield f'        if {name} {other}: raise ValueError("")'
    for name in (names.policy_attribute(policy.name) for policy in machine.policies):
        yield f"        self.{name} = {name}"
    for variable in machine.variables:
        yield f"        self.{variable.name} = {show_value(variable.initial, variable.type)}"
    for family in machine.families:
        yield f"        self.{family.name}: dict[{family.member.name}, None] = {{}}"


def _policy(policy: PolicyDecl) -> str:
    default = f"{policy.type.name}.{policy.alternatives[0]}"
    return f"{names.policy_attribute(policy.name)}: {policy.type.name} = {default}"


def _head(name: str, parameters: Iterable[ParameterDecl], result: str) -> str:
    given = "".join(f", {parameter.name}: {annotation(parameter.type)}" for parameter in parameters)
    return f"    def {name}(self{given}) -> {result}: ..."


def _answer(outcomes: tuple[Action, ...]) -> str:
    accepting = [f'"{action.name}"' for action in outcomes if isinstance(action.outcome, Accepts)]
    return f"Literal[{', '.join(accepting)}]" if accepting else "NoReturn"


def annotation(type_: Type) -> str:
    """A type without bounds: what is known of arguments is the model's business."""
    match type_:
        case BoolType():
            return "bool"
        case IntType():
            return "int"
        case EnumType(name) | MemberType(name):
            return name
