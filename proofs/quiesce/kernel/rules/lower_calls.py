"""Obligations of a machine to the layer below it: its calls are legal there, and it deals with every answer.

A program that makes a call does not know the answer. It knows the state, what it was given itself, and the answers to
the calls that it made before. So it is not enough that each action of the machine makes sense for itself. The
obligation is that wherever an action makes a call, there is *one* call that a program can make there, with one choice
of arguments and after the same earlier calls, such that the machine has a step for every answer that comes. These steps
are the *handlers*: actions that make this call themselves, and are about the answer that came. They are actions that
may come instead of the first one: of a call of the machine, outcomes of that call, and that for each of its names, as a
caller uses one of them; of work that ends, outcomes of the same activity; of a step of the machine or of the world
outside, steps of the same kind.

That this is what the obligations say is seen as follows. Take a state, and what the action is given, so that it comes
to make the call. What stands for the answer in its handlers is a name that occurs nowhere else, so the claim is about
every answer, whatever the action itself was told. What was called before, and what the call is given, has to be for a
handler what it is for the action, and there it does not depend on that name. An outcome of the contract need not name
all that its call is given. What the action leaves open is fixed by a handler that fits, in a way that reads no answer,
so it is one thing for all answers. And an outcome may stand for several calls. One that succeeds may have been any of
them, so each has to be dealt with. A refusal says less about which call was refused, so one of them has to be dealt
with in full; which one may depend on the state but not on the answer, so the answer to each has a name of its own.

The precondition of each call of a handler is proved as well, and with the same arguments this is the same call. So the
call is legal whatever the answer, and by the contract, whose outcomes cover every answer and exclude each other, the
handler does what the layer below does.

What an action assumes is trust in those who call it, and they know what they give and the state. Trust in an answer,
or in luck once a step of the machine itself has made a call, is nobody's to keep: a handler that assumes such a thing
deals with no other answer than those.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from quiesce.kernel.kinds import Obligation
from quiesce.kernel.problem import Problem
from quiesce.kernel.rules.state_goals import StateGoal
from quiesce.kernel.subjects import AnswersHandled, Precondition
from quiesce.spec.activities import activities_of
from quiesce.spec.meaning.formulas import guard, parameter_claims
from quiesce.spec.model import (
    TRUE,
    Action,
    ActionKind,
    CallPrecondition,
    Expr,
    LowerCall,
    Not,
    Parameter,
    ParameterDecl,
)
from quiesce.spec.record import record
from quiesce.spec.rewrite import both, conjunction, disjunction, either, equal, if_else, map_parameters, walk


@record
class Owed:
    """An obligation, and how to put together what it says: that takes long, and listing obligations does without it."""

    obligation: Obligation
    goal: Callable[[], StateGoal]


@record
class _Site:
    """A place where an action makes a call, after the calls that it may have made before."""

    action: Action
    before: tuple[LowerCall, ...]
    call: LowerCall


def owed_below(problem: Problem) -> Iterator[Owed]:
    """Every call to a layer below is legal, and every answer to it is dealt with."""
    for action in problem.machine.actions:
        for number, precondition in enumerate(action.preconditions, 1):
            obligation = Obligation(Precondition(action.name, precondition.callee, number), precondition.span)
            yield Owed(obligation, partial(_call_is_legal, problem, action, precondition, obligation))
        for number, site in enumerate(_sites_of_calls(action), 1):
            about = AnswersHandled(action.name, site.call.layer, site.call.outcome, number)
            obligation = Obligation(about, site.call.span)
            yield Owed(obligation, partial(_answers_are_handled, problem, site, obligation))


def _sites_of_calls(action: Action) -> Iterator[_Site]:
    calls = action.lower_calls
    return (_Site(action, calls[:number], call) for number, call in enumerate(calls))


def _call_is_legal(
    problem: Problem, action: Action, precondition: CallPrecondition, obligation: Obligation
) -> StateGoal:
    otherwise = f"makes the call to {precondition.callee}, whose contract does not allow it: {precondition.because}"
    return StateGoal(obligation, action.parameters, guard(problem.machine, action), precondition.claim, otherwise)


def _answers_are_handled(problem: Problem, site: _Site, obligation: Obligation) -> StateGoal:
    """Wherever the action makes the call, there are handlers for every answer."""
    action, call = site.action, site.call
    parameters = {parameter.name: parameter for parameter in action.parameters}
    claims = []
    for actions in _actions_instead(problem, action):
        handlers = [other for each in actions for other in _sites_of_calls(each) if other.call.layer == call.layer]
        dealt_with = []
        for name in call.calls:
            answers = f"{call.layer}.{name}" if call.refused and len(call.calls) > 1 else call.layer
            able = []
            for handler in handlers:
                needed = tuple(_as_answers(handler, answers))
                if name in handler.call.calls and all(parameters.get(p.name, p) == p for p in needed):
                    parameters.update((p.name, p) for p in needed)
                    able.append(handler)
            given = _chosen_arguments(call, able)
            dealt_with.append(disjunction(_handles_answer(site.before, given, handler, answers) for handler in able))
        claims.append(disjunction(dealt_with) if call.refused else conjunction(dict.fromkeys(dealt_with)))
    declared = tuple(parameters.values())
    assumed = (assumption.claim for assumption in action.assumes)
    where = conjunction([*parameter_claims(problem.machine, declared), call.asking, *assumed])
    otherwise = f"makes the call to {call.layer}.{call.outcome}, and no action deals with the answer to it"
    return StateGoal(obligation, declared, where, conjunction(dict.fromkeys(claims)), otherwise)


def _actions_instead(problem: Problem, action: Action) -> Iterator[tuple[Action, ...]]:
    """The actions that may come instead, for each of the names that the action may be called by."""
    if action.kind is ActionKind.CALL:
        yield from (problem.machine.calls[name] for name in action.calls)
    elif action.ends is not None:
        yield next(a.outcomes for a in activities_of(problem.machine) if action in a.outcomes)
    else:
        yield tuple(other for other in problem.machine.actions if other.kind is action.kind)


def _chosen_arguments(call: LowerCall, handlers: list[_Site]) -> Mapping[str, Expr]:
    """The arguments of the call: those of its action, or, where the action leaves one open, of some handler that fits.

    Any choice would do that is the same for all answers, so the choice reads no answer.
    """
    chosen: dict[str, Expr] = {}
    for other in (handler.call for handler in reversed(handlers)):
        asking = TRUE if _reads_answers(other.asking, (own for _, own in other.answers)) else other.asking
        fits = both(asking, _calls_alike(dict(call.given), other))
        chosen.update((name, if_else(fits, value, chosen.get(name, value))) for name, value in other.given)
    return {**chosen, **dict(call.given)}


def _handles_answer(
    came_before: tuple[LowerCall, ...], given: Mapping[str, Expr], handler: _Site, answers: str
) -> Expr:
    """The claim that the handler makes the same call, and deals with the answer, under its name in `answers`."""
    names = {own: f"{answers}.{answer}" for answer, own in handler.call.answers}
    by_caller = handler.action.kind is ActionKind.CALL
    trusted = (a.claim for a in handler.action.assumes if not by_caller or _reads_answers(a.claim, names))
    applies = _with_answers_renamed(conjunction([*handler.action.when, *trusted, handler.call.asking]), names)
    before = tuple(replace(call, asking=_with_answers_renamed(call.asking, names)) for call in handler.before)
    return conjunction([applies, _calls_alike(given, handler.call), as_before(came_before, before)])


def _calls_alike(given: Mapping[str, Expr], call: LowerCall) -> Expr:
    """The claim that two calls have equal arguments, as far as both name them."""
    return conjunction(equal(given[name], value) for name, value in call.given if given.get(name, value) != value)


def as_before(calls: tuple[LowerCall, ...], others: tuple[LowerCall, ...]) -> Expr:
    """The claim that the same ones of these calls are made, in the same order, with the same arguments and answers."""
    if not calls or not others:
        return conjunction(Not(call.asking) for call in (*calls, *others))
    last, other = calls[-1], others[-1]
    neither = both(Not(last.asking), as_before(calls[:-1], others))
    skipped = either(neither, both(Not(other.asking), as_before(calls, others[:-1])))
    if (last.layer, last.outcome, last.answers) != (other.layer, other.outcome, other.answers):
        return skipped
    made = [last.asking, other.asking, _calls_alike(dict(last.given), other), as_before(calls[:-1], others[:-1])]
    return either(conjunction(made), skipped)


def _as_answers(site: _Site, answers: str) -> Iterator[ParameterDecl]:
    """The parameters of an action, those that take the call's answers under the names that they have in `answers`.

    No name of a spec is spelled like these.
    """
    names = {own: f"{answers}.{answer}" for answer, own in site.call.answers}
    return (replace(p, name=names.get(p.name, p.name)) for p in site.action.parameters)


def _reads_answers(expr: Expr, names: Iterable[str]) -> bool:
    return not {part.name for part in walk(expr) if isinstance(part, Parameter)}.isdisjoint(names)


def _with_answers_renamed(expr: Expr, names: Mapping[str, str]) -> Expr:
    return map_parameters(expr, lambda parameter: replace(parameter, name=names.get(parameter.name, parameter.name)))
