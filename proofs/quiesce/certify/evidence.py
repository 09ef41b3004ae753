"""What has to be shown for each obligation, by its id: everything that a complete proof consists of.

It follows from the machine and from the hints of a proof, so it need not be believed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from quiesce.kernel.batches import Script
from quiesce.kernel.established import stuck
from quiesce.kernel.hints import Hints
from quiesce.kernel.kinds import Fails, Kind, Obligation, Subject, id_of
from quiesce.kernel.obligations import obligations
from quiesce.kernel.plan import Plan
from quiesce.kernel.problem import Problem
from quiesce.kernel.steps import framed
from quiesce.spec.state import Run


@dataclass(frozen=True, slots=True)
class Conditions:
    """Conditions have to be confirmed."""

    goals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Framed:
    """The action does not touch what is spoken of; `by` is the obligation that answers for it, if it needs one."""

    by: str | None


@dataclass(frozen=True, slots=True)
class Stated:
    """The spec says so itself."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A run has to show it, and conditions that say what no single run can."""

    goals: tuple[str, ...]


Evidence: TypeAlias = Conditions | Framed | Stated | Shown


def scripts_of(problem: Problem, hints: Hints, runs: Mapping[str, Run]) -> Iterator[Script]:
    """Every condition of a proof, as text. `runs` are those of expected failures, by obligation."""
    for name, batch in Plan(problem).batches(hints):
        goals = zip(_names(tuple(about for about, _ in batch.goals)), batch.negated_goals, strict=True)
        yield Script(name, batch.declarations, (*batch.invariants, *batch.assumptions), tuple(goals))
    for promise in problem.machine.promises:
        about = Fails(promise.name)
        run = runs.get(id_of(about))
        for number, condition in enumerate(stuck(problem, about, run) if run is not None else (), 1):
            goal = (f"{id_of(about)} stuck {number}", condition.negated_goal)
            yield Script(f"stuck {promise.name} {number}", condition.declarations, condition.premises, (goal,))


def _names(subjects: tuple[Subject, ...]) -> Iterator[str]:
    """A name for each goal of a batch."""
    for number, about in enumerate(subjects, 1):
        yield id_of(about) if subjects.count(about) == 1 else f"{id_of(about)} {number}"


def evidence_due(problem: Problem, hints: Hints, scripts: tuple[Script, ...]) -> Mapping[str, Evidence]:
    """The evidence that each obligation needs, in the order of the obligations.

    An obligation that nothing answers for needs conditions, but has none.
    """
    goals: dict[Subject, list[str]] = {}
    for _, batch in Plan(problem).batches(hints):
        subjects = tuple(about for about, _ in batch.goals)
        for about, name in zip(subjects, _names(subjects), strict=True):
            goals.setdefault(about, []).append(name)
    for script in scripts:
        for goal, _ in script.goals:
            for promise in problem.machine.promises:
                about = Fails(promise.name)
                if goal.startswith(f"{id_of(about)} stuck "):
                    goals.setdefault(about, []).append(goal)
    untouched = {id_of(about): None if by is None else id_of(by) for about, by in framed(problem)}
    return {o.id: _due(o, goals.get(o.about, []), untouched) for o in obligations(problem)}


def _due(obligation: Obligation, goals: list[str], untouched: Mapping[str, str | None]) -> Evidence:
    match obligation.kind:
        case Kind.CARRIED:
            return Stated()
        case Kind.WITNESS | Kind.ASSUMED | Kind.EXPECTED_FAILURE:
            return Shown(tuple(goals))
        case _ if obligation.id in untouched:
            return Framed(untouched[obligation.id])
        case _:
            return Conditions(tuple(goals))
