"""Proof cores of obligations towards other layers: the conditions of `lower_calls` and `refinement`, with switches.

The goals come from the machine as it is. The machine with switches (`switches`) says where a step can be taken, how
the step changes the state, when an action calls a layer below, and which answers other actions deal with. The contract
is fixed: it is a part of the goal and no part of the spec.

The arguments of a call are put into its precondition when the spec is read. So an update of the same action that the
arguments depend on is no premise of the precondition; the conditions of the `if` statements around the call are
premises.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from quiesce.cores.minimal import Question
from quiesce.cores.step_questions import initial_question
from quiesce.cores.switch_questions import switched_question
from quiesce.cores.switches import Switched
from quiesce.kernel.batches import state_batch
from quiesce.kernel.problem import Problem
from quiesce.kernel.rules.layers import asked_together, layers_owed
from quiesce.kernel.rules.state_goals import told_apart
from quiesce.kernel.subjects import OffersStart, Subject
from quiesce.spec.apart import named_apart
from quiesce.spec.effects import seen_before
from quiesce.spec.meaning.totals import split
from quiesce.spec.model import Action, Binary, CallPrecondition, Expr, If, LowerCall, Machine, Not, Op, Statement


def layer_questions(wired: Switched, problem: Problem) -> Iterator[Question]:
    """Questions about all obligations to the layers below and above.

    `problem` is that of the machine without switches.
    """
    goals = [owed.goal() for owed in layers_owed(problem, _with_switched_calls(wired, problem.machine))]
    begins: list[tuple[Subject, Expr]] = [
        (goal.obligation.about, goal.claim) for goal in goals if goal.obligation.about == OffersStart()
    ]
    if begins:
        yield initial_question(problem, begins)
    for _, listed in asked_together(goal for goal in goals if goal.obligation.about != OffersStart()):
        claims, parameters = told_apart(listed)
        batch = state_batch(wired.problem, [(about, split(claim)) for about, claim in claims], parameters)
        yield switched_question(wired, batch)


def _with_switched_calls(wired: Switched, machine: Machine) -> Problem:
    """The problem with switches, in what actions ask of the layers below, too."""
    actions = tuple(
        _action_with_switches(wired, machine, own, action)
        for own, action in zip(machine.actions, wired.problem.machine.actions, strict=True)
    )
    return Problem(replace(wired.problem.machine, actions=actions), wired.problem.helpers)


def _action_with_switches(wired: Switched, machine: Machine, own: Action, action: Action) -> Action:
    """`action` with switches for guards and conditions in its preconditions and calls. `own` is the action without."""
    if not own.preconditions and not own.lower_calls:
        return action
    ways = zip(_conditions_of_ifs((), own.body), _conditions_of_ifs((), action.body), strict=True)
    conditions = {
        _condition_before_action(machine, *way): _condition_before_action(wired.problem.machine, *other)
        for way, other in ways
    }
    guards = wired.guards[own.name]
    return replace(
        action,
        preconditions=tuple(_switched_precondition(precondition, conditions) for precondition in own.preconditions),
        lower_calls=tuple(_switched_lower_call(call, {**guards, **conditions}) for call in own.lower_calls),
    )


def _conditions_of_ifs(
    before: tuple[Statement, ...], body: tuple[Statement, ...]
) -> Iterator[tuple[tuple[Statement, ...], Expr]]:
    """The condition of each `if` outside of loops, with the statements that lead to it."""
    for statement in body:
        if isinstance(statement, If):
            yield before, statement.condition
            for arm in (statement.then, statement.otherwise):
                yield from _conditions_of_ifs(before, arm)
        before = (*before, statement)


def _condition_before_action(machine: Machine, before: tuple[Statement, ...], condition: Expr) -> Expr:
    """A condition, as a claim about the state before the action."""
    return named_apart(seen_before(machine.variables, machine.families, before, condition))


def _switched_precondition(precondition: CallPrecondition, conditions: Mapping[Expr, Expr]) -> CallPrecondition:
    match precondition.claim:
        case Binary(Op.IMPLIES, path, claim):
            return replace(precondition, claim=Binary(Op.IMPLIES, _with_parts_replaced(path, conditions), claim))
        case _:
            return precondition


def _switched_lower_call(call: LowerCall, known: Mapping[Expr, Expr]) -> LowerCall:
    return replace(call, asking=_with_parts_replaced(call.asking, known))


def _with_parts_replaced(expr: Expr, known: Mapping[Expr, Expr]) -> Expr:
    """The conjunction `expr` with other claims in the place of its parts."""
    if expr in known:
        return known[expr]
    match expr:
        case Binary(Op.AND, left, right):
            return Binary(Op.AND, _with_parts_replaced(left, known), _with_parts_replaced(right, known))
        case Not(arg):
            return Not(_with_parts_replaced(arg, known))
        case _:
            return expr
