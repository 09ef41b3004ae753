"""Runs as JSON, and back. What is read is checked against the machine in every part, but not replayed.

A state is one object: each variable and policy by its name, and each family as a list of objects, one for each member.
"""

from collections.abc import Iterable, Mapping
from typing import assert_never

from quiesce.spec.model import BoolType, EnumType, IntType, Machine, MemberType, ScalarType, Type, Value
from quiesce.spec.state import Move, Run, State


class NotARun(ValueError):
    """What was read is not a run of the machine."""


def run_json(run: Run) -> dict[str, object]:
    """A run in the form that `read_run` takes."""
    steps = [{"action": m.action, "arguments": dict(m.arguments), "state": _state_json(m.state)} for m in run.moves]
    return {"start": _state_json(run.start), "steps": steps}


def _state_json(state: State) -> dict[str, object]:
    members = {name: [dict(member) for member in members] for name, members in state.families.items()}
    return {**state.scalars, **members}


def read_run(machine: Machine, content: object) -> Run:
    """The run that was written.

    Integers may lie outside their declared bounds: that is what some runs are kept for.

    Raises:
        NotARun: a part is missing, is too much, or does not fit the machine.
    """
    parts = _object(content, ("start", "steps"), "a run")
    start = _state(machine, parts["start"])
    moves = tuple(_move(machine, step) for step in _list(parts["steps"], "the steps"))
    sizes = {tuple(map(len, state.families.values())) for state in (start, *(move.state for move in moves))}
    if len(sizes) != 1:
        raise NotARun("the number of members changes during the run")
    return Run(start, moves)


def _move(machine: Machine, content: object) -> Move:
    parts = _object(content, ("action", "arguments", "state"), "a step")
    action = machine.actions_by_name.get(_text(parts["action"]))
    if action is None:
        raise NotARun(f"there is no action {parts['action']}")
    given = _object(parts["arguments"], [p.name for p in action.parameters], f"the arguments of {action.name}")
    arguments = {parameter.name: _value(given[parameter.name], parameter.type) for parameter in action.parameters}
    return Move(action.name, arguments, _state(machine, parts["state"]))


def _state(machine: Machine, content: object) -> State:
    types: dict[str, ScalarType] = {variable.name: variable.type for variable in machine.variables}
    types |= {policy.name: policy.type for policy in machine.policies}
    parts = _object(content, [*types, *(family.name for family in machine.families)], "a state")
    return State(
        {name: _value(parts[name], type_) for name, type_ in types.items()},
        {
            family.name: tuple(
                {field.name: _value(member[field.name], field.type) for field in family.fields}
                for entry in _list(parts[family.name], family.name)
                for member in [_object(entry, [field.name for field in family.fields], f"a member of {family.name}")]
            )
            for family in machine.families
        },
    )


def _value(content: object, type_: Type) -> Value:
    match type_:
        case BoolType():
            if isinstance(content, bool):
                return content
        case IntType() | MemberType():
            if isinstance(content, int) and not isinstance(content, bool):
                return content
        case EnumType(_, values):
            if isinstance(content, str) and content in values:
                return content
        case _:
            assert_never(type_)
    raise NotARun(f"{content!r} does not belong to {type_}")


def _object(content: object, names: Iterable[str], what: str) -> Mapping[str, object]:
    expected = sorted(names)
    if not isinstance(content, dict) or sorted(map(str, content)) != expected:
        raise NotARun(f"{what} is an object with {', '.join(expected) or 'nothing'}")
    return content


def _list(content: object, what: str) -> list[object]:
    if not isinstance(content, list):
        raise NotARun(f"{what}: not a list")
    return content


def _text(content: object) -> str:
    if not isinstance(content, str):
        raise NotARun(f"{content!r} is not a name")
    return content
