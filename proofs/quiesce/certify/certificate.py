"""The certificate of a proof: a few files from which anybody can check it again.

`certificate.json` has what the prover found, the evidence for each obligation, and the digests of the spec and of every
other file. `conditions/` has what a solver has to confirm, as SMT-LIB text. `refutations/` has, for each condition that
one was found for, steps that a checker without a solver can follow.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from quiesce.certify.evidence import Conditions, Evidence, Framed, Shown, Stated, evidence_due, scripts_of
from quiesce.certify.findings import findings_to_json
from quiesce.certify.runs import run_to_json
from quiesce.certify.terms import Json
from quiesce.kernel.batches import Script
from quiesce.kernel.problem import problem_of
from quiesce.kernel.shown import machine_of
from quiesce.prove.checked import CheckedMachine

SCHEMA = 1
"""The version of the certificate's form, and of the way in which conditions are written."""

NAME = PurePosixPath("certificate.json")

Refute = Callable[[str, str], str | None]
"""Finds a refutation of a condition, given its name and its script, if it can."""


def digest(text: str) -> str:
    """The SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Refutation:
    """The refutation of one condition of a script."""

    goal: str
    steps: str


def certificate(checked: CheckedMachine, spec: str, refute: Refute) -> Mapping[PurePosixPath, str]:
    """All files of the certificate of a proof, by their place in its folder. `spec` is the text of the spec."""
    machine, hints = checked.machine, checked.report.hints
    problem = problem_of(machine, hints.helpers)
    runs = {result.obligation.id: result.run for result in checked.report.results if result.run is not None}
    scripts = tuple(scripts_of(problem, hints, runs))
    files = dict(_files(scripts, refute))
    due = evidence_due(problem, hints, scripts)
    obligations = {result.obligation.id: result.obligation for result in checked.report.results}
    content: dict[str, Json] = {
        "schema": SCHEMA,
        "machine": machine.name,
        "spec": str(machine.path),
        "spec_sha256": digest(spec),
        "findings": findings_to_json(machine, hints),
        "obligations": {
            name: evidence_to_json(
                evidence,
                run_to_json(machine_of(problem, obligations[name].about), runs[name])
                if isinstance(evidence, Shown)
                else None,
            )
            for name, evidence in due.items()
        },
        "files": {str(path): digest(text) for path, text in files.items()},
    }
    return {NAME: in_lines(content), **files}


def evidence_to_json(evidence: Evidence, run: Json) -> Json:
    """Evidence as it stands in a certificate."""
    match evidence:
        case Conditions(goals):
            return {"conditions": list(goals)}
        case Framed(by):
            return {"untouched": True} if by is None else {"untouched": by}
        case Stated():
            return {"stated": True}
        case Shown(goals):
            return {"run": run, "conditions": list(goals)} if goals else {"run": run}


def _files(scripts: Iterable[Script], refute: Refute) -> Iterator[tuple[PurePosixPath, str]]:
    for script in scripts:
        yield conditions_path(script), script.text()
        found = [(goal, refute(goal, script.alone(number))) for number, (goal, _) in enumerate(script.goals)]
        refutations = [Refutation(goal, steps) for goal, steps in found if steps is not None]
        if refutations:
            yield refutations_path(script), refutations_text(refutations)


def conditions_path(script: Script) -> PurePosixPath:
    """Where the conditions of a script are kept."""
    return PurePosixPath("conditions", f"{_slug(script.name)}.smt2")


def refutations_path(script: Script) -> PurePosixPath:
    """Where their refutations are kept."""
    return PurePosixPath("refutations", f"{_slug(script.name)}.cases")


def _slug(name: str) -> str:
    return "-".join("".join(letter if letter.isalnum() or letter in "_." else " " for letter in name).split())


_GOAL = "goal "


def refutations_text(refutations: Iterable[Refutation]) -> str:
    """Refutations one after the other, each behind a line with its goal."""
    return "".join(f"{_GOAL}{refutation.goal}\n{refutation.steps.rstrip()}\n" for refutation in refutations)


def refutations_from(text: str) -> tuple[Refutation, ...]:
    """What `refutations_text` wrote; lines before the first goal are a header."""
    found: list[Refutation] = []
    for line in text.splitlines():
        if line.startswith(_GOAL):
            found.append(Refutation(line.removeprefix(_GOAL), ""))
        elif found:
            found[-1] = Refutation(found[-1].goal, f"{found[-1].steps}{line}\n")
    return tuple(found)


def in_lines(content: Mapping[str, Json]) -> str:
    """JSON with one line for each entry of an entry, so that a change of the proof is a change of a few lines."""
    parts = []
    for key, value in content.items():
        if isinstance(value, dict) and value:
            inner = ",\n".join(f"    {json.dumps(name)}: {json.dumps(entry)}" for name, entry in value.items())
            parts.append(f"  {json.dumps(key)}: {{\n{inner}\n  }}")
        else:
            parts.append(f"  {json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"
