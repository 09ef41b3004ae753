"""A typed machine as the text of a spec, so that a failing one can be read, saved and verified by hand."""

import re
from collections.abc import Iterator
from typing import assert_never

from quiesce.spec.model import (
    Accepts,
    Action,
    Always,
    Answers,
    Assign,
    Blocks,
    BoolType,
    EnumType,
    Expr,
    Fails,
    Field,
    ForEach,
    If,
    Initially,
    IntType,
    LeadsTo,
    Machine,
    MemberType,
    ParameterDecl,
    Possible,
    Pristine,
    Promise,
    Recoverable,
    Retire,
    Statement,
    Step,
    Type,
    Variable,
    VariableDecl,
)
from quiesce.spec.show import show, show_value

WORDS = (
    "Family Machine Member Nat New Persistent Range always answers assume call count environment implies initially "
    "internal leads_to policy possible pristine recoverable retire step when"
)


def listing(machine: Machine) -> str:
    """The text. Policies are constants, and are read without `self`."""
    text = "\n".join(_lines(machine)) + "\n"
    for policy in machine.policies:
        text = re.sub(rf"\b(self|old)\.{policy.name}\b", policy.name, text)
    return text


def _lines(machine: Machine) -> Iterator[str]:
    yield "from enum import Enum, auto"
    yield "from typing import Annotated"
    yield ""
    yield f"from quiesce.spec import {', '.join(WORDS.split())}"
    for declared in machine.enums:
        yield from ("", "", f"class {declared.type.name}(Enum):")
        yield from (f"    {value} = auto()" for value in declared.type.values)
    for policy in machine.policies:
        yield from ("", f"{policy.name} = policy({', '.join(f'{policy.type.name}.{v}' for v in policy.alternatives)})")
    for family in machine.families:
        yield from ("", "", f"class {family.member.name}(Member):")
        yield from (f"    {_declared(declared)}" for declared in family.fields)
    yield from ("", "", f"class {machine.name}(Machine):")
    yield from (f"    {_declared(declared)}" for declared in machine.variables)
    yield from (f"    {family.name}: Family[{family.member.name}]" for family in machine.families)
    for action in machine.actions:
        yield ""
        yield from (f"    {line}" for line in _action(action))
    for promise in machine.promises:
        yield ""
        yield from (f"    {line}" for line in _promise(machine, promise))


def _declared(declared: VariableDecl) -> str:
    type_ = f"Persistent[{_type(declared.type)}]" if declared.persistent else _type(declared.type)
    return f"{declared.name}: {type_} = {show_value(declared.initial, declared.type)}"


def _type(type_: Type) -> str:
    match type_:
        case BoolType():
            return "bool"
        case IntType(0, None):
            return "Nat"
        case IntType(None, None):
            return "int"
        case IntType(low, high):
            return f"Annotated[int, Range({low}, {high})]"
        case EnumType(name) | MemberType(name):
            return name
        case _:
            assert_never(type_)


def _parameter(parameter: ParameterDecl) -> str:
    type_ = _type(parameter.type)
    return f"{parameter.name}: {f'New[{type_}]' if parameter.new else type_}"


def _action(action: Action) -> Iterator[str]:
    said = [f'"{name}"' for name in action.calls]
    match action.outcome:
        case Accepts():
            pass
        case Fails(error):
            said.append(f'fails="{error}"')
        case Blocks(fair):
            said += ["blocks=True", f"fair=[{', '.join(fair)}]"]
        case _:
            assert_never(action.outcome)
    yield f"@{action.kind.value}({', '.join(said)})" if said else f"@{action.kind.value}"
    yield f"def {action.name}({', '.join(['self', *map(_parameter, action.parameters)])}) -> None:"
    yield from (f"    when({show(condition)})" for condition in action.when)
    yield from (f'    assume({show(a.claim)}, "{a.because}")' for a in action.assumes)
    yield from (f"    {line}" for line in _body(action.body))
    if not (action.when or action.assumes or action.body):
        yield "    pass"


def _body(body: tuple[Statement, ...]) -> Iterator[str]:
    for statement in body:
        match statement:
            case Assign(target, value):
                yield f"{_place(target)} = {show(value)}"
            case Retire(member):
                yield f"retire({member})"
            case If(condition, then, otherwise):
                yield f"if {show(condition)}:"
                yield from (f"    {line}" for line in _body(then))
                if otherwise:
                    yield "else:"
                    yield from (f"    {line}" for line in _body(otherwise))
            case ForEach(bound, family, inner):
                yield f"for {bound} in self.{family}:"
                yield from (f"    {line}" for line in _body(inner))
            case _:
                assert_never(statement)


def _place(target: Variable | Field) -> str:
    return show(target)


def _promise(machine: Machine, promise: Promise) -> Iterator[str]:
    given, said, returns = ["self"], [], "bool"
    match promise.claim:
        case Always(claim):
            word, value = "always", show(claim)
        case Step(claim, unless, parameters):
            word, value = "step", show(claim)
            given += [f'old: "{machine.name}"', *map(_parameter, parameters)]
            only = [action.name for action in machine.actions if action.name not in unless]
            if parameters:
                said.append(f"only=[{', '.join(only)}]")
            elif unless:
                said.append(f"unless=[{', '.join(unless)}]")
        case Pristine(released):
            word, value = "pristine", show(released)
        case Recoverable(goal):
            word, value = "recoverable", show(goal)
        case LeadsTo(trigger, goal, fair):
            word, value, returns = "leads_to", _two(trigger, goal), "tuple[bool, bool]"
            said.append(f"fair=[{', '.join(fair)}]")
        case Answers(claim, calls, error, parameters):
            word, value = "answers", show(claim)
            said += [f'"{call}"' for call in calls]
            said += [f'fails="{error}"'] if error is not None else []
            given += map(_parameter, parameters)
        case Possible(claim, actions, parameters):
            word, value = "possible", show(claim)
            said += actions
            given += map(_parameter, parameters)
        case Initially(claim):
            word, value = "initially", show(claim)
        case _:
            assert_never(promise.claim)
    if not promise.holds:
        said.append("holds=False")
    if not promise.assuming:
        said.append("assuming=False")
    yield f"@{word}({', '.join(said)})" if said else f"@{word}"
    yield f"def {promise.name}({', '.join(given)}) -> {returns}:"
    yield f"    return {value}"


def _two(trigger: Expr, goal: Expr) -> str:
    return f"{show(trigger)}, {show(goal)}"
