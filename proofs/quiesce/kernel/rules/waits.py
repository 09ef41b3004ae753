"""The waits that are to end: those of promises about the future, and those of blocked callers."""

from collections.abc import Iterator
from dataclasses import replace

from quiesce.kernel.subjects import CallersWait, PromisedWait, Waiting
from quiesce.spec.model import Action, Blocks, Expr, LeadsTo, Machine, Not, ParameterDecl
from quiesce.spec.record import record
from quiesce.spec.rewrite import both, conjunction, disjunction, rename_arguments


@record
class Wait:
    """A wait that has to end.

    It goes on where `waiting` holds, which may speak of `parameters`, and ends where `reached` does, which excludes it.
    The actions of `fair` are trusted: as long as one of them is possible, one of them eventually happens.
    """

    parameters: tuple[ParameterDecl, ...]
    waiting: Expr
    reached: Expr
    fair: tuple[str, ...]


def waits_of(machine: Machine) -> Iterator[tuple[Waiting, Wait]]:
    """Every wait that is to end: those that promises speak of, and those of blocked callers."""
    for promise in machine.promises:
        if promise.holds and isinstance(promise.claim, LeadsTo):
            yield PromisedWait(promise.name), wait_of_promise(promise.claim)
    for action in machine.actions:
        if isinstance(action.outcome, Blocks):
            yield CallersWait(action.name), wait_of_caller(machine, action)


def wait_of_promise(claim: LeadsTo) -> Wait:
    """The wait that a `leads_to` speaks of."""
    return Wait((), both(claim.trigger, Not(claim.goal)), claim.goal, claim.fair)


def wait_of_caller(machine: Machine, action: Action) -> Wait:
    """The wait of a blocked caller; it is about the caller's own arguments, which stay the same.

    It lasts as long as any outcome of the call makes the caller wait, not this one alone: to wait for another reason is
    no end. So all actions are trusted together that one of these outcomes trusts. A member that was new when its caller
    began to wait need not stay so: others may use it meanwhile.
    """
    caller = f"{action.name}."
    blocking = [b for b in machine.actions if isinstance(b.outcome, Blocks) and not {*b.calls}.isdisjoint(action.calls)]
    parameters = tuple({p.name: p for b in blocking for p in b.parameters}.values())
    own = tuple(replace(parameter, name=f"{caller}{parameter.name}", new=False) for parameter in parameters)
    waiting = rename_arguments(disjunction(conjunction(b.when) for b in blocking), parameters, caller)
    fair = dict.fromkeys(name for b in blocking if isinstance(b.outcome, Blocks) for name in b.outcome.fair)
    return Wait(own, waiting, Not(waiting), tuple(fair))
