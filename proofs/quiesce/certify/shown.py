"""Whether a run shows what it is said to show. The interpreter decides; no solver and no prover is asked."""

from quiesce.kernel.hints import Findings
from quiesce.kernel.kinds import Kind, Obligation
from quiesce.kernel.obligations import branch_name, branches, reachable_values
from quiesce.kernel.problem import Problem, unassuming
from quiesce.kernel.progress import wait_of_promise
from quiesce.kernel.vacuity import situations
from quiesce.spec.interpreter import Scope, evaluate, holds, step_with_branches
from quiesce.spec.model import (
    Always,
    Answers,
    Initially,
    LeadsTo,
    Machine,
    Possible,
    Pristine,
    Promise,
    Recoverable,
    Step,
)
from quiesce.spec.state import Run


def machine_of(problem: Problem, obligation: Obligation) -> Machine:
    """The machine that a run of an obligation belongs to: without assumptions where a promise is false without them."""
    if obligation.kind is Kind.EXPECTED_FAILURE and not _promise(problem, obligation).assuming:
        return unassuming(problem).machine
    return problem.machine


def shows(problem: Problem, findings: Findings, obligation: Obligation, run: Run) -> bool:
    """Whether a run that was replayed answers an obligation, as far as one run can."""
    match obligation.kind:
        case Kind.WITNESS:
            return _is_witness(problem, obligation, run)
        case Kind.ASSUMED:
            return bool(run.moves) and run.moves[-1].action == obligation.action
        case Kind.EXPECTED_FAILURE:
            return _fails(_promise(problem, obligation), findings, run)
        case _:
            return False


def _promise(problem: Problem, obligation: Obligation) -> Promise:
    return next(promise for promise in problem.machine.promises if promise.name == obligation.promise)


def _is_witness(problem: Problem, obligation: Obligation, run: Run) -> bool:
    machine, name = problem.machine, obligation.id.removeprefix("witness/")
    for value in reachable_values(machine):
        if value.name == name:
            return holds(value.claim, run.end)
    for situation in situations(problem):
        if situation.name == name:
            if situation.actions is None and not run.moves:
                return holds(situation.claim, run.end)
            if not run.moves or (situation.actions is not None and run.moves[-1].action not in situation.actions):
                return False
            before, arguments = run.states[-2], run.moves[-1].arguments
            return holds(situation.claim, run.end, before, situation.given, arguments)
    if not run.moves:
        return False
    last = run.moves[-1]
    action = machine.actions_by_name[last.action]
    if name == action.name:
        return True
    _, taken = step_with_branches(machine, run.states[-2], action, last.arguments)
    arms = ((branch, arm) for branch, arm in branches(action) if name == branch_name(action, branch, taken=arm))
    return any((branch.span, arm) in taken for branch, arm in arms)


def _fails(promise: Promise, findings: Findings, run: Run) -> bool:
    match promise.claim:
        case Always(claim):
            return not holds(claim, run.end)
        case Step(claim, unless, given):
            if not run.moves or run.moves[-1].action in unless:
                return False
            return not holds(claim, run.end, run.states[-2], given, run.moves[-1].arguments)
        case LeadsTo() as claim:
            return holds(wait_of_promise(claim).waiting, run.end)
        case Recoverable():
            return promise.name in findings.traps and _is_trapped(promise, findings, run)
        case Pristine() | Answers() | Possible() | Initially():
            return False


def _is_trapped(promise: Promise, findings: Findings, run: Run) -> bool:
    """Whether the facts of the trap hold at the end of the run, of some member if they speak of one."""
    trap = findings.traps[promise.name]
    scopes = [Scope(run.end)]
    for parameter in trap.parameters:
        families = [len(members) for members in run.end.families.values()]
        scopes = [scope.bind(parameter.name, index) for scope in scopes for index in range(max(families, default=0))]
    return any(_holds_there(promise, findings, scope) for scope in scopes)


def _holds_there(promise: Promise, findings: Findings, scope: Scope) -> bool:
    try:
        return all(evaluate(fact, scope) for fact in findings.traps[promise.name].facts)
    except IndexError:  # a number that no member of this family has
        return False
