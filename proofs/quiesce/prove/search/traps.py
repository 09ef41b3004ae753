"""Refuting recoverability: a set of states that no step leaves, that lacks the goal, and that some run enters.

The set is the largest part, kept by every action, of simple facts that hold in a state from which a walk found no way
to the goal. If that still excludes the goal, no run from that state ever reaches it, and the solver has proved so.
"""

from collections.abc import Iterator, Mapping

from quiesce.kernel.batches import state_batch
from quiesce.kernel.hints import Trap
from quiesce.kernel.problem import Problem
from quiesce.prove.search.closed_set import Fact, closed
from quiesce.prove.search.goals_in_reach import dead_ends
from quiesce.prove.search.walk import Walk
from quiesce.prove.solving.z3_solver import Solver
from quiesce.spec.interpreter import is_unused
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
    Value,
    Variable,
)
from quiesce.spec.rewrite import equal
from quiesce.spec.state import State

TRAPPED = "trapped.member"
"""The member that the facts are about."""


def find_trap(problem: Problem, solver: Solver, walk: Walk, goal: Expr, attempts: int) -> Trap | None:
    """A proof that the goal can become unreachable; None if none was found in as many states as `attempts` says."""
    reached = [number for number, holds in enumerate(walk.where(goal)) if holds]
    for number in dead_ends(walk, reached)[:attempts]:
        for parameters, facts in _descriptions_of_state(problem, walk.states[number]):
            kept = tuple(fact.clause for fact in closed(problem, solver, map(Fact, facts), parameters))
            batch = state_batch(
                problem,
                [("apart", Not(split(goal)))],
                parameters,
                where=(*parameter_claims(problem.machine, parameters), *kept),
            )
            if kept and solver.check(batch)[0].proved:
                return Trap(walk.run_to(number), parameters, kept)
    return None


def _descriptions_of_state(
    problem: Problem, state: State
) -> Iterator[tuple[tuple[ParameterDecl, ...], tuple[Expr, ...]]]:
    """Facts about the state: of its scalars alone, and of them together with one member in use.

    What was chosen is among the facts where it takes that: a way out may be open under another alternative.
    """
    machine = problem.machine
    plain = tuple(
        _fact_of_state(Variable(declared.name, declared.type), state.scalars[declared.name])
        for declared in scalars(machine)
    )
    chosen = tuple(_fact_of_state(Variable(p.name, p.type), state.scalars[p.name]) for p in machine.policies)
    yield (), plain
    if chosen:
        yield (), (*plain, *chosen)
    for family in machine.families:
        for member in state.families[family.name]:
            if not is_unused(family, member):
                parameter = ParameterDecl(TRAPPED, family.member, False, family.span)
                yield (parameter,), (*plain, *_member_facts(family, member))
                if chosen:
                    yield (parameter,), (*plain, *chosen, *_member_facts(family, member))


def _member_facts(family: FamilyDecl, member: Mapping[str, Value]) -> Iterator[Expr]:
    for declared in family.fields:
        yield _fact_of_state(Field(TRAPPED, family.name, declared.name, declared.type), member[declared.name])


def _fact_of_state(place: Variable | Field, value: Value) -> Expr:
    if isinstance(place.type, IntType) and value != 0:
        return Binary(Op.GT if int(value) > 0 else Op.LT, place, Literal(0, INT))
    return equal(place, Literal(value, place.type))
