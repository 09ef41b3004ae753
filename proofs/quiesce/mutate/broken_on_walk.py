"""Promises that a walk on the interpreter shows to be broken.

No solver is needed; every find is a run from the start.
"""

from collections.abc import Iterator

from quiesce.kernel.problem import Problem, initial, preserved
from quiesce.kernel.rules.outcomes import call_parameters
from quiesce.kernel.subjects import Covered, Exclusive, StepKept, Stutters, Subject
from quiesce.prove.search.walk import Walk
from quiesce.spec.arguments import argument_scopes
from quiesce.spec.interpreter import Scope, evaluate, holds, replay
from quiesce.spec.model import Accepts, Action, Expr, Promise
from quiesce.spec.record import record
from quiesce.spec.rewrite import conjuncts, needs_arguments
from quiesce.spec.state import Run, State


@record
class Broken:
    """An obligation that a run breaks, and the promise it comes from, if somebody wrote one."""

    obligation: Subject
    promise: str | None
    run: Run


def broken(walk: Walk) -> tuple[Broken, ...]:
    """Every promise, and every call's outcome, that the walk breaks; of each the first run that does.

    Raises:
        NotEnabled: a run of the walk is no run of the machine.
    """
    found = (*_broken_invariants(walk), *_broken_step_promises(walk), *_calls_without_one_outcome(walk))
    for item in found:
        replay(walk.problem.machine, item.run)
    return found


def _broken_invariants(walk: Walk) -> Iterator[Broken]:
    for invariant in walk.problem.invariants:
        number = next((n for n, state in enumerate(walk.states) if not holds(invariant.claim, state)), None)
        if number is not None:
            run = walk.run_to(number)
            about = preserved(run.moves[-1].action, invariant) if run.moves else initial(invariant)
            yield Broken(about, invariant.name, run)


def _broken_step_promises(walk: Walk) -> Iterator[Broken]:
    actions = walk.problem.machine.actions_by_name
    for promise, claim in walk.problem.step_promises:
        for step in walk.steps:
            action = actions[step.action]
            if action.name in claim.unless:
                continue
            before, after = walk.states[step.before], walk.states[step.after]
            if not holds(claim.claim, after, before, claim.parameters, step.arguments):
                yield _broken_step(promise, action, walk.run_through(step))
                break


def _broken_step(promise: Promise, action: Action, run: Run) -> Broken:
    moves = isinstance(action.outcome, Accepts)
    return Broken(StepKept(action.name, promise.name) if moves else Stutters(promise.name), promise.name, run)


def _calls_without_one_outcome(walk: Walk) -> Iterator[Broken]:
    """Calls that have no outcome in some state, or more than one."""
    for name, outcomes in walk.problem.machine.calls.items():
        guards = [_Guard.of(action) for action in outcomes]
        missing: set[Covered | Exclusive] = set()
        for number, state in enumerate(walk.states):
            for which in _fault_of_outcomes(walk.problem, name, outcomes, guards, state) - missing:
                missing.add(which)
                yield Broken(which, None, walk.run_to(number))
            if len(missing) == 2:
                break


@record
class _Guard:
    """The parts of a guard, those that need no arguments apart."""

    plain: tuple[Expr, ...]
    rest: tuple[Expr, ...]

    @classmethod
    def of(cls, action: Action) -> "_Guard":
        parts = [part for condition in action.when for part in conjuncts(condition)]
        return cls(
            tuple(part for part in parts if not needs_arguments(part)),
            tuple(part for part in parts if needs_arguments(part)),
        )


def _fault_of_outcomes(
    problem: Problem, call: str, outcomes: tuple[Action, ...], guards: list[_Guard], state: State
) -> set[Covered | Exclusive]:
    """A fault of the outcomes of a call in one state, for some arguments from small domains."""
    here = Scope(state)
    possible = [guard for guard in guards if all(evaluate(part, here) for part in guard.plain)]
    if not possible:
        return {Covered(call)}
    if len(possible) == 1 and not possible[0].rest:
        return set()
    wrong: set[Covered | Exclusive] = set()
    for scope in argument_scopes(problem.machine, state, call_parameters(outcomes)):
        number = sum(all(evaluate(part, scope) for part in guard.rest) for guard in possible)
        if number != 1:
            wrong.add(Exclusive(call) if number else Covered(call))
    return wrong
