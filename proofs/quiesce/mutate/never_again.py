"""Proving that something never happens again after some run: a set of states that no step leaves, and what it lacks.

The set is described by facts that hold in every state that a walk meets from there on: which values each variable and
each field has; of these, the largest part that every action keeps. The prover's own traps are described otherwise: by
what holds in one state, which is quicker and finds less. The invariants of the mutant are assumed besides, so they have
to be proved. What remains is a proof for any counts and any number of members.
"""

from collections.abc import Collection, Iterator, Sequence

from quiesce.kernel.batches import action_batch, state_batch
from quiesce.kernel.kinds import promise_of
from quiesce.kernel.plan import Plan
from quiesce.kernel.problem import Problem
from quiesce.kernel.subjects import Subject, WayDown
from quiesce.mutate.broken_on_walk import Broken
from quiesce.prove.search.closed_set import Fact, claims, closed
from quiesce.prove.search.goals_in_reach import dead_ends
from quiesce.prove.search.walk import Walk
from quiesce.prove.search.witnesses import wanted
from quiesce.prove.solving.z3_solver import Solver
from quiesce.spec.arguments import Enumerator
from quiesce.spec.effects import ANY_MEMBER
from quiesce.spec.interpreter import holds, is_unused, step
from quiesce.spec.meaning.formulas import parameter_claims
from quiesce.spec.meaning.smtlib import scalars
from quiesce.spec.meaning.totals import split
from quiesce.spec.model import (
    INT,
    Binary,
    Expr,
    FamilyDecl,
    Field,
    IntType,
    Literal,
    Not,
    Op,
    ParameterDecl,
    Recoverable,
    Value,
    Variable,
)
from quiesce.spec.record import record
from quiesce.spec.rewrite import disjunction, equal
from quiesce.spec.state import Run, State

LOST = "lost.member"
"""The member that the facts about one member are about."""

ATTEMPTS = 3
"""How many ends of runs are tried for one promise."""

AHEAD = 150
"""How many states are looked at from the end of a run on, about."""


@record
class Never:
    """A witness that no run can show: the obligation, and the promise that it belongs to."""

    obligation: Subject
    promise: str | None


def traps(walk: Walk, solver: Solver, promises: Collection[str]) -> Iterator[Broken]:
    """For each recoverable promise of these the first run after which it is proved that its goal is out of reach."""
    for promise in walk.problem.machine.promises:
        if promise.name in promises and isinstance(promise.claim, Recoverable):
            run = _run_into_trap(walk, solver, promise.claim.goal)
            if run is not None:
                where = tuple(str(run.end.scalars[v.name]) for v in walk.problem.control)
                yield Broken(WayDown(promise.name, where), promise.name, run)


def _run_into_trap(walk: Walk, solver: Solver, goal: Expr) -> Run | None:
    reached = [number for number, holds in enumerate(walk.where(goal)) if holds]
    tried = 0
    for number in dead_ends(walk, reached):
        ahead = _states_ahead(walk.problem, walk.states[number], goal)
        if ahead is None:
            continue
        if _is_trap(walk.problem, solver, ahead, goal):
            return walk.run_to(number)
        tried += 1
        if tried == ATTEMPTS:
            break
    return None


def _states_ahead(problem: Problem, state: State, goal: Expr) -> tuple[State, ...] | None:
    """States that can be reached from `state`, but not too many; None if the goal is among them."""
    enumerator = Enumerator(problem.machine)
    found: dict[State, None] = {state: None}
    queue = [state]
    for before in queue:
        for action, arguments in enumerator.enabled(before):
            after = step(problem.machine, before, action, arguments)
            if after in found:
                continue
            if holds(goal, after):
                return None
            found[after] = None
            queue.append(after)
        if len(found) > AHEAD:
            break
    return tuple(found)


def never(walk: Walk, solver: Solver) -> Iterator[Never]:
    """Witnesses that are proved to be impossible: actions that never happen, values never taken, idle promises."""
    problem = walk.problem
    missing = [item for item in wanted(Plan(problem)) if item.target is not None and item.shown(walk) is None]
    if not missing:
        return
    kept = claims(closed(problem, solver, _facts_of_all(problem, walk.states, None)))
    for item in missing:
        if item.target is None or item.target.parameters:
            continue
        claim = Not(item.target.claim)
        if item.target.actions is None:
            batches = [state_batch(problem, [("never", split(claim))], (), kept)]
        else:
            actions = (problem.machine.actions_by_name[name] for name in item.target.actions)
            batches = [action_batch(problem, action, [("never", claim)], kept) for action in actions]
        if all(check.proved for batch in batches for check in solver.check(batch)):
            yield Never(item.about, promise_of(item.about))


def _is_trap(problem: Problem, solver: Solver, ahead: Sequence[State], goal: Expr) -> bool:
    for parameters, lost in _members_in_use(problem, ahead[0]):
        kept = claims(closed(problem, solver, _facts_of_all(problem, ahead, lost), parameters))
        known = (*parameter_claims(problem.machine, parameters), *kept)
        if solver.check(state_batch(problem, [("apart", split(Not(goal)))], parameters, known))[0].proved:
            return True
    return False


def _members_in_use(
    problem: Problem, state: State
) -> Iterator[tuple[tuple[ParameterDecl, ...], tuple[FamilyDecl, int] | None]]:
    """No member, then each member in use."""
    yield (), None
    for family in problem.machine.families:
        for index, member in enumerate(state.families[family.name]):
            if not is_unused(family, member):
                yield (ParameterDecl(LOST, family.member, False, family.span),), (family, index)


# --- facts -------------------------------------------------------------------------------------------------------


def _facts_of_all(problem: Problem, states: Sequence[State], lost: tuple[FamilyDecl, int] | None) -> Iterator[Fact]:
    """Facts that hold in all `states`: about variables, all members of each family, and the member that is lost."""
    machine = problem.machine
    for declared in scalars(machine):
        place = Variable(declared.name, declared.type)
        for claim in _values_taken(place, [state.scalars[declared.name] for state in states]):
            yield Fact(claim)
    for family in machine.families:
        members = [member for state in states for member in state.families[family.name]]
        for field in family.fields:
            anyone = Field(ANY_MEMBER, family.name, field.name, field.type)
            for claim in _values_taken(anyone, [member[field.name] for member in members]):
                yield Fact(claim, family)
    if lost is not None:
        family, index = lost
        for field in family.fields:
            own = Field(LOST, family.name, field.name, field.type)
            for claim in _values_taken(own, [state.families[family.name][index][field.name] for state in states]):
                yield Fact(claim)


def _values_taken(place: Variable | Field, values: Collection[Value]) -> Iterator[Expr]:
    """The claims about the values that a place has, if these are not all of its type."""
    if not values:
        return
    if isinstance(place.type, IntType):
        numbers = [int(value) for value in values]
        for op, bound in ((Op.GE, min(numbers)), (Op.LE, max(numbers))):
            yield Binary(op, place, Literal(bound, INT))
    else:
        seen = sorted(set(values), key=str)
        yield disjunction(equal(place, Literal(value, place.type)) for value in seen)
