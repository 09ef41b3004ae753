"""Runs as a person reads them: numbered steps, each with only what it changed."""

from collections.abc import Iterator

from quiesce.spec.model import Action, Machine, Value
from quiesce.spec.show import show_arguments
from quiesce.spec.state import Run, State


def run_lines(machine: Machine, run: Run, *, places: bool = True) -> Iterator[str]:
    """One line for the start, where it is a choice, and one for each step; `places` adds where its action stands."""
    policies = ", ".join(f"{policy.name}={run.start.scalars[policy.name]}" for policy in machine.policies)
    if policies:
        yield f"under {policies}"
    calls = [_call(machine, machine.actions_by_name[move.action], move.arguments) for move in run.moves]
    width = max((len(call) for call in calls), default=0)
    for number, (move, call, before) in enumerate(zip(run.moves, calls, run.states, strict=False), 1):
        changes = ", ".join(changed(machine, before, move.state)) or "changes nothing"
        place = f"  ({machine.path}:{machine.actions_by_name[move.action].span.line})" if places else ""
        yield f"{number:>3}  {call:<{width}}  {changes}{place}"


def _call(machine: Machine, action: Action, arguments: object) -> str:
    if not isinstance(arguments, dict):
        raise TypeError("arguments are a mapping")
    return f"{action.name}({show_arguments(machine, action.parameters, arguments)})"


def changed(machine: Machine, before: State, after: State) -> Iterator[str]:
    """Each variable and field with a new value, as `name: old -> new`."""
    for variable in machine.variables:
        yield from _change(variable.name, before.scalars[variable.name], after.scalars[variable.name])
    for family in machine.families:
        pairs = zip(before.families[family.name], after.families[family.name], strict=True)
        for index, (old, new) in enumerate(pairs):
            for field in family.fields:
                yield from _change(f"{family.name}[{index}].{field.name}", old[field.name], new[field.name])


def _change(place: str, old: Value, new: Value) -> Iterator[str]:
    if old != new:
        yield f"{place}: {old} -> {new}"


def state_text(machine: Machine, state: State) -> str:
    """A whole state on one line; members that were never used are left out."""
    scalars = [f"{variable.name}={state.scalars[variable.name]}" for variable in machine.variables]
    members = [
        f"{family.name}[{index}]: " + " ".join(f"{field.name}={member[field.name]}" for field in family.fields)
        for family in machine.families
        for index, member in enumerate(state.families[family.name])
        if any(member[field.name] != field.initial for field in family.fields)
    ]
    return "; ".join([" ".join(scalars), *members])
