"""Steps of random machines, with everything that the meanings of a model are compared about."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from hypothesis import Phase
from quiesce.kernel.problem import Problem, problem_of
from quiesce.spec.interpreter import Scope
from quiesce.spec.model import Always, Expr, MemberType, Step
from quiesce.spec.state import State

from tests.differential.machines import Spec
from tests.differential.running import machines_of
from tests.differential.spaces import Edge, space

SEEDS = (1000, 1001)

STATES = 12
"""States of an instance that are looked at."""


@dataclass(frozen=True)
class Steps:
    """Some steps of an instance with two members. In the problem, what claims bind is named apart."""

    spec: Spec
    problem: Problem
    states: tuple[State, ...]
    edges: tuple[Edge, ...]

    def scope(self, edge: Edge) -> Scope:
        """The state before a step, and what the action is given."""
        parameters, arguments = edge.action.parameters, edge.arguments
        members = {p.name: int(arguments[p.name]) for p in parameters if isinstance(p.type, MemberType)}
        others = {p.name: arguments[p.name] for p in parameters if p.name not in members}
        return Scope(self.states[edge.before], None, others, members)

    def claims(self, edge: Edge) -> Iterator[Expr]:
        """What is promised of states, and of the steps of the edge's action."""
        yield from (invariant.claim for invariant in self.problem.invariants)
        for promise in self.problem.machine.promises:
            match promise.claim:
                case Always(claim):
                    yield claim
                case Step(claim, unless) if edge.action.name not in unless:
                    yield claim
                case _:
                    pass


def steps_of(spec: Spec) -> Steps:
    """The first steps of a machine."""
    problem = problem_of(spec.machine)
    found = space(problem.machine, 2, STATES, lambda _: True)
    return Steps(spec, problem, found.states, found.edges)


def steps_of_machines() -> Iterator[Steps]:
    """Those of fifty machines."""
    return map(steps_of, _specs())


@cache
def _specs() -> tuple[Spec, ...]:
    found: list[Spec] = []
    for number in SEEDS:
        machines_of(number, (Phase.generate,), found.append)
    return tuple(found)
