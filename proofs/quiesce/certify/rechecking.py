"""Checking a proof without the prover that found it.

The hints are read against the spec; every condition is made anew from both, and confirmed by a second solver, by the
small checker that follows a refutation step by step, or by both; runs are replayed by the interpreter. What the hints
say is believed nowhere.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from quiesce.certify.certificate import HINTS, Refute, conditions_path, refutations_from, refutations_path
from quiesce.certify.derivation import Derivation, NoConditions, Questions
from quiesce.certify.entries import Malformed
from quiesce.certify.proposal_reading import read_proposal
from quiesce.kernel.batches import Condition
from quiesce.recheck import Rejected, check
from quiesce.spec.meaning.scripts import Script
from quiesce.spec.model import Machine
from quiesce.spec.record import record

Answers = Callable[[str], tuple[str, ...]]
"""A solver's answer to each question of a script."""


@record
class Objection:
    """Why a proof is refused: the entry, file or obligation that is at fault, and what is wrong with it."""

    where: str
    reason: str


@record
class Rechecked:
    """The result of checking a proof. The proof is accepted if there is no objection.

    Of its `conditions`, `solved` were confirmed by the solver and `followed` by the checker; `runs` were replayed.
    """

    obligations: int
    conditions: int
    solved: int
    followed: int
    runs: int
    objections: tuple[Objection, ...]


@record
class Means:
    """The means to confirm conditions: a solver, if there is one, and the checker, if `refute` finds a refutation."""

    answers: Answers | None
    refute: Refute


def recheck(machine: Machine, hints: str, means: Means) -> Rechecked:
    """Check what the text of `hints` says that the proof of a machine consists of."""
    try:
        derivation = Derivation(machine, read_proposal(machine, hints))
        asked = tuple(_ask_solver_and_checker(questions, means) for questions in derivation.questions)
    except Malformed as error:
        where = f"{HINTS}: {error.where}" if error.where else str(HINTS)
        return _refused_proof(where, error.reason)
    except NoConditions as error:
        return _refused_proof(str(HINTS), f"no conditions can be made from it: {error}")
    confirmed = frozenset(condition for one in asked for condition in one.confirmed)
    found = derivation.established(confirmed)
    return Rechecked(
        len(found.outcomes),
        sum(len(questions.conditions) for questions in derivation.questions),
        sum(one.solved for one in asked),
        sum(one.followed for one in asked),
        len(set(map(id, derivation.runs.values()))),
        tuple(
            _objections_to_proof(derivation, confirmed, [objection for one in asked for objection in one.objections])
        ),
    )


def _refused_proof(where: str, reason: str) -> Rechecked:
    return Rechecked(0, 0, 0, 0, 0, (Objection(where, reason),))


def _objections_to_proof(
    derivation: Derivation, confirmed: Container[Condition], unconfirmed: list[Objection]
) -> Iterator[Objection]:
    """The objections to a proof: nothing if the kernel says that all is proved, and no solver denies it.

    Obligations that are open for one reason are told together.
    """
    yield from unconfirmed
    by_reason: dict[str, list[str]] = {}
    for name, reason in derivation.still_open(confirmed):
        by_reason.setdefault(reason, []).append(name)
    for reason, (first, *others) in by_reason.items():
        yield Objection(f"{first} and {len(others)} more" if others else first, reason)
    if not unconfirmed and not by_reason and not derivation.established(confirmed).proved(derivation.machine):
        yield Objection(str(HINTS), "this is no proof of the machine")


def recheck_folder(machine: Machine, files: Mapping[PurePosixPath, str], means: Means) -> Rechecked:
    """Check a whole certificate: its hints, that its conditions are those of the spec, and its own refutations."""
    hints = files.get(HINTS)
    if hints is None:
        return _refused_proof(str(HINTS), "the file is missing")
    try:
        questions = Derivation(machine, read_proposal(machine, hints)).questions
    except (Malformed, NoConditions):
        return recheck(machine, hints, means)
    scripts = tuple(one.script for one in questions)
    own = _refutations_of_certificate(scripts, files)
    found = recheck(machine, hints, replace(means, refute=own.get))
    return replace(found, objections=(*_objections_to_files(scripts, files), *found.objections))


# --- conditions --------------------------------------------------------------------------------------------------


@record
class _Asked:
    """The result of checking the conditions of one script."""

    confirmed: tuple[Condition, ...]
    solved: int
    followed: int
    objections: tuple[Objection, ...]


def _ask_solver_and_checker(questions: Questions, means: Means) -> _Asked:
    """Ask the solver, and the checker. A condition has to be confirmed by one of them, and denied by none."""
    script = questions.script
    said: tuple[str | None, ...] = (None,) * len(script.goals)
    objections: list[Objection] = []
    if means.answers is not None:
        answers = means.answers(script.text())
        if len(answers) == len(script.goals):
            said = answers
        else:  # then it is not known which answer belongs to which question
            said = ("nothing that can be told apart",) * len(script.goals)
            objections.append(Objection(str(conditions_path(script)), f"the second solver gave {len(answers)} answers"))
    confirmed: list[Condition] = []
    solved = followed = 0
    for number, (condition, answer) in enumerate(zip(questions.conditions, said, strict=True)):
        goal = script.goals[number][0]
        wrong = _why_not_refuted(condition, means.refute)
        solved += answer == "unsat"
        followed += wrong is None
        if answer == "unsat" or (wrong is None and answer != "sat"):
            confirmed.append(condition)
        elif answer is not None:
            objections.append(Objection(goal, f"the second solver says {answer}, not unsat"))
        else:
            objections.append(Objection(goal, f"there is no second solver, and {wrong}"))
    return _Asked(tuple(confirmed), solved, followed, tuple(objections))


def _why_not_refuted(condition: Condition, refute: Refute) -> str | None:
    """The reason why a condition could not be refuted step by step; None if it was."""
    script = condition.text()
    steps = refute(script)
    if steps is None:
        return "no refutation was found that a checker could follow"
    try:
        check(script, steps)
    except Rejected as error:
        return f"its refutation is wrong: {error}"
    return None


# --- a certificate with its own files ----------------------------------------------------------------------------


def _refutations_of_certificate(scripts: Iterable[Script], files: Mapping[PurePosixPath, str]) -> Mapping[str, str]:
    """The refutations of a certificate, by the script that each is about."""
    found: dict[str, str] = {}
    for script in scripts:
        numbers = {goal: number for number, (goal, _) in enumerate(script.goals)}
        for refutation in refutations_from(files.get(refutations_path(script), "")):
            if refutation.goal in numbers:
                found[script.alone(numbers[refutation.goal])] = refutation.steps
    return found


def _objections_to_files(scripts: tuple[Script, ...], files: Mapping[PurePosixPath, str]) -> Iterator[Objection]:
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
