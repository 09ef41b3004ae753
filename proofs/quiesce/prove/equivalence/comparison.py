"""Proving that code does what the model says: the same outcome in the same states, with the same updates.

What code knows of its families is a part of its state. What `membership` says of it is proved of each way together
with the updates, and assumed of the state before each method.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import product

from quiesce.kernel.batches import state_batch
from quiesce.kernel.problem import Problem, problem_of
from quiesce.prove.effort import Effort
from quiesce.prove.equivalence.equal_totals import settled
from quiesce.prove.equivalence.membership import all_known, known_field, membership_goals, with_membership
from quiesce.prove.solving.cache import NO_CACHE, Cache
from quiesce.prove.solving.engine import Engine
from quiesce.spec.effects import ANY_MEMBER, Effect
from quiesce.spec.meaning.formulas import for_all, in_range, parameter_claims
from quiesce.spec.meaning.totals import is_closed, split
from quiesce.spec.model import (
    Action,
    Expr,
    Field,
    IntType,
    Machine,
    MemberType,
    Not,
    Parameter,
    ParameterDecl,
    Total,
    Variable,
)
from quiesce.spec.record import record
from quiesce.spec.rewrite import conjunction, disjunction, equal, walk

__all__ = ["Method", "Outcome", "differences", "known_field"]


@record
class Outcome:
    """One answer of a method: the actions of the model that give it, and the ways through the code that end with it.

    The ways are actions of the machine that was read back. An outcome of no action must have no way that can be taken.
    """

    name: str
    actions: tuple[Action, ...]
    ways: tuple[Action, ...]


@record
class Method:
    """A method with everything it may answer; `otherwise` names the answer where no action of the model applies.

    `rejects` are the ways that turn down arguments out of their ranges, and the only ones that such arguments may take.
    A method that `tells` does nothing but say where its outcomes are: it changes nothing, and leaves ranges to others.
    """

    name: str
    parameters: tuple[ParameterDecl, ...]
    outcomes: tuple[Outcome, ...]
    otherwise: str | None = None
    rejects: tuple[Action, ...] = ()
    tells: bool = False


def differences(
    model: Machine,
    read_back: Machine,
    methods: Sequence[Method],
    effort: Effort,
    helpers: tuple[Expr, ...] = (),
    cache: Cache = NO_CACHE,
) -> tuple[str, ...]:
    """The differences that could not be excluded, in words; nothing if the code is proved equal to the model.

    The invariants of the model are assumed, and the `helpers` that were found besides: all must have been proved.
    Proofs in `cache` are not repeated.
    """
    model_problem, code_problem = problem_of(with_membership(model), helpers), problem_of(read_back)
    comparison = _Comparison(model, model_problem, code_problem, Engine(effort, cache))
    return tuple(name for method in methods for name in comparison.of(method))


@record
class _Question:
    """Named goals about one method; each has to hold in every state, and for all arguments, where `where` holds."""

    goals: tuple[tuple[str, Expr], ...]
    parameters: tuple[ParameterDecl, ...]
    where: tuple[Expr, ...]


@record
class _Comparison:
    """The model as it was declared, and both sides with the field that tells who is known."""

    machine: Machine
    model: Problem
    code: Problem
    engine: Engine

    def of(self, method: Method) -> Iterator[str]:
        """The differences of a method that could not be excluded, in words."""
        for question in self._questions(method):
            yield from self._unproved(question)

    def _unproved(self, question: _Question) -> Iterator[str]:
        members = frozenset(p.name for p in question.parameters if isinstance(p.type, MemberType))

        def proves(claim: Expr, numbers: tuple[ParameterDecl, ...]) -> bool:
            asked = replace(question, goals=(("", claim),), parameters=question.parameters + numbers)
            return not self._failing(asked)

        claims = settled(self.machine, (claim for _, claim in question.goals), members, proves)
        names = (name for name, _ in question.goals)
        goals = tuple(zip(names, claims.claims, strict=True))
        yield from self._failing(replace(question, goals=goals, parameters=question.parameters + claims.numbers))

    def _failing(self, question: _Question) -> tuple[str, ...]:
        named = tuple((name, split(claim)) for name, claim in question.goals)
        batch = state_batch(self.model, named, question.parameters, question.where)
        totals = _comparable_totals((*batch.premises, *(claim for _, claim in named)))
        checks = self.engine.check(replace(batch, comparable=tuple(totals)))
        return tuple(name for (name, _), check in zip(named, checks, strict=True) if not check.proved)

    def _questions(self, method: Method) -> Iterator[_Question]:
        known = tuple(claim for _, claim in all_known(self.machine))
        given = (*parameter_claims(self.machine, method.parameters), *known)
        outcomes = tuple(
            (
                f"{method.name}: {outcome.name} where the model says so, and only there",
                equal(self._where(method, outcome), _applies_anywhere(outcome.ways, self.code)),
            )
            for outcome in method.outcomes
        )
        yield _Question(outcomes, method.parameters, given)
        if method.tells:
            return
        yield self._rejections(method, known)
        for outcome in method.outcomes:
            for action, way in product(outcome.actions, outcome.ways):
                where = (
                    conjunction(_action_named_apart(self.model, action).when),
                    conjunction(_action_named_apart(self.code, way).when),
                )
                effects = self.model.effects[action.name], self.code.effects[way.name]
                goals = (*self._same_updates(*effects), *membership_goals(self.machine, *effects))
                named = tuple((f"{method.name}: {outcome.name}: {place}", claim) for place, claim in goals)
                yield _Question(named, method.parameters, (*given, *where))

    def _rejections(self, method: Method, known: tuple[Expr, ...]) -> _Question:
        """The goal that arguments out of their ranges, and no others, are turned down before anything else is asked."""
        wanted = equal(
            Not(conjunction(_ranges_of_arguments(method.parameters))), _applies_anywhere(method.rejects, self.code)
        )
        name = f"{method.name}: ValueError where an argument is out of its range, and only there"
        return _Question(((name, wanted),), method.parameters, known)

    def _where(self, method: Method, outcome: Outcome) -> Expr:
        """The claim that the model has this outcome."""
        if outcome.name != method.otherwise:
            return _applies_anywhere(outcome.actions, self.model)
        return Not(disjunction(_applies_anywhere(other.actions, self.model) for other in method.outcomes))

    def _same_updates(self, left: Effect, right: Effect) -> Iterator[tuple[str, Expr]]:
        for variable in self.machine.variables:
            place = Variable(variable.name, variable.type)
            values = left.scalars.get(variable.name, place), right.scalars.get(variable.name, place)
            if values[0] != values[1]:
                yield variable.name, equal(*values)
        for family in self.machine.families:
            for declared in family.fields:
                key, field = (family.name, declared.name), Field(ANY_MEMBER, family.name, declared.name, declared.type)
                new = left.fields.get(key, field), right.fields.get(key, field)
                if new[0] != new[1]:
                    yield f"{family.name}.{declared.name}", for_all(family, equal(*new))


def _ranges_of_arguments(parameters: tuple[ParameterDecl, ...]) -> Iterator[Expr]:
    for parameter in parameters:
        if isinstance(parameter.type, IntType):
            claim = in_range(Parameter(parameter.name, parameter.type), parameter.type)
            if claim is not None:
                yield claim


def _comparable_totals(claims: Iterable[Expr]) -> Iterator[tuple[Total, Total]]:
    """Totals over one family, each with each: code adds up over the known members, and the model over all of them."""
    found = dict.fromkeys(
        part for claim in claims for part in walk(claim) if isinstance(part, Total) and is_closed(part)
    )
    listed = tuple(found)
    for number, left in enumerate(listed):
        yield from ((left, right) for right in listed[number + 1 :] if left.family == right.family)


def _action_named_apart(problem: Problem, action: Action) -> Action:
    """The action with its bound members named apart."""
    return problem.machine.actions_by_name[action.name]


def _applies_anywhere(actions: Sequence[Action], problem: Problem) -> Expr:
    return disjunction(conjunction(_action_named_apart(problem, action).when) for action in actions)
