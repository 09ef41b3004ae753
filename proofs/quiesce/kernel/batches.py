"""Conditions: closed formulas that a solver has to confirm, in batches that have their premises in common."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Generic, TypeAlias, TypeVar

from quiesce.kernel.problem import Problem
from quiesce.spec.meaning.formulas import after, compared_totals, guard, kept, parameter_claims, totals_in
from quiesce.spec.meaning.scripts import Script
from quiesce.spec.meaning.smtlib import Frame, encode, literal
from quiesce.spec.meaning.totals import TotalNames, UnsupportedTotal, encodable, facts, split
from quiesce.spec.meaning.unbounded import unbounded_frame, unbounded_parameters
from quiesce.spec.model import BOOL, Action, Expr, MemberType, Not, ParameterDecl, Total
from quiesce.spec.record import record
from quiesce.spec.rewrite import conjuncts


@record
class Condition:
    """A closed formula, as SMT-LIB terms: it is confirmed if the negated goal contradicts the premises.

    An answer belongs to a condition, and to nothing else: what was asked is the key under which an answer is known.
    """

    declarations: tuple[str, ...]
    premises: tuple[str, ...]
    negated_goal: str

    def text(self) -> str:
        """The condition as a complete script; it is confirmed if the answer is `unsat`."""
        terms = (*self.premises, self.negated_goal)
        lines = ("(set-logic ALL)", *self.declarations, *(f"(assert {term})" for term in terms), "(check-sat)")
        return "".join(f"{line}\n" for line in lines)


Label_co = TypeVar("Label_co", covariant=True)
"""The label of a goal: an obligation's subject where the kernel derives it, and a name where somebody else asks."""

_Texts: TypeAlias = tuple[str, ...]


@record
class Batch(Generic[Label_co]):
    """Goals under common premises. Each goal is proved for itself, if its negation contradicts the premises.

    Every expression is about one state and the arguments of one action, and its totals are split. With `reachable` what
    is known of every reachable state is assumed as well. `comparable` are totals of which one may bound the other.
    A premise that cannot be encoded is not used, and a goal that cannot is refused: its negation is the constant true.
    """

    problem: Problem
    parameters: tuple[ParameterDecl, ...]
    premises: tuple[Expr, ...]
    goals: tuple[tuple[Label_co, Expr], ...]
    comparable: tuple[tuple[Total, Total], ...] = ()
    reachable: bool = True

    @cached_property
    def _encoded(self) -> tuple[_Texts, _Texts, _Texts, _Texts, Mapping[int, str]]:
        totals = TotalNames()
        frame = unbounded_frame(self.parameters, totals)

        def terms(claims: Iterable[Expr]) -> tuple[str, ...]:
            return tuple(encode(claim, frame) for claim in claims)

        invariants = terms(self.problem.assumed) if self.reachable and self.problem.has_totals else ()
        refused: dict[int, str] = {}
        negated_goals: list[str] = []
        premises = tuple(text for claim in self.premises for text in _encodable_parts(claim, frame))
        for number, (_, goal) in enumerate(self.goals):
            try:
                negated_goals.append(encode(Not(goal), frame))
            except UnsupportedTotal as error:
                negated_goals.append(literal(value=True, type_=BOOL))
                refused[number] = str(error)
        terms(total for pair in self.comparable for total in pair)
        in_range = self.reachable and self.problem.in_range
        known = terms(facts(totals.met, self.comparable, self._named_members(), in_range=in_range))
        declarations = (
            *self.problem.declarations,
            *unbounded_parameters(self.problem.machine, self.parameters),
            *(f"(declare-const {name} Int)" for name in totals.symbols),
        )
        return declarations, invariants, (*premises, *known), tuple(negated_goals), refused

    @property
    def refused(self) -> Mapping[int, str]:
        """The numbers of the goals that cannot be encoded, each with what stands in the way."""
        return self._encoded[4]

    def _named_members(self) -> tuple[tuple[str, str], ...]:
        """The members that go by a name, with their families, if the machine speaks of totals itself."""
        members = ((p.type, p.name) for p in self.parameters if self.problem.has_totals)
        machine = self.problem.machine
        return tuple((machine.family_of(type_).name, name) for type_, name in members if isinstance(type_, MemberType))

    @property
    def declarations(self) -> tuple[str, ...]:
        """SMT-LIB declarations of every symbol."""
        return self._encoded[0]

    @property
    def invariants(self) -> tuple[str, ...]:
        """The facts about every reachable state, as SMT-LIB terms."""
        if not self.reachable:
            return ()
        return self._encoded[1] if self.problem.has_totals else self.problem.assumed_terms

    @property
    def assumptions(self) -> tuple[str, ...]:
        """The premises and the facts about totals, as SMT-LIB terms."""
        return self._encoded[2]

    @property
    def negated_goals(self) -> tuple[str, ...]:
        """The negation of each goal, as SMT-LIB terms."""
        return self._encoded[3]

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """The condition for each goal."""
        premises = (*self.invariants, *self.assumptions)
        return tuple(Condition(self.declarations, premises, negated) for negated in self.negated_goals)

    def only(self, numbers: Iterable[int]) -> "Batch[Label_co]":
        """The same premises with some of the goals, by number."""
        return replace(self, goals=tuple(self.goals[number] for number in numbers))

    def named(self, name: str) -> Script:
        """The text of all conditions."""
        goals = zip((str(goal) for goal, _ in self.goals), self.negated_goals, strict=True)
        return Script(name, self.declarations, (*self.invariants, *self.assumptions), tuple(goals))


def _encodable_parts(claim: Expr, frame: Frame) -> Iterator[str]:
    """A claim as a term; of one that cannot be encoded, the parts that hold with it and can."""
    try:
        yield encode(claim, frame)
    except UnsupportedTotal:
        yield from (encode(part, frame) for part in conjuncts(claim) if encodable(part))


def start_batch(problem: Problem, start: Expr, goals: Iterable[tuple[Label_co, Expr]]) -> Batch[Label_co]:
    """Goals that hold wherever `start` does; no invariant is assumed."""
    return Batch(problem, (), (split(start),), tuple((name, split(goal)) for name, goal in goals), reachable=False)


def state_batch(
    problem: Problem,
    goals: Iterable[tuple[Label_co, Expr]],
    parameters: tuple[ParameterDecl, ...] = (),
    where: Iterable[Expr] = (),
) -> Batch[Label_co]:
    """Goals that hold in every reachable state, or in those of them where `where` holds. Their totals are split."""
    return Batch(problem, parameters, tuple(split(claim) for claim in where), tuple(goals))


def action_batch(
    problem: Problem,
    action: Action,
    goals: Iterable[tuple[Label_co, Expr]],
    where: Iterable[Expr] = (),
    rigid: tuple[ParameterDecl, ...] = (),
) -> Batch[Label_co]:
    """Goals about the state after `action`, and about the step itself, from every reachable state where `where` holds.

    `rigid` declares arguments that do not belong to the action and are the same before and after it.
    """
    effect = problem.effects[action.name]
    listed, conditions = tuple(goals), (*parameter_claims(problem.machine, rigid), *where)
    spoken_of = totals_in((*conditions, *(goal for _, goal in listed))) if problem.has_totals else ()
    return Batch(
        problem,
        (*action.parameters, *rigid),
        tuple(split(claim) for claim in (*conditions, guard(problem.machine, action))),
        tuple((name, kept(effect, goal) if problem.has_totals else after(effect, goal)) for name, goal in listed),
        (*problem.compared[action.name], *compared_totals(effect, spoken_of)),
    )
