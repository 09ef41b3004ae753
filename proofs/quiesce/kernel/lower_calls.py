"""What a machine owes to the layer below it: its calls are legal there, and it deals with every answer."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from quiesce.kernel.kinds import AnswersHandled, Obligation, Precondition
from quiesce.kernel.problem import Problem, guard, parameter_claims
from quiesce.kernel.state_goals import StateGoal
from quiesce.spec.model import Action, ActionKind, Duty, Expr, LowerCall, Parameter, ParameterDecl
from quiesce.spec.rewrite import conjunction, disjunction, map_children


@dataclass(frozen=True, slots=True)
class Owed:
    """An obligation, and how to put together what it says: that takes long, and listing obligations does without it."""

    obligation: Obligation
    goal: Callable[[], StateGoal]


def duties_owed(problem: Problem) -> Iterator[Owed]:
    """Every call to a layer below is legal, and every answer to it is dealt with."""
    for action in problem.machine.actions:
        for number, duty in enumerate(action.duties, 1):
            obligation = Obligation(Precondition(action.name, duty.callee, number), duty.span)
            yield Owed(obligation, partial(_legal, problem, action, duty, obligation))
        for number, lower_call in enumerate(action.lower_calls, 1):
            about = AnswersHandled(action.name, lower_call.layer, lower_call.outcome, number)
            obligation = Obligation(about, lower_call.span)
            yield Owed(obligation, partial(_answered, problem, action, lower_call, obligation))


def _legal(problem: Problem, action: Action, duty: Duty, obligation: Obligation) -> StateGoal:
    return StateGoal(obligation, action.parameters, guard(problem.machine, action), duty.claim, _illegal(duty))


def _answered(problem: Problem, action: Action, lower_call: LowerCall, obligation: Obligation) -> StateGoal:
    """Wherever the action makes the call, some action makes it and is about the answer that comes.

    An outcome may stand for several calls. One that succeeds may have been any of them; a refusal says less about which
    call was refused, so one of them has to be dealt with in full, which is then the one.
    """
    handlers = [*_handlers(problem, action, lower_call)]
    parameters = {parameter.name: parameter for parameter in action.parameters}
    claims = []
    for call in lower_call.calls:
        ways = []
        for handler, theirs in handlers:
            needed = tuple(_with_answers(handler, theirs))
            if call in theirs.calls and _agree(parameters, needed):
                parameters.update((parameter.name, parameter) for parameter in needed)
                names = {own: _canonical(theirs.layer, answer) for answer, own in theirs.answers}
                ways.append(_renamed(conjunction([*handler.when, theirs.asking]), names))
        claims.append(disjunction(ways))
    declared = tuple(parameters.values())
    assumed = (assumption.claim for assumption in action.assumes)
    where = conjunction([*parameter_claims(problem.machine, declared), lower_call.asking, *assumed])
    claim = disjunction(claims) if lower_call.refused else conjunction(claims)
    otherwise = f"makes the call to {lower_call.layer}.{lower_call.outcome}, and no action deals with the answer to it"
    return StateGoal(obligation, declared, where, claim, otherwise)


def _illegal(duty: Duty) -> str:
    return f"makes the call to {duty.callee}, whose contract does not allow it: {duty.because}"


def _handlers(problem: Problem, action: Action, lower_call: LowerCall) -> Iterator[tuple[Action, LowerCall]]:
    """The actions that may come instead, each with its own call of the same layer."""
    for other in problem.machine.actions:
        rivals = other.kind is action.kind
        if action.kind is ActionKind.CALL:
            rivals = rivals and not set(other.calls).isdisjoint(action.calls)
        if rivals:
            yield from ((other, theirs) for theirs in other.lower_calls if theirs.layer == lower_call.layer)


def _with_answers(action: Action, lower_call: LowerCall) -> Iterator[ParameterDecl]:
    """The parameters of an action, those that take the call's answers under the names that they have for the layer."""
    names = {own: _canonical(lower_call.layer, answer) for answer, own in lower_call.answers}
    for p in action.parameters:
        yield ParameterDecl(names.get(p.name, p.name), p.type, p.new, p.span, p.answer)


def _agree(known: Mapping[str, ParameterDecl], needed: Iterable[ParameterDecl]) -> bool:
    """Whether what two actions call alike is alike; otherwise one of them cannot stand in for the other."""
    return all(known.get(p.name, p) == p for p in needed)


def _canonical(layer: str, answer: str) -> str:
    """The answer itself, whatever parameter takes it. No name of a spec is spelled like this."""
    return f"{layer}.{answer}"


def _renamed(expr: Expr, names: Mapping[str, str]) -> Expr:
    match expr:
        case Parameter(name, type_) if name in names:
            return Parameter(names[name], type_)
        case _:
            return map_children(expr, lambda child: _renamed(child, names))
