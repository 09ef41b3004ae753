"""`quiesce certify`: the whole evidence of a proof, for somebody who has their own tools."""

from pathlib import Path

from quiesce.certify.certificate import certificate
from quiesce.certify.derivation import Derivation
from quiesce.certify.proposal import proposal_of, written
from quiesce.certify.proposal_reading import read_proposal
from quiesce.certify.refute import produce_short
from quiesce.console.archive import is_folder, write_archive, write_folder
from quiesce.console.context import Context
from quiesce.console.exits import Exit, UsageError
from quiesce.console.proving import prove, read, show_report
from quiesce.console.verdicts import exit_code
from quiesce.prove.checked import CheckedMachine, NotProved
from quiesce.prove.effort import Effort


def run(context: Context) -> Exit:
    """Prove one spec anew, and write the hints, conditions and refutations of its proof.

    The result depends on the spec alone: neither committed hints nor remembered proofs are looked at.
    """
    targets = context.targets()
    if len(targets) != 1:
        raise UsageError(f"a certificate is about one spec: name one of {', '.join(str(t.spec) for t in targets)}")
    [target] = targets
    output = context.options.output
    if is_folder(output) and Path(output).exists():
        raise UsageError(f"{output} exists; nothing was written")
    machine = read(context.project, context.project.path(target))
    report = prove(machine, Effort(), context.progress)
    try:
        checked = CheckedMachine(report)
    except NotProved:
        context.progress("")
        show_report(context, report)
        context.say(f"{target.spec}: not proved, so there is no evidence to write")
        return exit_code([report]) or Exit.INTERNAL
    hints = written(machine, proposal_of(checked.report))
    scripts = [questions.script for questions in Derivation(machine, read_proposal(machine, hints)).questions]
    context.progress(f"{target.spec}: looking for refutations")
    files = certificate(hints, scripts, produce_short)
    context.progress("")
    (write_folder if is_folder(output) else write_archive)(Path(output), files)
    goals = sum(len(script.goals) for script in scripts)
    checking = f"quiesce recheck {target.spec} --certificate {output}"
    context.say(f"{output}: written: {goals} conditions; check them with `{checking}`")
    return Exit.OK
