"""`quiesce recheck`: check proofs without the prover that found them."""

import sys
from pathlib import Path

from quiesce.certify.certificate import HINTS, digest
from quiesce.certify.derivation import Derivation, NoConditions
from quiesce.certify.entries import Malformed
from quiesce.certify.proposal_reading import read_proposal
from quiesce.certify.rechecking import Means, Objection, Rechecked, recheck, recheck_folder
from quiesce.certify.refute import produce
from quiesce.certify.second import NoSecondSolver, SecondSolver
from quiesce.console.archive import read_certificate
from quiesce.console.context import Context
from quiesce.console.exits import Exit, UsageError
from quiesce.console.project import Target
from quiesce.console.proving import read
from quiesce.generate.files import manifest
from quiesce.spec.files import read_bytes
from quiesce.spec.model import Machine


def run(context: Context) -> Exit:
    """Check the proof of each spec: 0 if all are accepted, 1 if one is refused."""
    solver = NoSecondSolver("--no-solver is given") if context.options.no_solver else _second_solver()
    accepted = True
    targets = context.targets()
    if context.options.certificate is not None and len(targets) != 1:
        raise UsageError(f"a certificate is about one spec: name one of {', '.join(str(t.spec) for t in targets)}")
    for target in targets:
        context.progress(f"{target.spec}: checking with {_name(solver)}")
        found, objections = _recheck(context, target, solver)
        context.progress("")
        for objection in objections:
            print(f"{target.spec}: {objection.where}: {objection.reason}", file=sys.stderr)
        if objections:
            accepted = False
            if isinstance(solver, NoSecondSolver) and found.followed < found.conditions:
                print(f"{target.spec}: no second solver was asked: {solver}", file=sys.stderr)
            print(f"{target.spec}: the proof is refused; `quiesce build` finds a new one", file=sys.stderr)
        else:
            context.say(_sentence(context, target, found, solver))
    return Exit.OK if accepted else Exit.REFUTED


def hints_of(context: Context, target: Target) -> str:
    """The committed hints of a spec."""
    file = context.project.proofs / target.name / HINTS
    if not file.exists():
        raise UsageError(f"{file}: there is no proof to check yet: `quiesce build {target.spec}` makes one")
    return _text(file)


def _second_solver() -> SecondSolver | NoSecondSolver:
    """The second solver, or why there is none. Without it, every condition has to be followed step by step."""
    try:
        return SecondSolver.installed()
    except NoSecondSolver as missing:
        return missing


def _name(solver: SecondSolver | NoSecondSolver) -> str:
    return solver.version if isinstance(solver, SecondSolver) else "the checker that needs no solver"


def _recheck(
    context: Context, target: Target, solver: SecondSolver | NoSecondSolver
) -> tuple[Rechecked, tuple[Objection, ...]]:
    machine = read(context.project, context.project.path(target))
    means = Means(solver.answers if isinstance(solver, SecondSolver) else None, produce)
    if context.options.certificate is not None:
        found = recheck_folder(machine, read_certificate(Path(context.options.certificate)), means)
        return found, found.objections
    hints = hints_of(context, target)
    found = recheck(machine, hints, means)
    return found, (*_known_to_manifest(context, target, machine, hints), *found.objections)


def _known_to_manifest(context: Context, target: Target, machine: Machine, hints: str) -> tuple[Objection, ...]:
    """Whether the conditions are those that the manifest knows, if there is one."""
    file = context.project.proofs / target.name / manifest.NAME
    if not file.exists():
        return ()
    known = manifest.from_json(_text(file))
    if known is None:
        return (Objection(manifest.NAME, "it was changed after it was written"),)
    try:
        questions = Derivation(machine, read_proposal(machine, hints)).questions
    except (Malformed, NoConditions):
        return ()  # which is objected to in any case
    if known.certificate != digest(one.script for one in questions):
        return (Objection(manifest.NAME, "it knows another digest of the conditions"),)
    return ()


def _text(file: Path) -> str:
    try:
        return read_bytes(file).decode().replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: cannot be read: {getattr(error, 'strerror', None) or error}") from error


def _sentence(context: Context, target: Target, found: Rechecked, solver: SecondSolver | NoSecondSolver) -> str:
    accepted = context.style.paint("accepted", "green")
    by_solver = f"{found.solved} confirmed by {solver.version}, " if isinstance(solver, SecondSolver) else ""
    alone = f" (no second solver was asked: {solver})" if isinstance(solver, NoSecondSolver) else ""
    return (
        f"{target.spec}: {accepted}: {found.obligations} obligations; {found.conditions} conditions made anew from the "
        f"spec: {by_solver}{found.followed} followed step by step without a solver; {found.runs} runs replayed{alone}"
    )
