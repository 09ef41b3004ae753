"""Targets of searches: the end of a run that breaks an obligation, and the step that its proof excludes."""

from dataclasses import replace
from itertools import chain
from typing import assert_never

from quiesce.kernel.kinds import Obligation
from quiesce.kernel.problem import Problem
from quiesce.kernel.rules.enabled import goals_of
from quiesce.kernel.rules.layers import layers_owed
from quiesce.kernel.rules.outcomes import (
    call_parameters,
    covered_claim,
    exclusive_claim,
    landings,
    parameters_of_activity,
)
from quiesce.kernel.rules.progress import possible_claim
from quiesce.kernel.rules.state_goals import StateGoal
from quiesce.kernel.rules.waits import Wait, wait_of_caller, wait_of_promise
from quiesce.kernel.subjects import (
    Answered,
    AnswersHandled,
    Apart,
    CallersWait,
    Covered,
    Enabled,
    Exclusive,
    Initial,
    Lands,
    OffersStart,
    OffersStep,
    Precondition,
    Preserved,
    PromisedWait,
    SameCalls,
    StepKept,
    Stutters,
    Waiting,
    WaitPossible,
)
from quiesce.prove.search.callers import call_that_waits
from quiesce.prove.search.targets import Target
from quiesce.spec.meaning.premises import before
from quiesce.spec.model import Accepts, Blocks, Expr, LeadsTo, Not, ParameterDecl, Step
from quiesce.spec.rewrite import both


def target_of(problem: Problem, obligation: Obligation) -> Target | None:
    """The end of a run that breaks the obligation; None where no single run can."""
    match obligation.about:
        case Initial(name):
            return Target(Not(_claim_about_start(problem, name)))
        case Preserved(action, name):
            return Target(Not(_claim_of_invariant(problem, name)), actions=(action,))
        case StepKept() if call_that_waits(problem, obligation.about) is not None:
            return None  # where a caller waits is a guess that may rest on a false promise, so no run shows a fault
        case StepKept(action, name):
            step = _claim_about_steps(problem, name)
            return Target(Not(step.claim), actions=(action,), given=step.parameters)
        case Stutters(name):
            return _broken_stutter(problem, _claim_about_steps(problem, name))
        case Covered(call):
            outcomes = problem.machine.calls[call]
            return Target(Not(covered_claim(outcomes)), call_parameters(outcomes))
        case Exclusive(call):
            outcomes = problem.machine.calls[call]
            return Target(Not(exclusive_claim(outcomes)), call_parameters(outcomes))
        case Lands() as about:
            activity, claim = next((a, claim) for a, lands, claim in landings(problem.machine) if lands == about)
            return Target(Not(claim), parameters_of_activity(activity))
        case Answered() | Enabled() | OffersStart() | OffersStep():
            goal = state_goal(problem, obligation)
            return Target(goal.broken, goal.parameters)
        case Precondition() | AnswersHandled() | Apart() | SameCalls():
            goal = state_goal(problem, obligation)
            return Target(goal.broken, goal.parameters)
        case WaitPossible(waiting):
            wait = wait_of(problem, waiting)
            stuck = both(wait.waiting, Not(possible_claim(problem, wait.fair)))
            return Target(stuck, _wait_as_it_begins(problem, waiting, wait))
        case _:
            return None


def excluded_step(problem: Problem, obligation: Obligation, target: Target) -> Target | None:
    """The step that a proof of the obligation excludes, from any state that the premises allow.

    An invariant that fell is no premise any more, but it is still only asked of each action that it keeps what held. An
    obligation about the start excludes no step, so the result is None. A wait goes on with members that others have
    used since it began.
    """
    match obligation.about:
        case WaitPossible(waiting):
            return replace(target, parameters=wait_of(problem, waiting).parameters)
        case Initial():
            return None
        case Preserved(_, name) if name in problem.fallen:
            return replace(target, claim=both(before(_claim_of_invariant(problem, name)), target.claim))
        case _:
            return target


def _wait_as_it_begins(problem: Problem, waiting: Waiting, wait: Wait) -> tuple[ParameterDecl, ...]:
    """The subject of a wait at its beginning: a member that a caller's call asks for as a new one is still new then."""
    match waiting:
        case PromisedWait():
            return wait.parameters
        case CallersWait(name):
            calls = {*problem.machine.actions_by_name[name].calls}
            blocking = (b for b in problem.machine.actions if isinstance(b.outcome, Blocks) and calls & {*b.calls})
            new = {f"{name}.{p.name}" for action in blocking for p in action.parameters if p.new}
            return tuple(replace(parameter, new=parameter.name in new) for parameter in wait.parameters)
        case _:
            assert_never(waiting)


def state_goal(problem: Problem, obligation: Obligation) -> StateGoal:
    """The goal of an obligation about one state and any arguments."""
    enabled = (goal for promise in problem.machine.promises for goal in goals_of(problem, promise))
    owed = (owed.goal() for owed in layers_owed(problem) if owed.obligation == obligation)
    return next(goal for goal in chain(owed, enabled) if goal.obligation == obligation)


def _claim_of_invariant(problem: Problem, name: str) -> Expr:
    return next(invariant.claim for invariant in problem.invariants if invariant.name == name)


def _claim_about_start(problem: Problem, name: str) -> Expr:
    invariants = ((invariant.name, invariant.claim) for invariant in problem.invariants)
    promised = ((promise.name, claim.claim) for promise, claim in problem.initial_promises)
    return next(claim for known, claim in chain(invariants, promised) if known == name)


def _claim_about_steps(problem: Problem, name: str) -> Step:
    return next(claim for promise, claim in problem.step_promises if promise.name == name)


def _broken_stutter(problem: Problem, claim: Step) -> Target | None:
    idle = tuple(
        action.name
        for action in problem.machine.actions
        if not isinstance(action.outcome, Accepts) and action.name not in claim.unless
    )
    return Target(Not(claim.claim), actions=idle) if idle else None


def wait_of(problem: Problem, waiting: Waiting) -> Wait:
    """The wait that an obligation speaks of."""
    match waiting:
        case PromisedWait(name):
            claim = problem.promise(name).claim
            if isinstance(claim, LeadsTo):
                return wait_of_promise(claim)
        case CallersWait(name):
            action = problem.machine.actions_by_name[name]
            if isinstance(action.outcome, Blocks):
                return wait_of_caller(problem.machine, action)
        case _:
            assert_never(waiting)
    raise TypeError(f"{name} does not wait")
