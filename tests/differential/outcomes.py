"""Promises about which outcome a call has, and what can happen, looked at one state after the other."""

from collections.abc import Iterator

from quiesce.spec.interpreter import argument_scopes, evaluate, holds
from quiesce.spec.model import Accepts, Action, Answers, Fails, Initially, Machine, ParameterDecl, Possible, Promise
from quiesce.spec.state import Run, State

from tests.differential.spaces import INTEGERS, Space


def breaks_outcomes(machine: Machine, found: Space) -> Iterator[tuple[str, Run]]:
    """Good states, and starts, that break such a promise, by the id of its obligation."""
    for promise in machine.promises:
        if isinstance(promise.claim, Initially):
            for start in range(found.starts):
                if not holds(promise.claim.claim, found.states[start]):
                    yield f"start/{promise.name}", found.run_to(start)
        for id_ in ids_of(promise):
            for number in found.expanded:
                if is_broken(machine, promise, id_, found.states[number]):
                    yield id_, found.run_to(number)


def ids_of(promise: Promise) -> Iterator[str]:
    """The obligations of a promise that are about one state and all arguments."""
    match promise.claim:
        case Answers(_, calls):
            yield from (f"answers/{promise.name}/{call}" for call in calls)
        case Possible(_, actions):
            yield from (f"possible/{promise.name}/{action}" for action in actions)
        case _:
            pass


def is_broken(machine: Machine, promise: Promise, id_: str, state: State, integers: tuple[int, ...] = INTEGERS) -> bool:
    """Whether the promise holds of this state and some arguments, but nothing that it asks for applies to these."""
    claim, what = promise.claim, id_.rpartition("/")[2]
    assert isinstance(claim, Answers | Possible)
    asked = [a for a in machine.actions if _is_asked_for(claim, what, a)]
    parameters: dict[str, ParameterDecl] = {p.name: p for p in claim.parameters}
    parameters |= {p.name: p for action in asked for p in action.parameters}
    return any(
        evaluate(claim.claim, scope)
        and not any(all(evaluate(condition, scope) for condition in action.when) for action in asked)
        for scope in argument_scopes(machine, state, tuple(parameters.values()), integers)
    )


def _is_asked_for(claim: Answers | Possible, what: str, action: Action) -> bool:
    if isinstance(claim, Possible):
        return action.name == what
    if what not in action.calls:
        return False
    return action.outcome == (Accepts() if claim.error is None else Fails(claim.error))
