"""What the kernel says of a small spec, with the answers of a real solver and what else a test gives it."""

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from quiesce.kernel.established import Established, Open, established
from quiesce.kernel.hints import NOTHING, Hints
from quiesce.kernel.kinds import Kind, id_of
from quiesce.kernel.plan import Plan
from quiesce.kernel.problem import Problem, problem_of
from quiesce.kernel.subjects import Subject
from quiesce.spec.interpreter import after, initial_states
from quiesce.spec.model import Machine, Value
from quiesce.spec.reader import read_text
from quiesce.spec.state import Run

from tests.kernel.answers import Confirmed

BY_RUNS = {Kind.WITNESS, Kind.ASSUMED, Kind.EXPECTED_FAILURE, Kind.CONTRACT}
"""Kinds of obligation that need more than conditions."""

NO_RUNS: Mapping[Subject, Run] = MappingProxyType({})


def read(text: str, folder: Path | None = None) -> Machine:
    return read_text(text, PurePosixPath("machine.py"), folder)


def judged(
    of: Machine | Problem,
    hints: Hints = NOTHING,
    runs: Mapping[Subject, Run] = NO_RUNS,
    contracts: Iterable[Established] = (),
) -> Established:
    problem = of if isinstance(of, Problem) else problem_of(of, hints.helpers)
    return established(Plan(problem), hints, Confirmed(), runs, contracts)


def reasons(found: Established) -> dict[str, str]:
    """What stays open for a reason of its own, runs and contracts apart."""
    return {
        outcome.obligation.id: outcome.reason
        for outcome in found.outcomes.values()
        if isinstance(outcome, Open) and outcome.obligation.kind not in BY_RUNS and "rests on" not in outcome.reason
    }


def still_open(of: Machine | Problem, hints: Hints = NOTHING) -> list[str]:
    """What no conditions establish, by id."""
    return list(reasons(judged(of, hints)))


def why(found: Established, about: Subject) -> str | None:
    """Why something is open; None if it is established."""
    outcome = found.outcomes[about]
    return outcome.reason if isinstance(outcome, Open) else None


def ids(found: Established) -> list[str]:
    return [id_of(about) for about in found.outcomes]


def run_of(machine: Machine, *moves: str | tuple[str, Mapping[str, Value]], members: int = 0, start: int = 0) -> Run:
    """The run that makes these moves, from the start of that number."""
    run = Run(list(initial_states(machine, members))[start])
    for move in moves:
        name, given = (move, {}) if isinstance(move, str) else move
        run = after(machine, run, machine.actions_by_name[name], given)
    return run


def expected(assuming: bool) -> str:
    """How a promise is declared false: with what is assumed, or only without it."""
    return "refuted" if assuming else "refuted without assumptions"
