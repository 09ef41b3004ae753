"""Checks the theorems that the rules of the prover rest on: their sources and table, and, with Coq, every proof.

What can be read off the text is checked without Coq: the table names theorems that there are, and nothing is admitted.
With Coq, everything is compiled in a scratch folder, each statement is asked for what it assumes, and what was compiled
is gone through once more by Coq's small checker.
"""

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

THEORY = Path(__file__).parent
LIBRARY = "Quiesce"
CLOSED = "Closed under the global context"
NO_COQ = "proofs/theory/check needs Coq: install the package `coq`, which has coqc, coqdep and coqchk"
PROGRAMS = ("coqc", "coqdep", "coqchk")
CLEAN = (
    "Axioms: <none>",
    "Constants/Inductives relying on type-in-type: <none>",
    "Constants/Inductives relying on unsafe (co)fixpoints: <none>",
    "Inductives whose positivity is assumed: <none>",
)

_STATEMENT = re.compile(r"(Theorem|Lemma|Corollary|Proposition|Remark|Fact|Example)\s+(\w+)")
_NEVER = re.compile(
    r"\b(Admitted|admit|give_up|Abort|Axioms?|Conjectures?|Parameters?|Primitive|"
    r"Module|Load|Declare|Unset|Set|bypass_check)\b"
)
_IN_SECTIONS = re.compile(r"(Variables?|Hypothes[ei]s|Context)\b")


@dataclass(frozen=True, slots=True)
class Rule:
    """The theorems that a rule of the prover rests on, each as file and name, or the reason why the rule needs none."""

    name: str
    theorems: tuple[tuple[str, str], ...]
    reason: str


def read_table(text: str) -> tuple[Rule, ...]:
    """The rules of a table.

    Raises:
        ValueError: the table is not of its form.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"the table of theorems is no TOML: {error}") from error
    match table:
        case {"rules": dict(rules), **rest} if not rest:
            return tuple(_read_rule(name, entry) for name, entry in rules.items())
        case _:
            raise ValueError("the table of theorems has rules, and nothing else")


def _read_rule(name: str, entry: object) -> Rule:
    match entry:
        case {"theorems": list(listed), **rest} if set(rest) <= {"reason"}:
            reason = str(rest.get("reason", ""))
            found = [str(one).split(".") for one in listed]
            if any(len(parts) != 2 for parts in found):
                raise ValueError(f"rule {name}: a theorem is named as file.theorem")
            if bool(found) == bool(reason):
                raise ValueError(f"rule {name}: it has theorems, or else a reason why it needs none")
            return Rule(name, tuple((file, theorem) for file, theorem in found), reason)
        case _:
            raise ValueError(f"rule {name}: it has theorems, and at most a reason besides")


# --- what the text tells ------------------------------------------------------------------------------------------


def sentences(source: str) -> Iterator[str]:
    """The sentences of a Coq source, without comments."""
    text, depth, place = "", 0, 0
    while place < len(source):
        mark = source[place : place + 2]
        if mark in ("(*", "*)"):
            depth, place = depth + (1 if mark == "(*" else -1), place + 2
            text += " "
        else:
            text += source[place] if depth == 0 else ""
            place += 1
    for sentence in re.split(r"\.(?=\s|$)", text):
        if stripped := sentence.strip().lstrip("-+*{} \n"):
            yield " ".join(stripped.split())


def statements(source: str) -> tuple[str, ...]:
    """The names of what a source states."""
    return tuple(found[2] for sentence in sentences(source) if (found := _STATEMENT.match(sentence)))


def faults(folder: Path) -> Iterator[str]:
    """The faults of the sources and the table of a folder, as far as their text tells."""
    sources = {file.stem: file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.v"))}
    for name, source in sources.items():
        yield from (f"{name}.v: {fault}" for fault in _faults_of(source))
    try:
        rules = read_table((folder / "theorems.toml").read_text(encoding="utf-8"))
    except ValueError as error:
        yield str(error)
        return
    for rule in rules:
        for file, theorem in rule.theorems:
            if theorem not in statements(sources.get(file, "")):
                yield f"rule {rule.name}: there is no theorem {theorem} in {file}.v"


def _faults_of(source: str) -> Iterator[str]:
    depth, open_statement = 0, ""
    for sentence in sentences(source):
        if never := _NEVER.search(sentence):
            yield f"`{never[1]}` has no place in a proof that is to be believed: {sentence[:60]}"
        if depth == 0 and (loose := _IN_SECTIONS.match(sentence)):
            yield f"`{loose[1]}` outside of a section is an axiom: {sentence[:60]}"
        if stated := _STATEMENT.match(sentence):
            if open_statement:
                yield f"{open_statement} has no proof that ends"
            open_statement = stated[2]
        if sentence in ("Qed", "Defined"):
            open_statement = ""
        depth += bool(re.match(r"Section\b", sentence)) - bool(re.match(r"End\b", sentence))
    if open_statement:
        yield f"{open_statement} has no proof that ends"


# --- what Coq tells -----------------------------------------------------------------------------------------------


def complaints(folder: Path) -> Iterator[str]:
    """Coq's objections to the theorems of a folder, which are compiled elsewhere, so that nothing is left behind."""
    if missing := [program for program in PROGRAMS if shutil.which(program) is None]:
        yield f"{NO_COQ}; {', '.join(missing)} not found"
        return
    with TemporaryDirectory() as scratch:
        place = Path(scratch)
        for file in sorted(folder.glob("*.v")):
            shutil.copy(file, place)
        yield from _compiled(place)


