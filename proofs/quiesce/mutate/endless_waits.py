"""Runs on which a wait never ends, found in a walk: they stop for good, or go round in a circle."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from quiesce.kernel.rules.waits import Wait, waits_of
from quiesce.kernel.subjects import PromisedWait, Waiting, WaitPossible, WaitProgress
from quiesce.mutate.broken_on_walk import Broken
from quiesce.prove.search.callers import call_that_waits, note_of, with_note, without_note
from quiesce.prove.search.graphs import Graph
from quiesce.prove.search.waits_in_walk import none_can_happen
from quiesce.prove.search.walk import Step, Walk, explore
from quiesce.prove.solving.z3_solver import Solver
from quiesce.spec.arguments import argument_scopes
from quiesce.spec.interpreter import Scope, evaluate
from quiesce.spec.model import Action, Not
from quiesce.spec.state import Move, Run


def endless(walk: Walk, solver: Solver) -> Iterator[Broken]:
    """For each wait the first run that shows that it may last for ever.

    Either nothing that is trusted to happen can happen in the last state; or the run ends with a circle on which the
    wait goes on although a trusted action happens, so nothing keeps the run from going round for ever.
    """
    for waiting, wait in waits_of(walk.problem.machine):
        call = call_that_waits(walk.problem, WaitPossible(waiting))
        found = (
            _lasting(walk, waiting, wait, solver) if call is None else _unanswered(walk, waiting, wait, call, solver)
        )
        if found is not None:
            about, run = found
            yield Broken(about, waiting.promise if isinstance(waiting, PromisedWait) else None, run)


def _lasting(
    walk: Walk, waiting: Waiting, wait: Wait, solver: Solver
) -> tuple[WaitPossible | WaitProgress, Run] | None:
    """The first run on which a wait may last for ever."""
    for inside in _states_waiting(walk, wait):
        found = _run_into_stuck_wait(walk, waiting, wait, inside, solver) or _run_round_in_circle(
            walk, waiting, wait, inside
        )
        if found is not None:
            return found
    return None


def _unanswered(
    walk: Walk, waiting: Waiting, wait: Wait, call: Action, solver: Solver
) -> tuple[WaitPossible | WaitProgress, Run] | None:
    """The first run on which a wait for an answer may last for ever.

    Somebody waits in its last state, or may wait in each state of its circle: others are only taken for such states.
    """
    note = note_of(call)
    noting = explore(with_note(walk.problem, call))
    noted = next(_states_waiting(noting, replace(wait, waiting=note, reached=Not(note))), frozenset())
    found = _run_into_stuck_wait(noting, waiting, wait, noted, solver)
    if found is not None:
        return found[0], without_note(call, found[1])
    real = {without_note(call, Run(noting.states[number])).start for number in noted}
    return _run_round_in_circle(
        walk, waiting, wait, frozenset(number for number, state in enumerate(walk.states) if state in real)
    )


def _states_waiting(walk: Walk, wait: Wait) -> Iterator[frozenset[int]]:
    """The states in which the wait goes on; one set for each choice of the arguments that it is about."""
    found: dict[tuple[tuple[str, object], ...], set[int]] = {}
    for number, state in enumerate(walk.states):
        for scope in argument_scopes(walk.problem.machine, state, wait.parameters):
            if evaluate(wait.waiting, scope):
                found.setdefault(_chosen_arguments(scope), set()).add(number)
    yield from dict.fromkeys(frozenset(states) for states in found.values())


def _chosen_arguments(scope: Scope) -> tuple[tuple[str, object], ...]:
    return tuple(sorted({**scope.parameters, **scope.members}.items()))


def _run_into_stuck_wait(
    walk: Walk, waiting: Waiting, wait: Wait, inside: frozenset[int], solver: Solver
) -> tuple[WaitPossible, Run] | None:
    """A run into a state of the wait in which no trusted action can happen, whatever its arguments."""
    machine = walk.problem.machine
    left = {step.before for step in walk.steps if step.action in wait.fair}
    for number in sorted(inside - left):
        if none_can_happen(machine, walk.states[number], wait.fair, solver):
            return WaitPossible(waiting), walk.run_to(number)
    return None


def _run_round_in_circle(
    walk: Walk, waiting: Waiting, wait: Wait, inside: frozenset[int]
) -> tuple[WaitProgress, Run] | None:
    """A run that comes back, within the wait, to a state from which it took a trusted action."""
    staying = [step for step in walk.steps if step.before in inside and step.after in inside]
    graph = Graph((step.before, step.after) for step in staying)
    first = {(step.before, step.after): step for step in reversed(staying)}
    for step in sorted(staying, key=lambda step: step.before):
        if step.action in wait.fair and graph.on_one_circle(step.before, step.after):
            back = graph.shortest_way(step.after, step.before) or ()
            return WaitProgress(waiting, step.action, fair=True), _run_of_steps(
                walk, (step, *(first[pair] for pair in pairwise(back)))
            )
    return None


def _run_of_steps(walk: Walk, steps: tuple[Step, ...]) -> Run:
    run = walk.run_to(steps[0].before)
    return Run(run.start, (*run.moves, *(Move(s.action, s.arguments, walk.states[s.after]) for s in steps)))
