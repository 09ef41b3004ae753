"""The command that checks certificates without the prover that wrote them."""

import sys
from pathlib import Path, PurePosixPath

from quiesce.certify.rechecking import Rechecked, recheck
from quiesce.certify.second import NoSecondSolver, SecondSolver
from quiesce.console.context import Context
from quiesce.console.exits import Exit, UsageError
from quiesce.console.project import Target
from quiesce.console.proving import read


def recheck_certificates(context: Context) -> Exit:
    """Check the certificate of each spec: 0 if all are accepted, 1 if one is refused."""
    try:
        solver = SecondSolver.installed()
    except NoSecondSolver as error:
        raise UsageError(str(error)) from error
    accepted = True
    for target in context.targets():
        context.progress(f"{target.spec}: checking with {solver.version}")
        found = _recheck(context, target, solver)
        context.progress("")
        for objection in found.objections:
            print(f"{target.spec}: {objection.where}: {objection.reason}", file=sys.stderr)
        if found.objections:
            accepted = False
            print(f"{target.spec}: the certificate is refused; `quiesce build` writes a new one", file=sys.stderr)
        else:
            context.say(_sentence(context, target, found, solver))
    return Exit.OK if accepted else Exit.REFUTED


def _recheck(context: Context, target: Target, solver: SecondSolver) -> Rechecked:
    project = context.project
    path = project.path(target)
    machine = read(project, path)
    folder = project.proofs / target.name / "certificate"
    return recheck(machine, path.read_text(encoding="utf-8-sig"), _files(folder), solver.answers)


def _files(folder: Path) -> dict[PurePosixPath, str]:
    """The text of every file of a certificate."""
    try:
        return {
            PurePosixPath(file.relative_to(folder).as_posix()): file.read_bytes().decode().replace("\r\n", "\n")
            for file in sorted(folder.rglob("*"))
            if file.is_file()
        }
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{folder}: cannot be read: {error}") from error


def _sentence(context: Context, target: Target, found: Rechecked, solver: SecondSolver) -> str:
    accepted = context.style.paint("accepted", "green")
    return (
        f"{target.spec}: {accepted}: {found.obligations} obligations; {found.conditions} conditions made anew from the "
        f"spec and confirmed by {solver.version}, {found.refutations} of them also step by step without a solver; "
        f"{found.runs} runs replayed"
    )
