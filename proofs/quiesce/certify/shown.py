"""What a run shows. The interpreter decides; no solver and no prover is asked."""

from collections.abc import Iterator

from quiesce.kernel.hints import Trap
from quiesce.kernel.obligations import branch_name, branches, reachable_values
from quiesce.kernel.problem import Problem
from quiesce.kernel.progress import wait_of_promise
from quiesce.kernel.vacuity import Situation, situations
from quiesce.spec.interpreter import Scope, evaluate, holds, step_with_branches
from quiesce.spec.model import (
    Always,
    Answers,
    Initially,
    LeadsTo,
    Machine,
    MemberType,
    Possible,
    Pristine,
    Promise,
    Recoverable,
    Step,
)
from quiesce.spec.state import Run


def shown_by(problem: Problem, run: Run) -> Iterator[str]:
    """The obligations to show that something can happen which a run of the machine answers."""
    machine = problem.machine
    for value in reachable_values(machine):
        if holds(value.claim, run.end):
            yield f"witness/{value.name}"
    for situation in situations(problem):
        if _happens(situation, run):
            yield f"witness/{situation.name}"
    if not run.moves:
        return
    last = run.moves[-1]
    action = machine.actions_by_name[last.action]
    yield f"witness/{action.name}"
    yield from (f"assumed/{action.name}/{number}" for number, _ in enumerate(action.assumes, 1))
    _, taken = step_with_branches(machine, run.states[-2], action, last.arguments)
    for branch, arm in branches(action):
        if (branch.span, arm) in taken:
            yield f"witness/{branch_name(action, branch, taken=arm)}"


def _happens(situation: Situation, run: Run) -> bool:
    """Whether a situation is one at the end of a run, or in its last step."""
    if not run.moves:
        return situation.actions is None and holds(situation.claim, run.end)
    last, before = run.moves[-1], run.states[-2]
    if situation.actions is not None and last.action not in situation.actions:
        return False
    return holds(situation.claim, run.end, before, situation.given, last.arguments)


def breaks(promise: Promise, run: Run) -> bool:
    """Whether a run breaks a promise, as far as one run can: of a wait it shows that it goes on where the run ends."""
    match promise.claim:
        case Always(claim):
            return not holds(claim, run.end)
        case Step(claim, unless, given):
            if not run.moves or run.moves[-1].action in unless:
                return False
            return not holds(claim, run.end, run.states[-2], given, run.moves[-1].arguments)
        case LeadsTo() as claim:
            return holds(wait_of_promise(claim).waiting, run.end)
        case Recoverable() | Pristine() | Answers() | Possible() | Initially():
            return False


def is_trapped(machine: Machine, trap: Trap) -> bool:
    """Whether the facts of a trap hold where its run ends: of some member of the family, if they are about one."""
    scopes = [Scope(trap.run.end)]
    for parameter in trap.parameters:
        assert isinstance(parameter.type, MemberType)  # noqa: S101 -- a trap is about members
        family = machine.family_of(parameter.type).name
        scopes = [inner for scope in scopes for inner in scope.each(parameter.name, family)]
    return any(all(evaluate(fact, scope) for fact in trap.facts) for scope in scopes)
