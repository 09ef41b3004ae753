"""What has to be shown for each obligation, by its id: everything that a complete proof consists of.

It follows from the machine and from the findings of a proof, so it need not be believed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from quiesce.kernel.batches import Script
from quiesce.kernel.disabled import impossible_scripts
from quiesce.kernel.hints import Findings
from quiesce.kernel.kinds import Kind, Obligation
from quiesce.kernel.obligations import obligations
from quiesce.kernel.plan import planned
from quiesce.kernel.problem import Problem, unassuming
from quiesce.kernel.progress import wait_of_promise
from quiesce.kernel.steps import framed
from quiesce.spec.model import Accepts, LeadsTo, Promise
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


def scripts_of(problem: Problem, findings: Findings, failures: Mapping[str, Run]) -> Iterator[Script]:
    """Every condition of a proof, as text. `failures` are the runs of expected failures, by promise."""
    for name, batch in planned(problem, findings):
        yield batch.named(name)
    for promise in problem.machine.promises:
        run = failures.get(promise.name)
        if run is not None and isinstance(promise.claim, LeadsTo):
            yield from _stuck(problem, promise, promise.claim, run)


def _stuck(problem: Problem, promise: Promise, claim: LeadsTo, run: Run) -> Iterator[Script]:
    machine = (problem if promise.assuming else unassuming(problem)).machine
    fair = (machine.actions_by_name[name] for name in wait_of_promise(claim).fair)
    moving = [action for action in fair if isinstance(action.outcome, Accepts)]
    for script in impossible_scripts(machine, run.end, moving):
        goals = tuple((f"stuck/{promise.name}/{name}", term) for name, term in script.goals)
        yield Script(f"stuck {promise.name} {script.name}", script.declarations, script.premises, goals)


def evidence_due(problem: Problem, findings: Findings, scripts: tuple[Script, ...]) -> Mapping[str, Evidence]:
    """The evidence that each obligation needs, in the order of the obligations.

    An obligation that nothing answers for needs conditions, but has none.
    """
    goals: dict[str, list[str]] = {}
    for script in scripts:
        for goal, _ in script.goals:
            goals.setdefault(_obligation_of(goal, findings), []).append(goal)
    untouched = dict(framed(problem))
    return {o.id: _due(o, goals.get(o.id, []), untouched) for o in obligations(problem)}


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


def _obligation_of(goal: str, findings: Findings) -> str:
    """The obligation that a condition helps to answer."""
    kind, _, rest = goal.partition("/")
    if kind in {"trap", "stuck"}:
        return f"fails/{rest.split('/')[0]}"
    before, after, _ = goal.partition(" after ")
    return before if after and before in findings.inductions else goal
