"""Faults of work that ends: an outcome of an activity takes the step of another one."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from quiesce.mutate.expression_faults import Operator
from quiesce.spec.activities import activities_of
from quiesce.spec.model import Action, Machine
from quiesce.spec.record import record


@record
class ActivityFault:
    """A machine in which `scope`, an outcome, does something else; `before` and `after` say in words what it does."""

    operator: Operator
    scope: Action
    before: str
    after: str
    machine: Machine


def activity_faults(machine: Machine) -> Iterator[ActivityFault]:
    """For each activity that can fail: it fails in silence, its success is lost, and its outcomes are exchanged.

    An outcome keeps its guard, so that the work still ends. A step that needs what the work returns is not given to an
    outcome that does not get it.
    """
    for activity in activities_of(machine):
        for succeeding, failing in product(activity.succeeding, activity.failing):
            silent, lost = _doing(failing, succeeding), _doing(succeeding, failing)
            if silent is not None:
                yield _fault(machine, Operator.SILENT_FAILURE, failing, f"what {succeeding.name} does", silent)
            if lost is not None:
                yield _fault(machine, Operator.LOST_SUCCESS, succeeding, f"what {failing.name} does", lost)
            if silent is not None and lost is not None:
                exchanged = f"what {failing.name} does, and the other way round"
                yield _fault(machine, Operator.SWAP_OUTCOMES, succeeding, exchanged, silent, lost)


def _doing(outcome: Action, other: Action) -> Action | None:
    """The outcome with the step of another one, if it is given all that the other one is given."""
    if {parameter.name for parameter in other.parameters} <= {parameter.name for parameter in outcome.parameters}:
        return replace(outcome, body=other.body)
    return None


def _fault(machine: Machine, operator: Operator, scope: Action, after: str, *changed: Action) -> ActivityFault:
    by_name = {action.name: action for action in changed}
    actions = tuple(by_name.get(action.name, action) for action in machine.actions)
    return ActivityFault(operator, scope, f"what {scope.name} does", after, replace(machine, actions=actions))
