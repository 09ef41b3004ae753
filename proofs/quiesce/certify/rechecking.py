"""Checking a certificate without the prover that wrote it.

The conditions are made anew from the spec and compared letter by letter with those of the certificate; a second solver
confirms each; refutations are followed by the small checker; runs are replayed by the interpreter. What the certificate
says is believed nowhere.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from quiesce.certify.certificate import (
    NAME,
    SCHEMA,
    conditions_path,
    digest,
    evidence_to_json,
    refutations_from,
    refutations_path,
)
from quiesce.certify.evidence import Conditions, Evidence, Framed, Shown, evidence_due, scripts_of
from quiesce.certify.findings import findings_from_json
from quiesce.certify.runs import run_from_json
from quiesce.certify.terms import Json, Malformed
from quiesce.kernel.batches import Script
from quiesce.kernel.hints import Hints
from quiesce.kernel.kinds import Obligation
from quiesce.kernel.obligations import obligations
from quiesce.kernel.plan import Plan
from quiesce.kernel.problem import Problem, problem_of, unassuming
from quiesce.kernel.shown import machine_of, objection
from quiesce.kernel.totals import UnsupportedTotal
from quiesce.recheck import Rejected, check
from quiesce.spec.model import Machine
from quiesce.spec.state import Run

Answers = Callable[[str], tuple[str, ...]]
"""A solver's answer to each question of a script."""


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a certificate is refused: the file or obligation that is at fault, and what is wrong with it."""

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rechecked:
    """What became of a certificate. It is accepted if there is no objection.

    `conditions` were confirmed by the solver, `refutations` of them by the small checker too, and `runs` were replayed.
    """

    obligations: int
    conditions: int
    refutations: int
    runs: int
    objections: tuple[Objection, ...]


class Refused(Exception):
    """A certificate that is not even worth looking into, with the one objection to it."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where}: {reason}")
        self.objection = Objection(where, reason)


def recheck(machine: Machine, spec: str, files: Mapping[PurePosixPath, str], answers: Answers) -> Rechecked:
    """Check the certificate of a machine, whose spec has the text `spec`, from the text of all its files."""
    try:
        return _Recheck(machine, spec, files).run(answers)
    except Refused as refusal:
        return Rechecked(0, 0, 0, 0, (refusal.objection,))


@dataclass(frozen=True, slots=True)
class _Content:
    hints: Json
    obligations: Mapping[str, Json]
    files: Mapping[str, Json]


