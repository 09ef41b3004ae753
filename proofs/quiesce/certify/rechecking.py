"""Checking a proof without the prover that found it.

The hints are read against the spec; every condition is made anew from both, and confirmed by a second solver, by the
small checker that follows a refutation step by step, or by both; runs are replayed by the interpreter. What the hints
say is believed nowhere.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from quiesce.certify.certificate import (
    HINTS,
    NoConditions,
    Refute,
    conditions_of,
    conditions_path,
    overlapping,
    refutations_from,
    refutations_path,
)
from quiesce.certify.entries import Malformed
from quiesce.certify.evidence import Conditions, Evidence, Framed, Shown, Stated, evidence_due
from quiesce.certify.proposal import Proposal
from quiesce.certify.proposal_reading import read_proposal
from quiesce.certify.shown import breaks, is_trapped, shown_by
from quiesce.kernel.batches import Script
from quiesce.kernel.kinds import Kind, Obligation
from quiesce.kernel.obligations import obligations
from quiesce.kernel.problem import Problem, problem_of
from quiesce.recheck import Rejected, check
from quiesce.spec.model import Machine

Answers = Callable[[str], tuple[str, ...]]
"""A solver's answer to each question of a script."""


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a proof is refused: the entry, file or obligation that is at fault, and what is wrong with it."""

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rechecked:
    """What became of a proof. It is accepted if there is no objection.

    Of its `conditions`, `solved` were confirmed by the solver and `followed` by the checker; `runs` were replayed.
    """

    obligations: int
    conditions: int
    solved: int
    followed: int
    runs: int
    objections: tuple[Objection, ...]


@dataclass(frozen=True, slots=True)
class Means:
    """Who confirms conditions: a solver, if there is one, and the checker, for what `refute` finds a refutation of."""

    answers: Answers | None
    refute: Refute


def recheck(machine: Machine, hints: str, means: Means) -> Rechecked:
    """Check what the text of `hints` says that the proof of a machine consists of."""
    try:
        proposal = read_proposal(machine, hints)
        scripts = conditions_of(machine, proposal)
    except Malformed as error:
        where = f"{HINTS}: {error.where}" if error.where else str(HINTS)
        return Rechecked(0, 0, 0, 0, 0, (Objection(where, error.reason),))
    except NoConditions as error:
        return Rechecked(0, 0, 0, 0, 0, (Objection(str(HINTS), f"no conditions can be made from it: {error}"),))
    problem = problem_of(machine, proposal.findings.helpers)
    due = evidence_due(problem, proposal.findings, scripts)
    confirmed = [_confirmed(script, means) for script in scripts]
    objections = (
        *(Objection(str(path), "two batches of conditions have this name") for path in overlapping(scripts)),
        *_missing(problem, proposal, due),
        *(objection for one in confirmed for objection in one.objections),
    )
    return Rechecked(
        len(due),
        sum(one.conditions for one in confirmed),
        sum(one.solved for one in confirmed),
        sum(one.followed for one in confirmed),
        len(proposal.failures) + len(proposal.findings.traps) + len(proposal.witnesses),
        objections,
    )


def recheck_folder(machine: Machine, files: Mapping[PurePosixPath, str], means: Means) -> Rechecked:
    """Check a whole certificate: its hints, that its conditions are those of the spec, and its own refutations."""
    hints = files.get(HINTS)
    if hints is None:
        return Rechecked(0, 0, 0, 0, 0, (Objection(str(HINTS), "the file is missing"),))
    try:
        scripts = conditions_of(machine, read_proposal(machine, hints))
    except (Malformed, NoConditions):
        return recheck(machine, hints, means)
    own = _own_refutations(scripts, files)
    found = recheck(machine, hints, replace(means, refute=own.get))
    return replace(found, objections=(*_files(scripts, files), *found.objections))


# --- evidence ----------------------------------------------------------------------------------------------------


def _missing(problem: Problem, proposal: Proposal, due: Mapping[str, Evidence]) -> Iterator[Objection]:
    """What nothing answers for."""
    shown = {name for run in proposal.witnesses for name in shown_by(problem, run)}
    for obligation in obligations(problem):
        match due[obligation.id]:
            case Conditions(goals) if not goals:
                yield Objection(obligation.id, "there is no condition that answers for it")
            case Framed(by) if by is not None and by not in due:
                yield Objection(obligation.id, f"{by} answers for it, but is not there")
            case Shown() if obligation.id not in shown | set(_broken(problem, proposal, obligation)):
                yield Objection(obligation.id, "no run shows it")
            case Conditions() | Framed() | Shown() | Stated():
                pass


def _broken(problem: Problem, proposal: Proposal, obligation: Obligation) -> Iterator[str]:
    """The obligation itself, if it is that a promise fails, and a run shows that it does."""
    if obligation.kind is not Kind.EXPECTED_FAILURE:
        return
    promise = next(promise for promise in problem.machine.promises if promise.name == obligation.promise)
    trap = proposal.findings.traps.get(promise.name)
    if trap is not None and is_trapped(problem.machine, trap):
        yield obligation.id
    run = proposal.failures.get(promise.name)
    if run is not None and breaks(promise, run):
        yield obligation.id


# --- conditions --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Confirmed:
    """What became of the conditions of one script."""

    conditions: int
    solved: int
    followed: int
    objections: tuple[Objection, ...]


def _confirmed(script: Script, means: Means) -> _Confirmed:
    """Ask the solver, and the checker. A condition has to be confirmed by one of them, and denied by none."""
    said = means.answers(script.text()) if means.answers is not None else None
    solved = followed = 0
    objections: list[Objection] = []
    for number, (goal, _) in enumerate(script.goals):
        answer = None if said is None else said[number] if number < len(said) else "nothing"
        wrong = _follow(script.alone(number), means.refute, goal)
        solved += answer == "unsat"
        followed += wrong is None
        if answer == "sat" or (answer not in {None, "unsat"} and wrong is not None):
            objections.append(Objection(goal, f"the second solver says {answer}, not unsat"))
        elif answer is None and wrong is not None:
            objections.append(Objection(goal, f"there is no second solver, and {wrong}"))
    if said is not None and len(said) != len(script.goals):
        objections.append(Objection(str(conditions_path(script)), f"the second solver gave {len(said)} answers"))
    return _Confirmed(len(script.goals), solved, followed, tuple(objections))


def _follow(script: str, refute: Refute, goal: str) -> str | None:
    """Why a condition is not refuted step by step; None if it is."""
    steps = refute(script)
    if steps is None:
        return "no refutation was found that a checker could follow"
    try:
        check(script, steps)
    except Rejected as error:
        return f"the refutation of {goal} is wrong: {error}"
    return None


# --- a certificate with its own files ----------------------------------------------------------------------------


def _own_refutations(scripts: Iterable[Script], files: Mapping[PurePosixPath, str]) -> Mapping[str, str]:
    """The refutations of a certificate, by the script that each is about."""
    found: dict[str, str] = {}
    for script in scripts:
        numbers = {goal: number for number, (goal, _) in enumerate(script.goals)}
        for refutation in refutations_from(files.get(refutations_path(script), "")):
            if refutation.goal in numbers:
                found[script.alone(numbers[refutation.goal])] = refutation.steps
    return found


def _files(scripts: tuple[Script, ...], files: Mapping[PurePosixPath, str]) -> Iterator[Objection]:
    due = {conditions_path(script): script for script in scripts}
    for path, script in due.items():
        if path not in files:
            yield Objection(str(path), "the file is missing")
        elif files[path] != script.text():
            yield Objection(str(path), "these are not the conditions of this spec")
    known = {HINTS, *due, *(refutations_path(script) for script in scripts)}
    for path in sorted(files.keys() - known):
        yield Objection(str(path), "no such file belongs to this certificate")
    for script in scripts:
        goals = {goal: number for number, (goal, _) in enumerate(script.goals)}
        for refutation in refutations_from(files.get(refutations_path(script), "")):
            if refutation.goal not in goals:
                yield Objection(str(refutations_path(script)), f"there is no condition {ascii(refutation.goal)[:80]}")
                continue
            try:
                check(script.alone(goals[refutation.goal]), refutation.steps)
            except Rejected as error:
                yield Objection(refutation.goal, f"its refutation is wrong: {error}")
