"""Runs as JSON values: where they start and what happens, and nothing that replaying them tells anyway."""

from collections.abc import Mapping

from quiesce.certify.terms import Json, Malformed
from quiesce.spec.interpreter import NotEnabled, fits, initial_states, step
from quiesce.spec.model import Machine, MemberType, Value
from quiesce.spec.state import Move, Run, State


def run_to_json(machine: Machine, run: Run) -> Json:
    """The policies and the number of members that a run starts with, and its moves."""
    return {
        "policies": {policy.name: run.start.scalars[policy.name] for policy in machine.policies},
        "members": {name: len(members) for name, members in run.start.families.items()},
        "moves": [[move.action, dict(move.arguments)] for move in run.moves],
    }


def run_from_json(machine: Machine, value: Json) -> Run:
    """The run, replayed from an initial state by the interpreter.

    Raises:
        Malformed: it is none, or the machine cannot take one of its steps.
    """
    match value:
        case {"policies": dict(policies), "members": dict(members), "moves": list(moves), **rest} if not rest:
            state = _start(machine, policies, members)
            start = state
            taken: list[Move] = []
            for move in moves:
                state = _moved(machine, state, move, taken)
            return Run(start, tuple(taken))
        case _:
            raise Malformed("a run has policies, members and moves")


def _start(machine: Machine, policies: Mapping[str, Json], members: Mapping[str, Json]) -> State:
    if set(members) != set(machine.families_by_name):
        raise Malformed("a run names other families than the machine has")
    sizes: dict[str, int] = {}
    for name, size in members.items():
        if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= _MOST_MEMBERS:
            raise Malformed(f"a run with {size} members of {name}")
        sizes[name] = size
    for state in initial_states(machine, sizes):
        if {policy.name: state.scalars[policy.name] for policy in machine.policies} == dict(policies):
            return state
    raise Malformed("a run with policies that the machine does not have")


_MOST_MEMBERS = 100


def _moved(machine: Machine, state: State, move: Json, taken: list[Move]) -> State:
    match move:
        case [str(name), dict(arguments)] if name in machine.actions_by_name:
            action = machine.actions_by_name[name]
        case _:
            raise Malformed(f"not a move: {str(move)[:60]}")
    values: dict[str, Value] = {}
    for parameter in action.parameters:
        value = arguments.get(parameter.name)
        if not isinstance(value, bool | int | str):
            raise Malformed(f"{name} without its argument {parameter.name}")
        if not isinstance(parameter.type, MemberType) and not fits(value, parameter.type):
            raise Malformed(f"{name} with {parameter.name}={value}")
        values[parameter.name] = value
    if set(arguments) != set(values):
        raise Malformed(f"{name} has other arguments than {', '.join(arguments)}")
    try:
        after = step(machine, state, action, values)
    except NotEnabled as error:
        raise Malformed(f"step {len(taken) + 1} of a run cannot happen: {error}") from error
    taken.append(Move(name, values, after))
    return after
