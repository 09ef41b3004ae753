"""Conditions about starts and steps: every invariant and step promise holds at first and is kept. Lists all batches."""

from collections.abc import Iterator

from quiesce.kernel.batches import Batch, action_batch, start_batch, state_batch
from quiesce.kernel.problem import Invariant, Problem, initial, preserved
from quiesce.kernel.rules.enabled import enabled_batch
from quiesce.kernel.rules.forgettable import forgettable_batches
from quiesce.kernel.rules.layers import layer_batches
from quiesce.kernel.rules.outcomes import landing_batches, total_batches
from quiesce.kernel.subjects import Initial, Preserved, StepKept, Stutters, Subject
from quiesce.spec.meaning.formulas import flatten_old, initial_claim
from quiesce.spec.meaning.premises import before
from quiesce.spec.meaning.totals import split
from quiesce.spec.model import Binary, Expr, Op


def local_batches(problem: Problem) -> Iterator[tuple[str, Batch[Subject]]]:
    """Every condition about one state or one step, in batches with a name."""
    machine = problem.machine
    named = [("start", initial_batch(problem))]
    named.append(("idle", idle_batch(problem)))
    named += ((f"step {a.name}", batch) for a, batch in zip(problem.moving, step_batches(problem), strict=True))
    named += ((f"call {name}", batch) for name, batch in zip(machine.calls, total_batches(problem), strict=True))
    named += ((f"activity {name}", batch) for name, batch in landing_batches(problem))
    named.append(("promised outcomes", enabled_batch(problem)))
    named += forgettable_batches(problem)
    named += layer_batches(problem)
    return ((name, batch) for name, batch in named if batch.goals)


def initial_batch(problem: Problem) -> Batch[Subject]:
    """Every invariant holds at the start, and what is promised of it; the steps are in `step_batches`."""
    start = initial_claim(problem.machine, persistent=True)
    goals: list[tuple[Subject, Expr]] = [(initial(invariant), invariant.claim) for invariant in problem.invariants]
    goals += [(Initial(promise.name), claim.claim) for promise, claim in problem.initial_promises]
    return start_batch(problem, start, goals)


def step_batches(problem: Problem) -> Iterator[Batch[Subject]]:
    """Every action keeps every invariant, and every step promise. What `framed` answers is left out."""
    left_out = dict(framed(problem))
    for action in problem.moving:
        goals: list[tuple[Subject, Expr]] = [
            (preserved(action.name, invariant), _kept_by_itself(problem, invariant)) for invariant in problem.invariants
        ]
        goals += [
            (StepKept(action.name, promise.name), claim.claim)
            for promise, claim in problem.step_promises
            if action.name not in claim.unless
        ]
        yield action_batch(problem, action, [goal for goal in goals if goal[0] not in left_out])


def _kept_by_itself(problem: Problem, invariant: Invariant) -> Expr:
    """The claim that an action keeps an invariant that held before, even where no other proof may rest on it."""
    if invariant.name not in problem.fallen:
        return invariant.claim
    return Binary(Op.IMPLIES, before(invariant.claim), invariant.claim)


def idle_batch(problem: Problem) -> Batch[Subject]:
    """Every step promise is kept by a step that changes nothing, if it is about such steps."""
    goals: list[tuple[Subject, Expr]] = [
        (Stutters(promise.name), split(flatten_old(claim.claim))) for promise, claim in problem.idle_promises
    ]
    return state_batch(problem, goals)


def framed(problem: Problem) -> Iterator[tuple[Preserved | StepKept, Stutters | None]]:
    """Obligations that `step_batches` leaves out, each with the one that answers for it, if it needs any.

    An action that writes nothing that an invariant reads leaves it as it was: it held before, and needs no answer. A
    step promise that reads nothing of what the action writes is as good as its idle step; one that is about no idle
    step has to be proved of the action itself.
    """
    for action in problem.moving:
        writes = problem.effects[action.name].writes
        for invariant in problem.invariants:
            if writes.isdisjoint(problem.reads[invariant.name]):
                yield preserved(action.name, invariant), None
        for promise, claim in problem.idle_promises:
            if action.name not in claim.unless and writes.isdisjoint(problem.reads[promise.name]):
                yield StepKept(action.name, promise.name), Stutters(promise.name)
