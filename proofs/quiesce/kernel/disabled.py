"""Whether an action can certainly not happen in a state that is known, whatever its arguments.

A search tries few values and few members; what it calls impossible may be possible for others. Here members are tried
one by one, with more that were never used, and scalar arguments are left to the solver, which decides exactly.
"""

from collections.abc import Iterable, Iterator
from itertools import product

from quiesce.kernel.batches import Script
from quiesce.kernel.few_members import Known
from quiesce.kernel.problem import guard
from quiesce.kernel.smtlib import Frame, encode, enum_declarations, sort
from quiesce.spec.interpreter import unused_member
from quiesce.spec.model import Action, Machine, MemberType
from quiesce.spec.state import State


def impossible_scripts(machine: Machine, state: State, actions: Iterable[Action]) -> Iterator[Script]:
    """The conditions that none of `actions` can happen in `state`, for any arguments and with any further members."""
    for action in actions:
        yield _impossible(machine, _with_newcomers(machine, state, action), action)


def _with_newcomers(machine: Machine, state: State, action: Action) -> State:
    """The state with as many more unused members as the action has parameters."""
    more = len(action.parameters)
    families = {
        family.name: (*state.families[family.name], *(unused_member(family) for _ in range(more)))
        for family in machine.families
    }
    return State(state.scalars, families)


def _impossible(machine: Machine, state: State, action: Action) -> Script:
    scalars = [parameter for parameter in action.parameters if not isinstance(parameter.type, MemberType)]
    names = {parameter.name: f"arg.{parameter.name}" for parameter in scalars}
    declarations = (
        *enum_declarations(machine),
        *(f"(declare-const {names[p.name]} {sort(p.type)})" for p in scalars if not isinstance(p.type, MemberType)),
    )
    goals = (
        (
            f"{action.name} {' '.join(members.values())}".rstrip(),
            encode(guard(machine, action), Frame(Known(machine, state), None, names, members)),
        )
        for members in _member_choices(machine, state, action)
    )
    return Script(f"impossible {action.name}", declarations, (), tuple(goals))


def _member_choices(machine: Machine, state: State, action: Action) -> Iterator[dict[str, str]]:
    members = [parameter for parameter in action.parameters if isinstance(parameter.type, MemberType)]
    ranges = [
        range(len(state.families[machine.family_of(parameter.type).name]))
        for parameter in members
        if isinstance(parameter.type, MemberType)
    ]
    for indexes in product(*ranges):
        yield {parameter.name: str(index) for parameter, index in zip(members, indexes, strict=True)}
