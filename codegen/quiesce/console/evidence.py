"""The pages under `proofs/`: what was proved, on what it rests, and the certificate."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from quiesce.certify.certificate import Refute, certificate, refutations_from
from quiesce.certify.refute import produce
from quiesce.console.assumptions_markdown import assumptions_markdown
from quiesce.console.report_markdown import report_markdown
from quiesce.console.teeth_markdown import teeth_markdown
from quiesce.cores.report import teeth
from quiesce.prove.checked import CheckedMachine
from quiesce.recheck import Rejected, check

CERTIFICATE = PurePosixPath("certificate")
"""The folder of the certificate within that of the proof."""


def evidence_pages(
    checked: CheckedMachine, spec: str, generated: Mapping[PurePosixPath, str], folder: Path
) -> Mapping[PurePosixPath, str]:
    """Every page of a proof by its place in the proof's folder; `folder` is that folder as it is on disk.

    What is there of refutations is used where it is still right; so nothing is searched for where all is as it was.
    """
    files = certificate(checked, spec, _reusing(folder / CERTIFICATE))
    return {
        PurePosixPath("REPORT.md"): report_markdown(checked),
        PurePosixPath("ASSUMPTIONS.md"): assumptions_markdown(checked, generated),
        PurePosixPath("TEETH.md"): teeth_markdown(teeth(checked)),
        **{CERTIFICATE / path: text for path, text in files.items()},
    }


def _reusing(folder: Path) -> Refute:
    """Takes a refutation from the certificate on disk where it still refutes the condition, and finds the others.

    That is as good as a new one, whoever wrote it: it was followed step by step just now. What is missing is searched
    for by checks too, each time. Otherwise nobody would notice that one was taken away, if all digests were adjusted.
    """
    known = {
        refutation.goal: refutation.steps
        for file in sorted(folder.glob("refutations/*.cases"))
        for refutation in refutations_from(_text(file))
    }

    def refute(goal: str, script: str) -> str | None:
        steps = known.get(goal)
        if steps is not None:
            try:
                check(script, steps)
            except Rejected:
                pass  # the condition is another one now
            else:
                return steps
        return produce(script)

    return refute


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""  # then there is nothing to reuse
