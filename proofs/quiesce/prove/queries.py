"""Questions to a solver: premises, and goals that shall follow from them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from quiesce.prove.claims import Problem, compared_totals, guard, kept
from quiesce.prove.smt import encode, unbounded_declarations, unbounded_frame, unbounded_parameters
from quiesce.prove.totals import facts, split, totals_of
from quiesce.spec.model import Action, Expr, Not, ParameterDecl, Total
from quiesce.spec.rewrite import reads


@dataclass(frozen=True)
class Batch:
    """Goals under common premises. Each goal is proved for itself, if its negation contradicts the premises.

    Every expression is about one state and the arguments of one action, and its totals are split. With `reachable` what
    is known of every reachable state is assumed as well. `comparable` are totals of which one may bound the other.
    """

    problem: Problem
    parameters: tuple[ParameterDecl, ...]
    premises: tuple[Expr, ...]
    goals: tuple[tuple[str, Expr], ...]
    comparable: tuple[tuple[Total, Total], ...] = ()
    reachable: bool = True

    @cached_property
    def _totals(self) -> dict[Total, str]:
        """A name for each total that the query speaks of."""
        exprs = [
            *self.premises,
            *(goal for _, goal in self.goals),
            *(side for pair in self.comparable for side in pair),
        ]
        invariant = self.problem.assumed_totals if self.reachable else ()
        totals = dict.fromkeys([*invariant, *totals_of(exprs)])
        return {total: f"total.{number}" for number, total in enumerate(totals)}

    @cached_property
    def declarations(self) -> tuple[str, ...]:
        """SMT-LIB declarations of every symbol."""
        machine = self.problem.machine
        totals = (f"(declare-const {name} Int)" for name in self._totals.values())
        return (*unbounded_declarations(machine), *unbounded_parameters(machine, self.parameters), *totals)

    @cached_property
    def invariants(self) -> tuple[str, ...]:
        """What is known of every reachable state, as SMT-LIB terms."""
        if not self.reachable:
            return ()
        if not self.problem.assumed_totals:
            return self.problem.assumed_terms
        return self._encode(self.problem.assumed)

    @cached_property
    def assumptions(self) -> tuple[str, ...]:
        """The premises and the facts about totals, as SMT-LIB terms."""
        return self._encode((*self.premises, *facts(self._totals, self.comparable)))

    @cached_property
    def negated_goals(self) -> tuple[str, ...]:
        """The negation of each goal, as SMT-LIB terms."""
        return self._encode(Not(goal) for _, goal in self.goals)

    def _encode(self, claims: Iterable[Expr]) -> tuple[str, ...]:
        frame = unbounded_frame(self.parameters, self._totals)
        return tuple(encode(claim, frame) for claim in claims)

    def script(self, number: int) -> str:
        """The condition for goal `number` as a complete SMT-LIB script; the goal is proved if it is unsatisfiable."""
        terms = (*self.invariants, *self.assumptions, self.negated_goals[number])
        lines = ("(set-logic ALL)", *self.declarations, *(f"(assert {term})" for term in terms), "(check-sat)")
        return "".join(f"{line}\n" for line in lines)


def start_batch(problem: Problem, start: Expr, goals: Iterable[tuple[str, Expr]]) -> Batch:
    """Goals that hold wherever `start` does; no invariant is assumed."""
    return Batch(problem, (), (split(start),), _split_goals(goals), reachable=False)


def state_batch(
    problem: Problem,
    goals: Iterable[tuple[str, Expr]],
    parameters: tuple[ParameterDecl, ...] = (),
    where: Iterable[Expr] = (),
) -> Batch:
    """Goals that hold in every reachable state, or in those of them where `where` holds."""
    return Batch(problem, parameters, tuple(split(claim) for claim in where), _split_goals(goals))


def _split_goals(goals: Iterable[tuple[str, Expr]]) -> tuple[tuple[str, Expr], ...]:
    return tuple((name, split(goal)) for name, goal in goals)


def action_batch(
    problem: Problem,
    action: Action,
    goals: Iterable[tuple[str, Expr]],
    where: Iterable[Expr] = (),
    rigid: tuple[ParameterDecl, ...] = (),
) -> Batch:
    """Goals about the state after `action`, and about the step itself, from every reachable state where `where` holds.

    `rigid` declares arguments that do not belong to the action and are the same before and after it.
    """
    effect = problem.effects[action.name]
    listed, conditions = tuple(goals), tuple(where)
    return Batch(
        problem,
        (*action.parameters, *rigid),
        tuple(split(claim) for claim in (*conditions, guard(problem.machine, action))),
        tuple((name, kept(effect, goal)) for name, goal in listed),
        (
            *problem.compared[action.name],
            *compared_totals(effect, (*conditions, *(goal for _, goal in listed))),
        ),
    )


def untouched(problem: Problem, action: Action, claim: Expr) -> bool:
    """Whether the action changes nothing that `claim` reads, so that the claim after it is the claim before it."""
    return problem.effects[action.name].writes.isdisjoint(reads(claim))
