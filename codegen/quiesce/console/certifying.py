"""The command that writes a whole certificate: everything that somebody needs who has his own tools."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from quiesce.certify.certificate import certificate
from quiesce.certify.derivation import Derivation, NoConditions
from quiesce.certify.entries import Malformed
from quiesce.certify.proposal_reading import read_proposal
from quiesce.certify.refute import produce
from quiesce.console.context import Context
from quiesce.console.exits import Exit, UsageError
from quiesce.console.proving import read
from quiesce.console.rechecking import hints_of


def write_certificate(context: Context) -> Exit:
    """Make the certificate of one spec from its committed hints, and write it into a new folder."""
    targets = context.targets()
    if len(targets) != 1:
        raise UsageError(f"a certificate is about one spec: name one of {', '.join(str(t.spec) for t in targets)}")
    [target] = targets
    machine = read(context.project, context.project.path(target))
    hints = hints_of(context, target)
    try:
        scripts = [questions.script for questions in Derivation(machine, read_proposal(machine, hints)).questions]
    except (Malformed, NoConditions) as error:
        raise UsageError(f"{target.spec}: its hints are not usable: {error}") from error
    context.progress(f"{target.spec}: looking for refutations")
    files = certificate(hints, scripts, produce)
    context.progress("")
    folder = Path(context.options.output)
    try:
        _write(folder, files)
    except OSError as error:
        raise UsageError(f"cannot write {folder}: {error.strerror}") from error
    goals = sum(len(script.goals) for script in scripts)
    context.say(f"{folder}: written: {goals} conditions; check it with `quiesce recheck --certificate {folder}`")
    return Exit.OK


def _write(folder: Path, files: Mapping[PurePosixPath, str]) -> None:
    folder.mkdir(parents=True)
    for path, text in files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8", newline="\n")
