"""Induction over more than one step: a promise that no single step explains may hold because of the steps before it.

To prove of one action that it keeps a promise, take the last steps before it as well. Either the run is no longer than
that, so it begins with them in an initial state; or every state before the last one was reached, so all invariants and
the promise hold in each of them. Both cases are proved for every sequence of actions of that length (Sheeran, Singh and
Stålmarck, "Checking safety properties using induction and a SAT-solver", FMCAD 2000).
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import assert_never

from quiesce.kernel.batches import Batch
from quiesce.kernel.kinds import promise_of
from quiesce.kernel.problem import Problem
from quiesce.kernel.subjects import Preserved, StepKept, Subject
from quiesce.spec.effects import Effect
from quiesce.spec.meaning.formulas import guard, initial_claim, kept
from quiesce.spec.meaning.totals import split
from quiesce.spec.model import Action, Binary, Expr, Op, ParameterDecl
from quiesce.spec.record import record
from quiesce.spec.rewrite import conjunction, rename_arguments


def induction_batches(
    problem: Problem, about: Preserved | StepKept, depth: int
) -> Iterator[tuple[str, Batch[Subject]]]:
    """The conditions that prove an obligation about one action by looking at `depth` steps."""
    last = _Placed.at(problem, problem.machine.actions_by_name[about.action], depth)
    claim = rename_arguments(_claim_to_induce(problem, about), last.action.parameters, last.prefix)
    goal = Binary(Op.IMPLIES, last.guard, kept(last.effect, claim))
    claim_name = promise_of(about)
    for length in range(depth):
        for number, before in enumerate(product(problem.moving, repeat=length)):
            placed = [_Placed.at(problem, earlier, position) for position, earlier in enumerate(before, 1)]
            parameters = tuple(parameter for step in (*placed, last) for parameter in step.parameters)
            wanted: tuple[tuple[Subject, Expr], ...] = ((about, _claim_after_steps(problem, placed, goal)),)
            short = length < depth - 1
            premises = (split(initial_claim(problem.machine, persistent=True)),) if short else ()
            yield (
                f"step {about.action} {claim_name} {length}.{number}",
                Batch(problem, parameters, premises, wanted, reachable=not short),
            )


@record
class _Placed:
    """An action at one position of a sequence, with arguments of its own."""

    action: Action
    prefix: str
    parameters: tuple[ParameterDecl, ...]
    guard: Expr
    effect: Effect

    @staticmethod
    def at(problem: Problem, action: Action, position: int) -> "_Placed":
        prefix = f"{position}."

        def renamed(expr: Expr) -> Expr:
            return rename_arguments(expr, action.parameters, prefix)

        effect = problem.effects[action.name]
        return _Placed(
            action,
            prefix,
            tuple(replace(parameter, name=f"{prefix}{parameter.name}") for parameter in action.parameters),
            renamed(guard(problem.machine, action)),
            replace(
                effect,
                scalars={name: renamed(value) for name, value in effect.scalars.items()},
                fields={key: renamed(value) for key, value in effect.fields.items()},
            ),
        )


def _claim_after_steps(problem: Problem, before: list[_Placed], goal: Expr) -> Expr:
    """The claim that `goal` holds after the steps `before`.

    The states between are reachable, so the invariants hold there.
    """
    for step in reversed(before):
        reached = Binary(Op.IMPLIES, conjunction(problem.assumed), goal)
        goal = Binary(Op.IMPLIES, step.guard, kept(step.effect, reached))
    return split(goal)


def _claim_to_induce(problem: Problem, about: Preserved | StepKept) -> Expr:
    match about:
        case Preserved(_, name):
            return next(invariant.claim for invariant in problem.invariants if invariant.name == name)
        case StepKept(_, name):
            return next(claim.claim for promise, claim in problem.step_promises if promise.name == name)
        case _:
            assert_never(about)
