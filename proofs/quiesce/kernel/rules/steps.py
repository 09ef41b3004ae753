"""The conditions of each obligation about states and steps: what a solver has to confirm."""

from collections.abc import Iterator
from itertools import combinations

from quiesce.kernel.batches import Batch, action_batch, start_batch, state_batch
from quiesce.kernel.problem import Invariant, Problem, initial, preserved
from quiesce.kernel.rules.enabled import enabled_goals
from quiesce.kernel.rules.forgettable import forgettable_batches
from quiesce.kernel.rules.refinement import layer_goals
from quiesce.kernel.rules.state_goals import told_apart
from quiesce.kernel.subjects import Covered, Exclusive, Initial, Preserved, StepKept, Stutters, Subject
from quiesce.spec.meaning.formulas import flatten_old, initial_claim, parameter_claims
from quiesce.spec.meaning.premises import before
from quiesce.spec.meaning.totals import split
from quiesce.spec.model import (
    Action,
    Binary,
    Expr,
    Not,
    Op,
    ParameterDecl,
)
from quiesce.spec.rewrite import both, conjunction, disjunction


def local_batches(problem: Problem) -> Iterator[tuple[str, Batch[Subject]]]:
    """Every condition about one state or one step, in batches with a name."""
    machine = problem.machine
    named = [("start", initial_batch(problem))]
    named.append(("idle", idle_batch(problem)))
    named += ((f"step {a.name}", batch) for a, batch in zip(problem.moving, step_batches(problem), strict=True))
    named += ((f"call {name}", batch) for name, batch in zip(machine.calls, total_batches(problem), strict=True))
    named.append(("promised outcomes", enabled_batch(problem)))
    named += forgettable_batches(problem)
    named.append(("layers", layer_batch(problem)))
    return ((name, batch) for name, batch in named if batch.goals)


def call_parameters(outcomes: tuple[Action, ...]) -> tuple[ParameterDecl, ...]:
    """The arguments of a call: those that any of its outcomes names."""
    return tuple({p.name: p for action in outcomes for p in action.parameters}.values())


def outcome_guards(outcomes: tuple[Action, ...]) -> tuple[Expr, ...]:
    """The claim that an outcome applies, for each of these outcomes of a call."""
    return tuple(conjunction(action.when) for action in outcomes)


def covered_claim(outcomes: tuple[Action, ...]) -> Expr:
    """The claim that some outcome applies."""
    return disjunction(outcome_guards(outcomes))


def exclusive_claim(outcomes: tuple[Action, ...]) -> Expr:
    """The claim that no two outcomes apply."""
    pairs = combinations(outcome_guards(outcomes), 2)
    return conjunction(Not(both(left, right)) for left, right in pairs)


def total_batches(problem: Problem) -> Iterator[Batch[Subject]]:
    """Each call, in each state and with any arguments, has exactly one outcome."""
    for name, outcomes in problem.machine.calls.items():
        parameters = call_parameters(outcomes)
        goals: list[tuple[Subject, Expr]] = [
            (Covered(name), split(covered_claim(outcomes))),
            (Exclusive(name), split(exclusive_claim(outcomes))),
        ]
        yield state_batch(problem, goals, parameters, where=parameter_claims(problem.machine, parameters))


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


def enabled_batch(problem: Problem) -> Batch[Subject]:
    """Calls are answered, and actions possible, where a promise says so, each obligation with arguments of its own."""
    claims, parameters = told_apart(enabled_goals(problem))
    return state_batch(problem, [(name, split(claim)) for name, claim in claims], parameters)


def layer_batch(problem: Problem) -> Batch[Subject]:
    """The obligations of a machine to the layers below and above it, each with arguments of its own."""
    claims, parameters = told_apart(layer_goals(problem))
    return state_batch(problem, [(name, split(claim)) for name, claim in claims], parameters)
