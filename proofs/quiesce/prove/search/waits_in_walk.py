"""Waits in the states of a walk: where one goes on, and where nothing that is trusted to end it can happen."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from quiesce.kernel.problem import Problem
from quiesce.kernel.rules.disabled import impossible
from quiesce.kernel.rules.waits import Wait
from quiesce.prove.search.walk import Walk
from quiesce.spec.arguments import argument_scopes
from quiesce.spec.interpreter import Scope, all_hold
from quiesce.spec.model import Machine
from quiesce.spec.rewrite import conjuncts, needs_arguments
from quiesce.spec.state import State

if TYPE_CHECKING:
    from quiesce.prove.solving.z3_solver import Solver


def waiting_states(problem: Problem, wait: Wait, walk: Walk) -> tuple[bool, ...]:
    """In which states of a walk the wait goes on, for some arguments from small domains."""
    parts = conjuncts(wait.waiting)
    first = [part for part in parts if not needs_arguments(part)]
    rest = [part for part in parts if needs_arguments(part)]

    def goes_on(state: State) -> bool:
        plain = Scope(state)
        return all_hold(first, plain) and any(
            all_hold(rest, scope) for scope in argument_scopes(problem.machine, state, wait.parameters)
        )

    return tuple(goes_on(state) for state in walk.states)


def none_can_happen(machine: Machine, state: State, actions: Iterable[str], solver: "Solver") -> bool:
    """Whether none of these actions can change anything in a state, whatever its arguments: a solver has proved it."""
    asked = impossible(machine, state, actions)
    return all(solver.unsatisfiable(c.declarations, (*c.premises, c.negated_goal)) for c in asked)


def never_moved(walk: Walk, wait: Wait) -> tuple[int, ...]:
    """States of the wait that were looked at, and in which no fair action was seen to happen.

    Only few values and members were tried there. Where it has to be certain, `none_can_happen` is asked besides.
    """
    moved = {step.before for step in walk.steps if step.action in wait.fair}
    inside = waiting_states(walk.problem, wait, walk)
    return tuple(number for number in sorted(walk.looked_at - moved) if inside[number])
