"""Proving that code does what the model says: the same outcome in the same states, with the same updates."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from quiesce.kernel.batches import Batch, state_batch
from quiesce.kernel.problem import Problem, for_all, parameter_claims, problem_of
from quiesce.kernel.totals import split
from quiesce.prove.solving.z3_solver import Solver
from quiesce.spec.effects import ANY_MEMBER, Effect
from quiesce.spec.model import Action, Expr, Field, Machine, Not, ParameterDecl, Variable
from quiesce.spec.rewrite import conjunction, disjunction, equal


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one method may answer: the model's actions that say so, and the ways through the code that end so.

    The ways are actions of the machine that was read back. An outcome of no action must have no way that can be taken.
    """

    name: str
    actions: tuple[Action, ...]
    ways: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Method:
    """A method with everything it may answer; `otherwise` names the answer where no action of the model applies."""

    name: str
    parameters: tuple[ParameterDecl, ...]
    outcomes: tuple[Outcome, ...]
    otherwise: str | None = None


def differences(model: Machine, read_back: Machine, methods: Sequence[Method]) -> tuple[str, ...]:
    """What could not be proved equal, in words; nothing if the code is equal to the model.

    The invariants of the model are assumed: it must have been proved.
    """
    problem, code = problem_of(model), problem_of(read_back)
    solver = Solver()
    return tuple(
        name
        for method in methods
        for batch in _batches(problem, code, method)
        for (name, _), check in zip(batch.goals, solver.check(batch), strict=True)
        if not check.proved
    )


def _batches(problem: Problem, code: Problem, method: Method) -> Iterator[Batch[str]]:
    known = tuple(parameter_claims(problem.machine, method.parameters))
    goals = [
        (
            f"{method.name}: {outcome.name} where the model says so, and only there",
            split(equal(_where(problem, method, outcome), _anywhere(outcome.ways, code))),
        )
        for outcome in method.outcomes
    ]
    yield state_batch(problem, goals, method.parameters, known)
    for outcome in method.outcomes:
        for action in outcome.actions:
            for way in outcome.ways:
                where = (*known, conjunction(_named(problem, action).when), conjunction(_named(code, way).when))
                updates = _same_updates(problem, problem.effects[action.name], code.effects[way.name])
                named = [(f"{method.name}: {outcome.name}: {place}", split(claim)) for place, claim in updates]
                yield state_batch(problem, named, method.parameters, where)


def _where(problem: Problem, method: Method, outcome: Outcome) -> Expr:
    """Where the model has this outcome."""
    if outcome.name != method.otherwise:
        return _anywhere(outcome.actions, problem)
    return Not(disjunction(_anywhere(other.actions, problem) for other in method.outcomes))


def _named(problem: Problem, action: Action) -> Action:
    """The action with its bound members named apart."""
    return problem.machine.actions_by_name[action.name]


def _anywhere(actions: Sequence[Action], problem: Problem) -> Expr:
    return disjunction(conjunction(_named(problem, action).when) for action in actions)


def _same_updates(problem: Problem, left: Effect, right: Effect) -> Iterator[tuple[str, Expr]]:
    for variable in problem.machine.variables:
        place = Variable(variable.name, variable.type)
        values = left.scalars.get(variable.name, place), right.scalars.get(variable.name, place)
        if values[0] != values[1]:
            yield variable.name, equal(*values)
    for family in problem.machine.families:
        for declared in family.fields:
            key, field = (family.name, declared.name), Field(ANY_MEMBER, family.name, declared.name, declared.type)
            new = left.fields.get(key, field), right.fields.get(key, field)
            if new[0] != new[1]:
                yield f"{family.name}.{declared.name}", for_all(family, equal(*new))
