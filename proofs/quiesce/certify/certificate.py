"""The certificate of a proof, made on demand: a few files from which anybody can check the proof again.

`hints.json` is what had to be found. `conditions/` has what a solver has to confirm, as SMT-LIB text. `refutations/`
has steps that a checker without a solver can follow, for each condition that they were found for. Conditions follow
from the spec and the hints, and a refutation follows from its condition; so neither depends on what was there before.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePosixPath

from quiesce.spec.meaning.scripts import Script
from quiesce.spec.record import record

HINTS = PurePosixPath("hints.json")

Refute = Callable[[str], str | None]
"""A function that is given the script of a condition, and returns a refutation of it if it finds one."""


def digest(scripts: Iterable[Script]) -> str:
    """The SHA-256 of all conditions of a proof, with their names."""
    found = hashlib.sha256()
    for script in scripts:
        found.update(f"{conditions_path(script)}\n{script.text()}".encode())
    return found.hexdigest()


def certificate(hints: str, scripts: Iterable[Script], refute: Refute) -> Mapping[PurePosixPath, str]:
    """All files of a certificate, by their place in its folder."""
    files = {HINTS: hints}
    for script in scripts:
        files[conditions_path(script)] = script.text()
        found = [(goal, refute(script.alone(number))) for number, (goal, _) in enumerate(script.goals)]
        refutations = [Refutation(goal, steps) for goal, steps in found if steps is not None]
        if refutations:
            files[refutations_path(script)] = refutations_text(refutations)
    return files


# --- files -------------------------------------------------------------------------------------------------------


@record
class Refutation:
    """The refutation of one condition of a script."""

    goal: str
    steps: str


def conditions_path(script: Script) -> PurePosixPath:
    """The place of the conditions of a script."""
    return PurePosixPath("conditions", f"{_file_name_of_condition(script.name)}.smt2")


def refutations_path(script: Script) -> PurePosixPath:
    """The place of the refutations of a script."""
    return PurePosixPath("refutations", f"{_file_name_of_condition(script.name)}.cases")


def _file_name_of_condition(name: str) -> str:
    return "-".join("".join(letter if letter.isalnum() or letter in "_." else " " for letter in name).split())


_GOAL = "goal "


def refutations_text(refutations: Iterable[Refutation]) -> str:
    """Refutations one after the other, each behind a line with its goal."""
    return "".join(f"{_GOAL}{refutation.goal}\n{refutation.steps.rstrip()}\n" for refutation in refutations)


def refutations_from(text: str) -> tuple[Refutation, ...]:
    """The refutations in a text that `refutations_text` wrote; lines before the first goal are a header."""
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith(_GOAL):
            found.append((line.removeprefix(_GOAL), []))
        elif found:
            found[-1][1].append(f"{line}\n")
    return tuple(Refutation(goal, "".join(lines)) for goal, lines in found)
