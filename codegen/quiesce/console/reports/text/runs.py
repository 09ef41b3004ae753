"""Runs as a person reads them: numbered steps, each with only what it changed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate

from quiesce.spec.model import Action, Machine, Value
from quiesce.spec.record import record
from quiesce.spec.show import show_arguments
from quiesce.spec.state import Run, State

FEWEST = 3
"""How many equal steps in a row are told in one line."""


@record
class _Steps:
    """Steps in a row that do the same: the call, how many there are, the state before them, and the one after them."""

    call: str
    place: str
    number: int
    before: State
    after: State


def run_lines(machine: Machine, run: Run, *, places: bool = True) -> Iterator[str]:
    """One line for the start, where it is a choice or all there is, and one for each step or row of equal steps.

    `places` adds where the action of each step stands in the spec.
    """
    policies = ", ".join(f"{policy.name}={run.start.scalars[policy.name]}" for policy in machine.policies)
    if policies:
        yield f"under {policies}"
    if not run.moves:
        yield f"  {state_text(machine, run.start)}"
    rows = list(_rows(machine, run))
    calls = [row.call if row.number == 1 else f"{row.call} x {row.number}" for row in rows]
    ends = list(accumulate(row.number for row in rows))
    numbers = [
        f"{end}" if row.number == 1 else f"{end - row.number + 1}-{end}" for row, end in zip(rows, ends, strict=True)
    ]
    longest, width = max(map(len, numbers), default=0), max(map(len, calls), default=0)
    indented = 3 if longest < 3 else longest + 2
    for row, number, call in zip(rows, numbers, calls, strict=True):
        changed = (f"{place}: {old} -> {new}" for place, old, new in _changes(machine, row.before, row.after))
        changes = ", ".join(changed) or "changes nothing"
        yield f"{number:>{indented}}  {call:<{width}}  {changes}" + (f"  ({row.place})" if places else "")


def _rows(machine: Machine, run: Run) -> Iterator[_Steps]:
    """The steps of a run, many equal ones as one."""
    pending: list[_Steps] = []
    for move, before in zip(run.moves, run.states, strict=False):
        action = machine.actions_by_name[move.action]
        step = _Steps(
            _call(machine, action, move.arguments), f"{machine.path}:{action.span.line}", 1, before, move.state
        )
        if pending and not _are_equal(machine, pending[-1], step):
            yield from _folded(pending)
            pending = []
        pending.append(step)
    yield from _folded(pending)


def _folded(steps: Sequence[_Steps]) -> Sequence[_Steps]:
    if len(steps) < FEWEST:
        return steps
    return [replace(steps[0], number=len(steps), after=steps[-1].after)]


def _are_equal(machine: Machine, one: _Steps, other: _Steps) -> bool:
    """Whether two steps are the same call with the same effect: the same places change, each by the same amount."""
    return one.call == other.call and _effect(machine, one) == _effect(machine, other)


def _effect(machine: Machine, step: _Steps) -> list[tuple[str, object]]:
    """The effect of a step on each place that it changes: an integer goes up or down, anything else gets a value."""
    return [(place, _amount(old, new)) for place, old, new in _changes(machine, step.before, step.after)]


def _call(machine: Machine, action: Action, arguments: object) -> str:
    if not isinstance(arguments, dict):
        raise TypeError("arguments are a mapping")
    return f"{action.name}({show_arguments(machine, action.parameters, arguments)})"


def _changes(machine: Machine, before: State, after: State) -> Iterator[tuple[str, Value, Value]]:
    """Each variable and field with a new value: its name, the old value, and the new one."""
    places = _places(machine, before, after)
    return (change for change in places if change[1] != change[2])


def _places(machine: Machine, before: State, after: State) -> Iterator[tuple[str, Value, Value]]:
    for variable in machine.variables:
        yield variable.name, before.scalars[variable.name], after.scalars[variable.name]
    for family in machine.families:
        pairs = zip(before.families[family.name], after.families[family.name], strict=True)
        for index, (old, new) in enumerate(pairs):
            for field in family.fields:
                yield f"{family.name}[{index}].{field.name}", old[field.name], new[field.name]


def _amount(old: Value, new: Value) -> Value:
    """By how much an integer goes up or down; of anything else the new value."""
    if isinstance(old, int) and isinstance(new, int) and not isinstance(new, bool):
        return new - old
    return new


def state_text(machine: Machine, state: State) -> str:
    """A whole state on one line; members that were never used are left out."""
    scalars = [f"{variable.name}={state.scalars[variable.name]}" for variable in machine.variables]
    members = [
        f"{family.name}[{index}]: " + " ".join(f"{field.name}={member[field.name]}" for field in family.fields)
        for family in machine.families
        for index, member in enumerate(state.families[family.name])
        if any(member[field.name] != field.initial for field in family.fields)
    ]
    return "; ".join(part for part in (" ".join(scalars), *members) if part) or "every member is as new"