class _Recheck:
    def __init__(self, machine: Machine, spec: str, files: Mapping[PurePosixPath, str]) -> None:
        self._machine = machine
        self._files = files
        self._content = _content(machine, spec, files)
        self._objections: list[Objection] = []

    def run(self, answers: Answers) -> Rechecked:
        problem, hints = self._findings()
        due = {obligation.id: obligation for obligation in obligations(problem)}
        self._compare_names("obligation", set(due), set(self._content.obligations))
        runs = dict(self._runs(problem, hints, due))
        try:
            scripts = tuple(scripts_of(problem, hints, runs))
        except (UnsupportedTotal, KeyError, ValueError, TypeError, StopIteration) as error:
            raise Refused(str(NAME), f"its hints make no sense for this spec: {error}") from error
        for name, evidence in evidence_due(problem, hints, scripts).items():
            self._compare_evidence(name, evidence)
        self._compare_files(scripts)
        confirmed = sum(self._confirmed(script, answers) for script in scripts)
        followed = sum(self._followed(script) for script in scripts)
        return Rechecked(len(due), confirmed, followed, len(runs), tuple(self._objections))

    def _object(self, where: object, reason: str) -> None:
        self._objections.append(Objection(str(where), reason))

    def _findings(self) -> tuple[Problem, Hints]:
        plain = problem_of(self._machine)
        untrusting = unassuming(plain).machine
        others = {promise.name: untrusting for promise in self._machine.promises if not promise.assuming}
        try:
            hints = findings_from_json(others, self._machine, self._content.hints)
        except Malformed as error:
            raise Refused(str(NAME), str(error)) from error
        return problem_of(self._machine, hints.helpers), hints

    def _compare_names(self, what: str, due: set[str], found: set[str]) -> None:
        for name in sorted(due - found):
            self._object(name, f"this {what} is missing")
        for name in sorted(found - due):
            self._object(name, f"no such {what} is due for this spec")

    # --- evidence ---

    def _runs(self, problem: Problem, hints: Hints, due: Mapping[str, Obligation]) -> Iterator[tuple[str, Run]]:
        """The run of each obligation that has one, replayed; one that does not show what it should is objected to."""
        for name, entry in self._content.obligations.items():
            if not isinstance(entry, dict) or "run" not in entry or name not in due:
                continue
            try:
                run = run_from_json(machine_of(problem, due[name].about), entry["run"])
            except Malformed as error:
                self._object(name, str(error))
                continue
            if (wrong := objection(Plan(problem), hints, due[name].about, run)) is not None:
                self._object(name, wrong)
            trap = hints.traps.get(name.removeprefix("fails/"))
            if trap is not None and trap.run != run:
                self._object(name, "its run is not the one that leads into the trap")
            yield name, run

    def _compare_evidence(self, name: str, evidence: Evidence) -> None:
        entry = self._content.obligations.get(name)
        if entry is None:
            return
        run = entry.get("run") if isinstance(entry, dict) else None
        if entry != evidence_to_json(evidence, run):
            self._object(name, "other evidence is due")
        elif isinstance(evidence, Conditions) and not evidence.goals:
            self._object(name, "there is no condition that answers for it")
        elif isinstance(evidence, Shown) and run is None:
            self._object(name, "it has no run")
        elif isinstance(evidence, Framed) and evidence.by is not None and evidence.by not in self._content.obligations:
            self._object(name, f"{evidence.by} answers for it, but is not there")

    # --- conditions ---

    def _compare_files(self, scripts: tuple[Script, ...]) -> None:
        paths = {str(conditions_path(script)): script for script in scripts}
        if len(paths) != len(scripts):
            self._object(NAME, "two batches of conditions have one name")
        optional = {str(refutations_path(script)) for script in scripts}
        listed = set(self._content.files)
        self._compare_names("file", set(paths), listed - optional)
        for path in sorted(listed):
            text = self._files.get(PurePosixPath(path))
            if text is None:
                self._object(path, "the file is missing")
            elif digest(text) != self._content.files[path]:
                self._object(path, "its digest is not the one in the certificate")
            elif path in paths and text != paths[path].text():
                self._object(path, "these are not the conditions of this spec")
        for found in sorted(map(str, self._files)):
            if found != str(NAME) and found not in listed:
                self._object(found, "the certificate does not know this file")

    def _confirmed(self, script: Script, answers: Answers) -> int:
        """How many conditions the solver confirms; it is given the text made from the spec."""
        said = answers(script.text())
        for number, (goal, _) in enumerate(script.goals):
            answer = said[number] if number < len(said) else "nothing"
            if answer != "unsat":
                self._object(goal, f"the second solver says {answer}")
        if len(said) > len(script.goals):
            self._object(conditions_path(script), f"the second solver says more than was asked: {' '.join(said)}")
        return sum(answer == "unsat" for answer in said[: len(script.goals)])

    def _followed(self, script: Script) -> int:
        """How many conditions are refuted step by step; each refutation that is there has to be right."""
        text = self._files.get(refutations_path(script))
        numbers = {goal: number for number, (goal, _) in enumerate(script.goals)}
        right = 0
        for refutation in refutations_from(text) if text is not None else ():
            if refutation.goal not in numbers:
                self._object(refutations_path(script), f"there is no condition {refutation.goal}")
                continue
            try:
                check(script.alone(numbers[refutation.goal]), refutation.steps)
                right += 1
            except Rejected as error:
                self._object(refutation.goal, f"its refutation is wrong: {error}")
        return right


def _content(machine: Machine, spec: str, files: Mapping[PurePosixPath, str]) -> _Content:
    """The certificate, if it is one for this spec.

    Raises:
        Refused: it is not.
    """
    where = str(NAME)
    if NAME not in files:
        raise Refused(where, "there is no certificate")
    try:
        content = json.loads(files[NAME], object_pairs_hook=_without_repetition)
    except (ValueError, RecursionError) as error:
        raise Refused(where, f"not readable: {error}") from error
    expected = {"schema", "machine", "spec", "spec_sha256", "findings", "obligations", "files"}
    if not isinstance(content, dict) or set(content) != expected:
        raise Refused(where, f"a certificate has {', '.join(sorted(expected))}")
    for key, due in (
        ("schema", SCHEMA),
        ("machine", machine.name),
        ("spec", str(machine.path)),
        ("spec_sha256", digest(spec)),
    ):
        if content[key] != due or isinstance(content[key], bool):
            raise Refused(
                where, f"{key} is {content[key]}, but {due} is expected: it is a certificate of something else"
            )
    match content:
        case {"findings": hints, "obligations": dict(listed), "files": dict(digests)}:
            return _Content(hints, listed, digests)
        case _:
            raise Refused(where, "obligations and files are objects")


def _without_repetition(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found
