"""Promises about where something is enabled: that a call is answered in some way, or that an action can happen."""

from collections.abc import Iterator

from quiesce.kernel.batches import Batch, state_batch
from quiesce.kernel.kinds import Obligation
from quiesce.kernel.problem import Problem
from quiesce.kernel.rules.state_goals import StateGoal, told_apart
from quiesce.kernel.subjects import Answered, Enabled, Subject
from quiesce.spec.meaning.formulas import parameter_claims
from quiesce.spec.meaning.totals import split
from quiesce.spec.model import Action, EnabledWhere, Expr, ParameterDecl, Promise, RefusesOrAccepts
from quiesce.spec.rewrite import conjunction, disjunction


def enabled_goals(problem: Problem) -> Iterator[StateGoal]:
    """The claims of these promises about every state. They ask for no `assume`: no code checks it."""
    for promise in problem.machine.promises:
        if promise.holds:
            yield from goals_of(problem, promise)


def goals_of(problem: Problem, promise: Promise) -> Iterator[StateGoal]:
    """The claims of one such promise about every state; nothing for a promise of another kind."""
    machine = problem.machine
    match promise.claim:
        case RefusesOrAccepts(claim, calls, error, given):
            answer = "accepted" if error is None else f"refused with {error}"
            for call in calls:
                obligation = Obligation(Answered(promise.name, call), promise.span)
                outcomes = machine.answering(call, error)
                yield _goal_of_outcomes(problem, obligation, claim, given, outcomes, f"is not {answer}")
        case EnabledWhere(claim, actions, given):
            for action in actions:
                obligation = Obligation(Enabled(promise.name, action), promise.span)
                outcomes = (machine.actions_by_name[action],)
                yield _goal_of_outcomes(problem, obligation, claim, given, outcomes, "is not possible")
        case _:
            pass


def _goal_of_outcomes(
    problem: Problem,
    obligation: Obligation,
    claim: Expr,
    given: tuple[ParameterDecl, ...],
    outcomes: tuple[Action, ...],
    otherwise: str,
) -> StateGoal:
    """The claim that some of `outcomes` applies, with any arguments, wherever `claim` holds."""
    declared = {p.name: p for parameters in (given, *(a.parameters for a in outcomes)) for p in parameters}
    parameters = tuple(declared.values())
    where = conjunction([*parameter_claims(problem.machine, parameters), claim])
    applies = disjunction(conjunction(action.when) for action in outcomes)
    return StateGoal(obligation, parameters, where, applies, otherwise)


def enabled_batch(problem: Problem) -> Batch[Subject]:
    """Calls are answered, and actions possible, where a promise says so, each obligation with arguments of its own."""
    claims, parameters = told_apart(enabled_goals(problem))
    return state_batch(problem, [(name, split(claim)) for name, claim in claims], parameters)
