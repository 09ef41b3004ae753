"""Refuting recoverability: a set of states that no step leaves, that lacks the goal, and that some run enters.

The set is a conjunction of simple facts that hold in a state from which a walk found no way to the goal. Those that
some action could end are dropped until all that remain are kept together (the Houdini algorithm: Flanagan and Leino,
FME 2001). If those still exclude the goal, no run from that state ever reaches it, and the solver has proved so.
"""

from collections.abc import Iterator, Mapping

from quiesce.kernel.batches import action_batch, state_batch
from quiesce.kernel.hints import Trap
from quiesce.kernel.problem import Problem
from quiesce.kernel.smtlib import scalars
from quiesce.kernel.totals import split
from quiesce.prove.search.walk import Walk
from quiesce.prove.solving.z3_solver import Solver
from quiesce.spec.interpreter import is_unused
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
from quiesce.spec.rewrite import conjunction, equal
from quiesce.spec.show import show
from quiesce.spec.state import Run, State

TRAPPED = "trapped.member"
"""The member that the facts are about."""

ATTEMPTS = 12
"""How many states are tried."""


def find_trap(problem: Problem, solver: Solver, walk: Walk, goal: Expr) -> Trap | None:
    """A proof that the goal can become unreachable; None if none was found."""
    for run in list(_dead_ends(walk, goal))[:ATTEMPTS]:
        for parameters, facts in _descriptions(problem, run.end):
            kept = _closed(problem, solver, parameters, facts)
            batch = state_batch(problem, [("apart", Not(split(goal)))], parameters, where=kept)
            if kept and solver.check(batch)[0].proved:
                return Trap(run, parameters, kept)
    return None


def _dead_ends(walk: Walk, goal: Expr) -> Iterator[Run]:
    """Runs to states from which no step of the walk, one after the other, leads to the goal."""
    import networkx  # noqa: PLC0415 -- slow to load, and needed only where a proof has failed

    backwards = networkx.DiGraph((step.after, step.before) for step in walk.steps)
    backwards.add_edges_from((goal, number) for number, reached in enumerate(walk.where(goal)) if reached)
    alive = networkx.descendants(backwards, goal) if goal in backwards else set()
    for number in sorted(walk.looked_at - alive):
        yield walk.run_to(number)


def _descriptions(problem: Problem, state: State) -> Iterator[tuple[tuple[ParameterDecl, ...], tuple[Expr, ...]]]:
    """Facts about the state: of its scalars alone, and of them together with one member in use.

    What was chosen is among the facts where it takes that: a way out may be open under another alternative.
    """
    machine = problem.machine
    plain = tuple(
        _fact(Variable(declared.name, declared.type), state.scalars[declared.name]) for declared in scalars(machine)
    )
    chosen = tuple(_fact(Variable(p.name, p.type), state.scalars[p.name]) for p in machine.policies)
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
        yield _fact(Field(TRAPPED, family.name, declared.name, declared.type), member[declared.name])


def _fact(place: Variable | Field, value: Value) -> Expr:
    if isinstance(place.type, IntType) and value != 0:
        return Binary(Op.GT if int(value) > 0 else Op.LT, place, Literal(0, INT))
    return equal(place, Literal(value, place.type))


def _closed(
    problem: Problem, solver: Solver, parameters: tuple[ParameterDecl, ...], facts: tuple[Expr, ...]
) -> tuple[Expr, ...]:
    """The largest part of `facts` that every action keeps."""
    while True:
        kept = facts
        for action in problem.moving:
            goals = [(show(fact), fact) for fact in kept]
            batch = action_batch(problem, action, goals, where=[conjunction(kept)], rigid=parameters)
            fallen = solver.falsified(batch)
            kept = tuple(fact for number, fact in enumerate(kept) if number not in fallen)
        if kept == facts:
            return kept
        facts = kept
