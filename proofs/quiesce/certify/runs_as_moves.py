"""Runs as JSON values: where they start and what happens, and nothing that replaying them tells anyway.

Reports and stores of answers write runs with all their states (`quiesce.spec.runs_json`). A certificate does not, on
purpose: a state that is not written need not be compared, and cannot be a false one.
"""

from collections.abc import Mapping
from dataclasses import replace

from quiesce.certify.entries import Json, Malformed, listed, number_of, one_of, record, shown
from quiesce.spec.interpreter import NotEnabled, fits, initial_states, step
from quiesce.spec.model import Action, Machine, MemberType, ParameterDecl, Value
from quiesce.spec.state import Move, Run, State

MOST_MEMBERS = 8
"""How many members of one family a run may have; what the prover finds has at most a handful."""

MOST_MOVES = 300
"""How many steps a run may have; what the prover finds has at most a few dozen."""


def run_to_json(machine: Machine, run: Run) -> Json:
    """The policies and the number of members that a run starts with, and its moves."""
    return {
        "policies": {policy.name: run.start.scalars[policy.name] for policy in machine.policies},
        "members": {name: len(members) for name, members in run.start.families.items()},
        "moves": [[move.action, _arguments_in_order(machine, move)] for move in run.moves],
    }


def _arguments_in_order(machine: Machine, move: Move) -> dict[str, Json]:
    """The arguments of a step, in the order in which the action declares them."""
    parameters = machine.actions_by_name[move.action].parameters
    return {parameter.name: move.arguments[parameter.name] for parameter in parameters}


def run_from_json(machine: Machine, value: Json, where: str) -> Run:
    """The run, replayed from an initial state by the interpreter.

    Raises:
        Malformed: it is none, or the machine cannot take one of its steps.
    """
    parts = record(value, where, ("policies", "members", "moves"))
    start = _state_a_run_starts_in(machine, parts["policies"], parts["members"], where)
    moves = list(listed(parts["moves"], f"{where}.moves"))
    if len(moves) > MOST_MOVES:
        raise Malformed(f"{where}.moves", f"a run has at most {MOST_MOVES} steps")
    taken: list[Move] = []
    for place, move in moves:
        taken.append(_move_from_json(machine, taken[-1].state if taken else start, move, place))
    return Run(start, tuple(taken))


def _state_a_run_starts_in(machine: Machine, policies: Json, members: Json, where: str) -> State:
    sizes = {
        name: number_of(size, f"{where}.members.{name}", 0, MOST_MEMBERS)
        for name, size in record(members, f"{where}.members", machine.families_by_name).items()
    }
    alternatives = {policy.name: policy.alternatives for policy in machine.policies}
    chosen = {
        name: one_of(value, f"{where}.policies.{name}", "an alternative of this policy", alternatives[name])
        for name, value in record(policies, f"{where}.policies", alternatives).items()
    }
    state = next(initial_states(machine, sizes))
    return replace(state, scalars={**state.scalars, **chosen})


def _move_from_json(machine: Machine, state: State, move: Json, where: str) -> Move:
    match move:
        case [str(name), arguments] if name in machine.actions_by_name:
            action = machine.actions_by_name[name]
        case _:
            raise Malformed(where, f"{shown(move)} is not a step of this machine")
    values = _arguments_of_move(machine, state, action, arguments, where)
    try:
        return Move(name, values, step(machine, state, action, values))
    except NotEnabled:
        raise Malformed(where, f"{name} cannot happen there") from None


def _arguments_of_move(machine: Machine, state: State, action: Action, value: Json, where: str) -> Mapping[str, Value]:
    parameters = {parameter.name: parameter for parameter in action.parameters}
    given = record(value, where, parameters)
    return {
        name: _argument_of_move(machine, state, parameters[name], given[name], f"{where}.{name}") for name in parameters
    }


def _argument_of_move(machine: Machine, state: State, parameter: ParameterDecl, value: Json, where: str) -> Value:
    if isinstance(parameter.type, MemberType):
        members = state.families[machine.family_of(parameter.type).name]
        return number_of(value, where, 0, len(members) - 1)
    if not isinstance(value, bool | int | str) or not fits(value, parameter.type):
        raise Malformed(where, f"{shown(value)} is no argument for this")
    return value
