"""Proving that a mutant is the same machine after all: the same steps from every state that the invariants allow.

The invariants are those of the original. If both machines begin in the same states, and agree on every step from a
state in which these hold, then the mutant's runs never leave such states, and are the original's runs.

With the same arguments both actions have to be possible, and lead to the same state. What a client can see is a call's
outcome, so guards of calls have to agree. A step of the provider or of the world that changes nothing cannot be told
from no step at all, so there guards may differ where nothing happens; unless some wait trusts the action to happen, or
a promise speaks of its arguments.
"""

from collections.abc import Iterator

from quiesce.kernel.batches import Batch, state_batch
from quiesce.kernel.problem import Problem
from quiesce.prove.solving.z3_solver import Solver
from quiesce.spec.effects import ANY_MEMBER, Effect
from quiesce.spec.meaning.formulas import for_all, guard, inhabited
from quiesce.spec.meaning.totals import split
from quiesce.spec.model import (
    Action,
    ActionKind,
    Binary,
    Blocks,
    EnabledWhere,
    Expr,
    Field,
    LeadsTo,
    Machine,
    MemberType,
    Op,
    Step,
    Variable,
)
from quiesce.spec.rewrite import both, conjunction, equal


def same_steps(original: Problem, mutant: Problem, solver: Solver) -> bool:
    """Whether both machines are proved to begin and to go on in the same way."""
    if not _comparable(original.machine, mutant.machine):
        return False
    changed = [
        (before, now)
        for before, now in zip(original.machine.actions, mutant.machine.actions, strict=True)
        if before != now
    ]
    return all(
        check.proved
        for before, now in changed
        for batch in _batches_of_action(original, mutant, before, now)
        for check in solver.check(batch)
    )


def _comparable(original: Machine, mutant: Machine) -> bool:
    """Whether nothing but guards, assumptions and updates differs."""
    return (original.variables, original.families, original.promises) == (
        mutant.variables,
        mutant.families,
        mutant.promises,
    ) and [_face_of_action(action) for action in original.actions] == [
        _face_of_action(action) for action in mutant.actions
    ]


def _face_of_action(action: Action) -> tuple[object, ...]:
    as_declared = (action.name, action.kind, action.calls, action.parameters, action.outcome, action.preconditions)
    return (*as_declared, action.ends, action.until, action.fair, action.timeout)


def _batches_of_action(original: Problem, mutant: Problem, before: Action, now: Action) -> Iterator[Batch[str]]:
    old_guard, new_guard = guard(original.machine, before), guard(mutant.machine, now)
    old, new = original.effects[before.name], mutant.effects[now.name]
    if is_silent(original.machine, before):
        unchanged = (
            conjunction(_changes_nothing(original.machine, old)),
            conjunction(_changes_nothing(original.machine, new)),
        )
        goals = [
            ("nothing is lost", Binary(Op.OR, new_guard, unchanged[0])),
            ("nothing is gained", Binary(Op.OR, old_guard, unchanged[1])),
        ]
        wheres = (old_guard, new_guard)
        for goal, where in zip(goals, wheres, strict=True):
            yield _goals_of_action(original, before, [goal], where)
    else:
        yield _goals_of_action(original, before, [("possible in the same states", equal(old_guard, new_guard))])
        wait = conjunction(before.when), conjunction(now.when)
        yield _goals_of_action(original, before, [("the outcome in the same states", equal(*wait))])
    updates = [("the same update", claim) for claim in _same_updates(original.machine, old, new)]
    yield _goals_of_action(original, before, updates, both(old_guard, new_guard))


def _goals_of_action(problem: Problem, action: Action, goals: list[tuple[str, Expr]], *where: Expr) -> Batch[str]:
    members = (p.type for p in action.parameters if isinstance(p.type, MemberType))
    there = [inhabited(problem.machine.family_of(type_).name) for type_ in dict.fromkeys(members)]
    return state_batch(problem, [(name, split(goal)) for name, goal in goals], action.parameters, (*there, *where))


def is_silent(machine: Machine, action: Action) -> bool:
    """Whether steps of the action that change nothing cannot be noticed."""
    noticed = {name for other in machine.actions if isinstance(other.outcome, Blocks) for name in other.outcome.fair}
    for promise in machine.promises:
        if isinstance(promise.claim, LeadsTo):
            noticed.update(promise.claim.fair)
        if isinstance(promise.claim, Step) and promise.claim.parameters and action.name not in promise.claim.unless:
            noticed.add(action.name)  # what it was given is spoken of even where it changes nothing
        if isinstance(promise.claim, EnabledWhere):
            noticed.update(promise.claim.actions)
    by_itself = action.kind in (ActionKind.INTERNAL, ActionKind.ENVIRONMENT)  # that work has ended is always noticed
    return by_itself and action.timeout is None and action.name not in noticed


def _changes_nothing(machine: Machine, effect: Effect) -> Iterator[Expr]:
    """The claim that an effect changes nothing."""
    return _same_updates(machine, effect, Effect({}, {}, (), frozenset()))


def _same_updates(machine: Machine, left: Effect, right: Effect) -> Iterator[Expr]:
    for variable in machine.variables:
        place = Variable(variable.name, variable.type)
        values = left.scalars.get(variable.name, place), right.scalars.get(variable.name, place)
        if values[0] != values[1]:
            yield equal(*values)
    for family in machine.families:
        for declared in family.fields:
            key, field = (family.name, declared.name), Field(ANY_MEMBER, family.name, declared.name, declared.type)
            new = left.fields.get(key, field), right.fields.get(key, field)
            if new[0] != new[1]:
                yield for_all(family, equal(*new))
