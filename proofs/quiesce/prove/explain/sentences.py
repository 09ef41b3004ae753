"""What is wrong with the state in which a counterexample ends, in a sentence."""

from dataclasses import replace
from typing import assert_never

from quiesce.kernel.kinds import Obligation
from quiesce.kernel.problem import Problem
from quiesce.kernel.rules.steps import outcome_guards
from quiesce.kernel.subjects import (
    Answered,
    AnswersHandled,
    CallersWait,
    Covered,
    Enabled,
    Exclusive,
    OffersStart,
    OffersStep,
    Precondition,
    PromisedWait,
    Waiting,
    WaitPossible,
)
from quiesce.prove.explain.targets import state_goal, wait_of
from quiesce.prove.search.bounded import Target
from quiesce.prove.search.outcomes import Found
from quiesce.spec.interpreter import holds
from quiesce.spec.show import listed, show_arguments


def sentence(problem: Problem, obligation: Obligation, target: Target, found: Found) -> str:
    """What a run that breaks an obligation ends with; nothing where the run itself shows what is wrong."""
    arguments = show_arguments(problem.machine, target.parameters, found.arguments)
    there = "in the last state" if found.run.moves else "in the initial state"
    match obligation.about:
        case Covered(call):
            return f"no outcome applies to {call}({arguments}) {there}"
        case Exclusive(call):
            names = listed(_applying(problem, call, target, found))
            return f"more than one outcome applies to {call}({arguments}) {there}: {names}"
        case Answered(_, name) | Enabled(_, name):
            return f"{there} {name}({arguments}) {state_goal(problem, obligation).otherwise}"
        case Precondition() | AnswersHandled() | OffersStart() | OffersStep():
            goal = state_goal(problem, obligation)
            return f"{there} {obligation.action or 'the start'}({arguments}) {goal.otherwise}"
        case WaitPossible(waiting):
            fair = ", ".join(wait_of(problem, waiting).fair)
            stuck = f"none of the fair actions ({fair}) is possible" if fair else "no action is trusted to be fair"
            who = _who_waits(problem, waiting, target, found)
            return f"{there} {who} waits, and {stuck}: the wait may last for ever"
        case _:
            return ""


def _applying(problem: Problem, call: str, target: Target, found: Found) -> list[str]:
    """The outcomes of a call that apply in the state in which a run ends."""
    outcomes = problem.machine.calls[call]
    return [
        action.name
        for action, applies in zip(outcomes, outcome_guards(outcomes), strict=True)
        if holds(applies, found.run.end, None, target.parameters, found.arguments)
    ]


def _who_waits(problem: Problem, waiting: Waiting, target: Target, found: Found) -> str:
    """A promise that waits for its goal, or the call of a caller, with the arguments that it was given."""
    match waiting:
        case PromisedWait(name):
            return name
        case CallersWait(name):
            own = f"{name}."
            parameters = tuple(replace(p, name=p.name.removeprefix(own)) for p in target.parameters)
            given = {parameter.removeprefix(own): value for parameter, value in found.arguments.items()}
            return f"{name}({show_arguments(problem.machine, parameters, given)})"
        case _:
            assert_never(waiting)
