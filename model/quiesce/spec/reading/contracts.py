"""Contracts: which machines can be one, and what a machine needs in order to offer one."""

import ast
from collections.abc import Iterator

from quiesce.spec.codes import Code
from quiesce.spec.model import (
    Accepts,
    Action,
    ActionKind,
    Assign,
    BoolType,
    Fails,
    IntType,
    Machine,
    ParameterDecl,
    VariableDecl,
)
from quiesce.spec.reading.context import Context
from quiesce.spec.reading.problems import POISON


def why_no_contract(machine: Machine) -> str | None:
    """The reason why a machine cannot be a contract; None if it can.

    A contract is about one caller. Its variables can be added up over callers, and nothing but a call changes them.
    """
    return next(_faults(machine), None)


def _faults(machine: Machine) -> Iterator[str]:
    if machine.families or machine.policies:
        yield "it has families or policies"
    if machine.contracts:
        yield "it has layers of its own"
    for variable in machine.variables:
        if not (isinstance(variable.type, IntType) and variable.type.low == 0 and variable.initial == 0):
            yield f"its variable `{variable.name}` is not a number that starts at 0, the least it can be"
        elif variable.persistent:
            yield f"its variable `{variable.name}` outlives what it counts"
    for action in machine.actions:
        if action.kind is not ActionKind.CALL or not isinstance(action.outcome, Accepts | Fails):
            yield f"`{action.name}` is not a call that succeeds or fails"
        if not all(isinstance(statement, Assign) for statement in action.body):
            yield f"`{action.name}` decides what it does: make it two outcomes"
        for parameter in action.parameters:
            if not isinstance(parameter.type, BoolType | IntType):
                yield f"`{parameter.name}` of `{action.name}` is neither a bool nor a number"


def read_offer(
    context: Context, node: ast.expr | None, variables: tuple[VariableDecl, ...], actions: tuple[Action, ...]
) -> Machine | None:
    """The contract that a machine offers, if it has what that takes."""
    if node is None or context.is_lost(node):
        return None
    contract = context.symbols.contracts.get(node.id) if isinstance(node, ast.Name) else None
    if contract is None or contract is POISON:
        context.report(Code.BAD_OFFER, node, "a machine provides a contract, imported from a spec beside this one")
        return None
    for message in _lacks(contract, variables, actions):
        context.report(Code.BAD_OFFER, node, message)
    return contract


def _lacks(contract: Machine, variables: tuple[VariableDecl, ...], actions: tuple[Action, ...]) -> Iterator[str]:
    declared = {variable.name: variable for variable in variables}
    for wanted in contract.variables:
        own = declared.get(wanted.name)
        if own is None:
            yield f"this machine has no variable `{wanted.name}`, which {contract.name} counts in"
        elif (own.type, own.initial) != (wanted.type, wanted.initial):
            yield f"`{wanted.name}` is of another type, or starts elsewhere, than in {contract.name}"
    for name, outcomes in contract.calls.items():
        own_outcomes = [action for action in actions if name in action.calls]
        if not own_outcomes:
            yield f"this machine has no call {name}, which {contract.name} offers"
            continue
        given = {p.name: p for action in own_outcomes for p in action.parameters}
        for parameter in (p for outcome in outcomes for p in outcome.parameters):
            yield from _disagrees(name, parameter, given.get(parameter.name))


def _disagrees(call: str, wanted: ParameterDecl, own: ParameterDecl | None) -> Iterator[str]:
    """The ways in which a parameter of a call differs between contract and machine; nothing if the two agree.

    An argument that the caller chooses by the contract may not be an answer of the machine. The other way round is
    sound: a machine whose caller chooses a value that the contract calls an answer is proved for every such value, so
    to callers who know the contract alone, the machine might as well have chosen it.
    """
    if own is not None and own.type != wanted.type:
        yield f"`{wanted.name}` of {call} has another type here than in the contract"
    elif own is not None and own.answer and not wanted.answer:
        yield f"`{wanted.name}` of {call} is chosen by the caller in the contract, and is an answer here"
