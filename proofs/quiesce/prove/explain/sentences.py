"""Sentences for people on what failed: the fault where a counterexample ends, what helps, why something never is."""

from dataclasses import replace
from typing import assert_never

from quiesce.kernel.kinds import Obligation
from quiesce.kernel.problem import Problem
from quiesce.kernel.rules.outcomes import outcome_guards
from quiesce.kernel.subjects import (
    Answered,
    AnswersHandled,
    Apart,
    Applies,
    CallersWait,
    Covered,
    Enabled,
    Exclusive,
    Forgettable,
    ForgettableByPromise,
    ForgettableByWait,
    Lands,
    OffersStart,
    OffersStep,
    Precondition,
    PromisedWait,
    SameCalls,
    Waiting,
    WaitPossible,
    WaitProgress,
)
from quiesce.prove.explain.counterexamples import state_goal, wait_of
from quiesce.prove.search.callers import call_that_waits
from quiesce.prove.search.search_outcomes import Found
from quiesce.prove.search.targets import Target
from quiesce.spec.interpreter import holds
from quiesce.spec.model import TRUE, Action, LeadsTo, Pristine, Recoverable, Variable
from quiesce.spec.rewrite import walk
from quiesce.spec.show import listed, show, show_arguments


def sentence(problem: Problem, obligation: Obligation, target: Target, found: Found) -> str:
    """A sentence about the end of a run that breaks an obligation; nothing where the run itself shows the fault."""
    arguments = show_arguments(problem.machine, target.parameters, found.arguments)
    there = "in the last state" if found.run.moves else "in the initial state"
    match obligation.about:
        case Covered(call):
            return f"no outcome applies to {call}({arguments}) {there}: add one, such as a refusal (`fails=`)"
        case Exclusive(call):
            names = listed(_outcomes_that_apply(problem, call, target, found))
            return f"more than one outcome applies to {call}({arguments}) {there}: {names}"
        case Lands(activity, fails):
            how = "fails" if fails else f"ends with ({arguments})"
            return f"{there} `{activity}` is due, and not exactly one outcome applies where it {how}"
        case Answered(_, name) | Enabled(_, name):
            return f"{there} {name}({arguments}) {state_goal(problem, obligation).otherwise}"
        case Precondition() | AnswersHandled() | OffersStart() | OffersStep():
            goal = state_goal(problem, obligation)
            return f"{there} {obligation.action or 'the start'}({arguments}) {goal.otherwise}"
        case Apart(_, activity) | SameCalls(_, activity):
            return f"{there} {_beside_work(problem, obligation, target, found, activity)}"
        case WaitPossible(waiting):
            fair = ", ".join(wait_of(problem, waiting).fair)
            stuck = f"none of the fair actions ({fair}) is possible" if fair else "no action is trusted to be fair"
            who = _who_waits(problem, waiting, target, found)
            return f"{there} {who} waits, and {stuck}: the wait may last for ever"
        case _:
            return ""


def _beside_work(problem: Problem, obligation: Obligation, target: Target, found: Found, activity: str) -> str:
    """Work that runs, and what a step besides does that it should not."""
    of_work = f"{activity}."
    given = {name.removeprefix(of_work): value for name, value in found.arguments.items() if name.startswith(of_work)}
    named = (replace(p, name=p.name.removeprefix(of_work)) for p in target.parameters if p.name.startswith(of_work))
    own = tuple(p for p in target.parameters if not p.name.startswith(of_work))
    work = f"{activity}({show_arguments(problem.machine, tuple(named), given)})"
    step = f"{obligation.action}({show_arguments(problem.machine, own, found.arguments)})"
    return f"the work of {work} runs, and {step} {state_goal(problem, obligation).otherwise}"


