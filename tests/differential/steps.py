"""Steps of random machines, with everything that the meanings of a model are compared about."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import PurePosixPath

from quiesce.kernel.problem import Problem, problem_of
from quiesce.spec.diagnostics import SpecError
from quiesce.spec.interpreter import Scope
from quiesce.spec.model import Always, Expr, MemberType, Step
from quiesce.spec.reader import read_text
from quiesce.spec.state import State

from tests.differential.making.machines import machine
from tests.differential.spaces import Edge, space

FIRST = 100_000
"""The number of the first machine; no other test looks at these."""

MACHINES = min(50, int(os.environ.get("QUIESCE_MACHINES", "12")))

STATES = 12
"""States of an instance that are looked at."""


@dataclass(frozen=True)
class Steps:
    """Some steps of an instance with two members. In the problem, what claims bind is named apart."""

    text: str
    problem: Problem
    states: tuple[State, ...]
    edges: tuple[Edge, ...]

    def scope(self, edge: Edge) -> Scope:
        """The state before a step, and what the action is given."""
        parameters, arguments = edge.action.parameters, edge.arguments
        members = {p.name: int(arguments[p.name]) for p in parameters if isinstance(p.type, MemberType)}
        others = {p.name: arguments[p.name] for p in parameters if p.name not in members}
        return Scope(self.states[edge.before], None, others, members)

    def families(self, edge: Edge) -> dict[str, str]:
        """The family of each member that the action is given."""
        found = self.problem.machine
        return {p.name: found.family_of(p.type).name for p in edge.action.parameters if isinstance(p.type, MemberType)}

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


def steps_of(text: str) -> Steps:
    """The first steps of a machine."""
    problem = problem_of(read_text(text, PurePosixPath("random.py")))
    found = space(problem.machine, 2, STATES, lambda _: True)
    return Steps(text, problem, found.states, found.edges)


def steps_of_machines() -> Iterator[Steps]:
    """Those of some machines."""
    return map(steps_of, texts())


@cache
def texts() -> tuple[str, ...]:
    """Machines that the reader takes: fifty at night, fewer by day."""
    found: list[str] = []
    for number in count(FIRST):
        text = machine(number)
        try:
            read_text(text, PurePosixPath("random.py"))
        except SpecError:
            continue
        found.append(text)
        if len(found) == MACHINES:
            break
    return tuple(found)
