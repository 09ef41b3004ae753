"""Runs as JSON, and back: in reports, in stores of answers, wherever a run is written with all its states.

A state is one object: each variable and policy by its name, and each family as a list of objects, one for each member.
What is read is checked against the machine in every part, and refused with the place and the reason. It is not
replayed: whoever has to believe a run replays it. Certificates write runs otherwise, on purpose: without their states,
which are made anew by the replay, so that there is nothing in them to be believed.
"""

from collections.abc import Iterable, Mapping
from typing import assert_never

from quiesce.spec.model import BoolType, EnumType, IntType, Machine, MemberType, ScalarType, Type, Value
from quiesce.spec.state import Move, Run, State


class NotARun(ValueError):
    """A JSON value is not a run of the machine."""


def run_json(run: Run) -> dict[str, object]:
    """A run in the form that `read_run` takes: its start, and each step with the state after it."""
    steps = [{"action": m.action, "arguments": dict(m.arguments), "state": _state_json(m.state)} for m in run.moves]
    return {"start": _state_json(run.start), "steps": steps}


def _state_json(state: State) -> dict[str, object]:
    members = {name: [dict(member) for member in members] for name, members in state.families.items()}
    return {**state.scalars, **members}


def read_run(machine: Machine, content: object) -> Run:
    """The run that was written.

    Integers may lie outside their declared bounds: that is what some runs are kept for.

    Raises:
        NotARun: a part is missing, is too much, or does not fit the machine. The message begins with its place.
    """
    parts = _object(content, ("start", "steps"), "run")
    start = _state(machine, parts["start"], "start")
    moves = tuple(
        _move(machine, step, f"steps[{number}]") for number, step in enumerate(_list(parts["steps"], "steps"))
    )
    sizes = [tuple(map(len, state.families.values())) for state in (start, *(move.state for move in moves))]
    if len(set(sizes)) != 1:
        number = next(number for number, size in enumerate(sizes) if size != sizes[0])
        raise NotARun(f"steps[{number - 1}].state: the number of members is not that of the start")
    return Run(start, moves)


def _move(machine: Machine, content: object, place: str) -> Move:
    parts = _object(content, ("action", "arguments", "state"), place)
    name = parts["action"]
    action = machine.actions_by_name.get(name) if isinstance(name, str) else None
    if action is None:
        raise NotARun(f"{place}.action: there is no action {_shown(name)}")
    given = _object(parts["arguments"], [p.name for p in action.parameters], f"{place}.arguments")
    arguments = {p.name: _value(given[p.name], p.type, f"{place}.arguments.{p.name}") for p in action.parameters}
    return Move(action.name, arguments, _state(machine, parts["state"], f"{place}.state"))


def _state(machine: Machine, content: object, place: str) -> State:
    types: dict[str, ScalarType] = {variable.name: variable.type for variable in machine.variables}
    types |= {policy.name: policy.type for policy in machine.policies}
    parts = _object(content, [*types, *(family.name for family in machine.families)], place)
    families: dict[str, tuple[Mapping[str, Value], ...]] = {}
    for family in machine.families:
        fields = {declared.name: declared.type for declared in family.fields}
        members: list[Mapping[str, Value]] = []
        for number, entry in enumerate(_list(parts[family.name], f"{place}.{family.name}")):
            where = f"{place}.{family.name}[{number}]"
            member = _object(entry, fields, where)
            members.append({name: _value(member[name], type_, f"{where}.{name}") for name, type_ in fields.items()})
        families[family.name] = tuple(members)
    return State({name: _value(parts[name], type_, f"{place}.{name}") for name, type_ in types.items()}, families)


def _value(content: object, type_: Type, place: str) -> Value:
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
    raise NotARun(f"{place}: {_shown(content)} does not belong to {type_}")


def _object(content: object, names: Iterable[str], place: str) -> Mapping[str, object]:
    expected = sorted(names)
    if not isinstance(content, dict) or sorted(map(str, content)) != expected:
        raise NotARun(f"{place}: is no object with {', '.join(expected) or 'nothing'}")
    return content


def _list(content: object, place: str) -> list[object]:
    if not isinstance(content, list):
        raise NotARun(f"{place}: is no list")
    return content


def _shown(content: object) -> str:
    """A JSON value as text if it is short and has no parts, else its kind alone."""
    if isinstance(content, int):
        return repr(content) if abs(content) < 10**20 else "an integer of many digits"
    text = repr(content) if isinstance(content, str | float) or content is None else ""
    return text if text and len(text) <= 60 else f"a {type(content).__name__}"
