"""The states of a walk in which a wait goes on."""

from quiesce.kernel.problem import Problem
from quiesce.kernel.rules.progress import Wait
from quiesce.prove.search.walk import Walk
from quiesce.spec.interpreter import Scope, argument_scopes, evaluate
from quiesce.spec.rewrite import conjuncts, needs_arguments
from quiesce.spec.state import State


def waiting_states(problem: Problem, wait: Wait, walk: Walk) -> tuple[bool, ...]:
    """In which states of a walk the wait goes on, for some arguments from small domains."""
    parts = conjuncts(wait.waiting)
    first = [part for part in parts if not needs_arguments(part)]
    rest = [part for part in parts if needs_arguments(part)]

    def goes_on(state: State) -> bool:
        plain = Scope(state)
        return all(evaluate(part, plain) for part in first) and any(
            all(evaluate(part, scope) for part in rest)
            for scope in argument_scopes(problem.machine, state, wait.parameters)
        )

    return tuple(goes_on(state) for state in walk.states)
