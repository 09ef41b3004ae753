"""Whether an action can certainly not happen in a state that is known, whatever its arguments.

A search tries few values and few members; what it calls impossible may be possible for others. Here members are tried
one by one, with more that were never used, and scalar arguments are left to the solver, which decides exactly.
"""

from collections.abc import Iterable, Iterator
from itertools import product

from quiesce.kernel.batches import Condition
from quiesce.spec.interpreter import unused_member
from quiesce.spec.meaning.formulas import guard
from quiesce.spec.meaning.known_state import KnownState
from quiesce.spec.meaning.smtlib import Frame, encode, enum_declarations, sort
from quiesce.spec.model import Accepts, Action, Machine, MemberType
from quiesce.spec.state import State


def impossible(machine: Machine, state: State, names: Iterable[str]) -> Iterator[Condition]:
    """The conditions that no action of these names can take a step from `state`, whatever its arguments.

    There may be any number of further members that were never used. A refusal or a wait is no step.
    """
    for name in names:
        action = machine.actions_by_name[name]
        if isinstance(action.outcome, Accepts):
            yield from _action_is_impossible(machine, _with_newcomers(machine, state, action), action)


def _with_newcomers(machine: Machine, state: State, action: Action) -> State:
    """The state with as many more unused members as the action has parameters."""
    more = len(action.parameters)
    families = {
        family.name: (*state.families[family.name], *(unused_member(family) for _ in range(more)))
        for family in machine.families
    }
    return State(state.scalars, families)


def _action_is_impossible(machine: Machine, state: State, action: Action) -> Iterator[Condition]:
    scalars = {p.name: p.type for p in action.parameters if not isinstance(p.type, MemberType)}
    names = {name: f"arg.{name}" for name in scalars}
    declarations = (
        *enum_declarations(machine),
        *(f"(declare-const {names[name]} {sort(type_)})" for name, type_ in scalars.items()),
    )
    for members in _member_choices(machine, state, action):
        frame = Frame(KnownState(machine, state), None, names, members)
        yield Condition(declarations, (), encode(guard(machine, action), frame))


def _member_choices(machine: Machine, state: State, action: Action) -> Iterator[dict[str, str]]:
    families = {p.name: machine.family_of(p.type).name for p in action.parameters if isinstance(p.type, MemberType)}
    for indexes in product(*(range(len(state.families[family])) for family in families.values())):
        yield {name: str(index) for name, index in zip(families, indexes, strict=True)}
