"""The largest part of some facts that every action keeps, so that no step leaves the states in which all of it holds.

Facts that some action could end are dropped until those that remain are kept together (the Houdini algorithm: Flanagan
and Leino, "Houdini, an annotation assistant for ESC/Java", FME 2001). Where a solver is in doubt, a fact is dropped.
"""

from collections.abc import Iterable, Sequence
from itertools import cycle

from quiesce.kernel.batches import action_batch
from quiesce.kernel.problem import Problem
from quiesce.prove.solving.z3_solver import Solver
from quiesce.spec.effects import ANY_MEMBER
from quiesce.spec.meaning.formulas import for_all
from quiesce.spec.model import Expr, FamilyDecl, ParameterDecl
from quiesce.spec.record import record
from quiesce.spec.rewrite import both, reads_now, rename_member


@record
class Fact:
    """A claim about the machine, or about each member of a family; there the clause calls the member `ANY_MEMBER`."""

    clause: Expr
    family: FamilyDecl | None = None

    @property
    def claim(self) -> Expr:
        """The claim about every member."""
        return self.clause if self.family is None else for_all(self.family, self.clause)


def closed(
    problem: Problem, solver: Solver, facts: Iterable[Fact], parameters: tuple[ParameterDecl, ...] = ()
) -> tuple[Fact, ...]:
    """The largest part of `facts` that every action keeps, together with what the problem assumes of its states.

    Facts may speak of `parameters`, which are the same before and after each step.
    """
    kept = tuple(facts)
    reads = {fact: reads_now(fact.clause) for fact in kept}
    rigid = (*parameters, *(_any_member(family) for family in problem.machine.families))
    known = claims(kept)
    unchanged = 0
    for action in cycle(problem.moving):
        if not kept or unchanged == len(problem.moving):
            break
        writes = problem.effects[action.name].writes
        touched = tuple(fact for fact in kept if not writes.isdisjoint(reads[fact]))
        goals = [(str(number), _fact_of_any_member(fact)) for number, fact in enumerate(touched)]
        fallen = solver.falsified(action_batch(problem, action, goals, known, rigid))
        unchanged += 1
        if fallen:
            lost = {touched[number] for number in fallen}
            kept = tuple(fact for fact in kept if fact not in lost)
            known = claims(kept)
            unchanged = 0
    return kept


def claims(facts: Iterable[Fact]) -> tuple[Expr, ...]:
    """Facts as claims: one about the machine, and one for each family, as fewer quantifiers are quicker."""
    by_family: dict[str, list[Fact]] = {}
    for fact in facts:
        by_family.setdefault(fact.family.name if fact.family is not None else "", []).append(fact)
    return tuple(Fact(balanced([fact.clause for fact in group]), group[0].family).claim for group in by_family.values())


def balanced(clauses: Sequence[Expr]) -> Expr:
    """A conjunction that is not deep, however many its parts are."""
    middle = len(clauses) // 2
    return both(balanced(clauses[:middle]), balanced(clauses[middle:])) if middle else clauses[0]


def _fact_of_any_member(fact: Fact) -> Expr:
    """The fact about one member, as a claim about any member."""
    if fact.family is None:
        return fact.clause
    return rename_member(fact.clause, ANY_MEMBER, _name_of_any_member(fact.family))


def _any_member(family: FamilyDecl) -> ParameterDecl:
    return ParameterDecl(_name_of_any_member(family), family.member, False, family.span)


def _name_of_any_member(family: FamilyDecl) -> str:
    return f"any.{family.name}"