def what_helps(problem: Problem, obligation: Obligation) -> str:
    """Advice on an obligation that was not proved, where no run breaks it."""
    match obligation.about:
        case Forgettable():
            return f"the action may depend on {_FORGOTTEN}: let it look at members in use alone, {_IN_USE}"
        case ForgettableByPromise(name):
            also = f"; let each fair action ask for one, {_ASKED}" if _is_promise_of_wait(problem, name) else ""
            return f"the promise may depend on {_FORGOTTEN}: let it speak of members in use alone, {_IN_USE}{also}"
        case ForgettableByWait():
            return f"a fair action may need {_FORGOTTEN}: let it ask for a member in use, {_ASKED}"
        case WaitPossible() | WaitProgress() if (call := call_that_waits(problem, obligation.about)) is not None:
            return _who_is_taken_to_wait(problem, obligation, call, f", or {_HELPS}")
        case _:
            return _HELPS


def what_excludes(problem: Problem, obligation: Obligation) -> str:
    """Advice on an obligation that a state breaks, which is shown below, if any run gets there."""
    call = call_that_waits(problem, obligation.about)
    if call is None:
        return f"{_EXCLUDES}, or a guard"
    return _who_is_taken_to_wait(problem, obligation, call, f"; if no run gets there, {_EXCLUDES}")


def _who_is_taken_to_wait(problem: Problem, obligation: Obligation, call: Action, otherwise: str) -> str:
    """In which states a caller is taken to wait, and what else a spec can say; `otherwise` is advice where it is so."""
    promise = problem.promise(str(obligation.promise)).claim
    claim = promise.trigger if isinstance(promise, LeadsTo) else TRUE
    names = dict.fromkeys(part.name for part in walk(claim) if isinstance(part, Variable))
    if not names:
        more = f"let it write an enum value or a truth value that nothing but {listed(call.until)} takes away"
        return f"nothing that `{call.name}` writes or asks for tells where its caller waits: {more}"
    shown = show(claim) if len(show(claim)) <= _LONG else f"{listed([f'`{name}`' for name in names])} let it"
    more = f"let `{call.name}` write what tells so, ask for it in `when`, or promise it of where `{call.name}` begins"
    return f"the caller of `{call.name}` is taken to wait wherever {shown}: where nobody does, {more}{otherwise}"


_LONG = 200
"""Characters of a claim that are more than anybody reads."""

_HELPS = "add a promise that helps the proof"
_EXCLUDES = "add a promise that rules out the state below"

_FORGOTTEN = "a member that was given back, which code forgets"
_IN_USE = "as in `any(s.in_use and … for s in self.family)`"
_ASKED = "as in `when(s.in_use)`"


def why_never(problem: Problem, obligation: Obligation, target: Target) -> str:
    """A sentence about a witness that is proved impossible: a promise says nothing, or an action cannot happen."""
    match obligation.about:
        case Applies() if target.actions == ():
            return "the promise says nothing: no action changes anything that it speaks of"
        case Applies(name) if isinstance(problem.promise(name).claim, Recoverable | Pristine):
            return "the promise says nothing: no step leads from a state where its claim fails to one where it holds"
        case Applies(name) if _is_promise_of_wait(problem, name):
            return "the promise says nothing: its trigger never holds where its goal is not reached already"
        case Applies():
            return "the promise says nothing: what it speaks of can never happen, as the promises exclude it"
        case _:
            return "the promises exclude it: it can never happen"


def _is_promise_of_wait(problem: Problem, promise: str) -> bool:
    return isinstance(problem.promise(promise).claim, LeadsTo)


def _outcomes_that_apply(problem: Problem, call: str, target: Target, found: Found) -> list[str]:
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
        case PromisedWait(name) if problem.promise(name).owed:
            return "the caller"
        case PromisedWait(name):
            return name
        case CallersWait(name):
            own = f"{name}."
            parameters = tuple(replace(p, name=p.name.removeprefix(own)) for p in target.parameters)
            given = {parameter.removeprefix(own): value for parameter, value in found.arguments.items()}
            return f"{name}({show_arguments(problem.machine, parameters, given)})"
        case _:
            assert_never(waiting)
