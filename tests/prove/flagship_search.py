"""Exhaustive search for the shortest runs of a small instance, by the interpreter alone: no solver has a say in it."""

from collections.abc import Hashable
from typing import TypeAlias

from quiesce.kernel.obligations import obligations
from quiesce.kernel.problem import problem_of
from quiesce.prove.explain.counterexamples import target_of
from quiesce.prove.search.targets import Target
from quiesce.spec.arguments import Enumerator, argument_scopes
from quiesce.spec.interpreter import holds, initial_states, step
from quiesce.spec.model import Machine
from quiesce.spec.state import Move, State

SOCKETS = 1
"""Members of each family. No fault that is looked for needs two sockets to show."""

NUMBERS = (1, 2)
"""What calls are given. No run gets shorter by a version or an amount of 0: such a call is refused, or does nothing."""

Runs: TypeAlias = set[tuple[str, ...]]


def shortest_runs(machine: Machine, obligation: str, steps: int) -> set[str]:
    """All the shortest runs that break an obligation, as names of actions between blanks; none if `steps` are too few.

    Raises:
        ValueError: no single run breaks an obligation of this kind.
    """
    problem = problem_of(machine)
    target = target_of(problem, next(owed for owed in obligations(problem) if owed.id == obligation))
    if target is None:
        raise ValueError(f"no single run breaks {obligation}")
    enumerator = Enumerator(machine, NUMBERS)
    idle = machine.actions_by_name.keys() - {action.name for action in problem.moving} - {*(target.actions or ())}
    ways: dict[Hashable, tuple[State, Runs]] = {
        state.key(): (state, {()}) for state in initial_states(machine, SOCKETS)
    }
    found: Runs = {run for state, runs in ways.values() if _is_reached(machine, target, state) for run in runs}
    seen: set[Hashable] = set()
    for _ in range(steps):
        if found:
            break
        seen |= ways.keys()
        longer: dict[Hashable, tuple[State, Runs]] = {}
        for before, runs in ways.values():
            for action, arguments in enumerator.enabled(before, skip=idle):
                move = Move(action.name, arguments, step(machine, before, action, arguments))
                more = {(*run, action.name) for run in runs}
                if _is_reached(machine, target, move.state, before, move):
                    found |= more
                elif move.state.key() not in seen:
                    longer.setdefault(move.state.key(), (move.state, set()))[1].update(more)
        ways = longer
    return {" ".join(run) for run in found}


def _is_reached(
    machine: Machine, target: Target, state: State, before: State | None = None, move: Move | None = None
) -> bool:
    if target.actions is not None and (move is None or move.action not in target.actions):
        return False
    given = move.arguments if move is not None and target.given else {}
    return any(
        holds(
            target.claim,
            state,
            before,
            (*target.parameters, *target.given),
            {**given, **scope.parameters, **scope.members},
        )
        for scope in argument_scopes(machine, state, target.parameters)
    )
