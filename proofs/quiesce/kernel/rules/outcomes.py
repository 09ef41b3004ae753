"""Conditions that each call has exactly one outcome, in every state and for all arguments, and so has due work."""

from collections.abc import Iterator
from itertools import combinations

from quiesce.kernel.batches import Batch, state_batch
from quiesce.kernel.problem import Problem
from quiesce.kernel.subjects import Covered, Exclusive, Lands, Subject
from quiesce.spec.activities import Activity, activities_of, due_claim
from quiesce.spec.meaning.formulas import parameter_claims
from quiesce.spec.meaning.totals import split
from quiesce.spec.model import Action, Binary, Expr, Machine, Not, Op, ParameterDecl
from quiesce.spec.rewrite import both, conjunction, disjunction


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


def parameters_of_activity(activity: Activity) -> tuple[ParameterDecl, ...]:
    """The member that the activity belongs to, and what its work returns."""
    return (*(() if activity.member is None else (activity.member,)), *activity.answers)


def landings(machine: Machine) -> Iterator[tuple[Activity, Lands, Expr]]:
    """For each activity the claims that, where it is due, exactly one outcome is its success, and one its failure.

    Of an activity that has no outcome to fail with, nothing is claimed of its failure.
    """
    for activity in activities_of(machine):
        for fails, outcomes in ((False, activity.succeeding), (True, activity.failing)):
            if outcomes or not fails:
                one = both(covered_claim(outcomes), exclusive_claim(outcomes))
                yield activity, Lands(activity.name, fails), Binary(Op.IMPLIES, due_claim(activity), one)


def landing_batches(problem: Problem) -> Iterator[tuple[str, Batch[Subject]]]:
    """Each activity, wherever it is due and whatever its work returns, ends with exactly one outcome."""
    claims: dict[Activity, list[tuple[Subject, Expr]]] = {}
    for activity, about, claim in landings(problem.machine):
        claims.setdefault(activity, []).append((about, split(claim)))
    for activity, goals in claims.items():
        parameters = parameters_of_activity(activity)
        where = parameter_claims(problem.machine, parameters)
        yield activity.name, state_batch(problem, goals, parameters, where=where)