def _compiled(place: Path) -> Iterator[str]:
    ordered = _run(place, "coqdep", "-sort", "-R", ".", LIBRARY, *(file.name for file in sorted(place.glob("*.v"))))
    files = [Path(name) for name in ordered.stdout.split()]
    if ordered.returncode or {file.name for file in files} != {file.name for file in place.glob("*.v")}:
        yield f"coqdep found no order of the files: {ordered.stderr}"
        return
    for file in files:
        done = _run(place, "coqc", "-q", "-R", ".", LIBRARY, file.name)
        if done.returncode:
            yield f"{file.name} does not compile: {done.stdout}{done.stderr}"
            return
    yield from _assumptions(place, files)
    names = [f"{LIBRARY}.{file.stem}" for file in files]
    checked = _run(place, "coqchk", "-silent", "-o", "-R", ".", LIBRARY, *names)
    told = checked.stdout + checked.stderr
    if checked.returncode or not all(line in told for line in CLEAN):
        yield f"coqchk is not content: {told}"


def _assumptions(place: Path, files: list[Path]) -> Iterator[str]:
    """The statements that assume anything."""
    known = [f"{file.stem}.{name}" for file in files for name in statements((place / file).read_text(encoding="utf-8"))]
    lines = [f"From {LIBRARY} Require {file.stem}." for file in files]
    lines += [f"Print Assumptions {LIBRARY}.{name}." for name in known]
    (place / "Assumed.v").write_text("\n".join(lines), encoding="utf-8")
    done = _run(place, "coqc", "-q", "-R", ".", LIBRARY, "Assumed.v")
    answers = done.stdout.splitlines()
    if done.returncode or not known or answers != [CLOSED] * len(known):
        others = "\n".join(line for line in answers if line != CLOSED)
        yield f"{len(known)} statements, of which {answers.count(CLOSED)} assume nothing: {others}{done.stderr}"


def _run(place: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)  # noqa: S603 -- of PROGRAMS


def main() -> int:
    """Check everything; the exit code is 1 if anything is wrong."""
    found = [*faults(THEORY)] or [*complaints(THEORY)]
    count = sum(len(statements(file.read_text(encoding="utf-8"))) for file in THEORY.glob("*.v"))
    print("\n".join(found) if found else f"{count} statements, each proved with no axiom")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
