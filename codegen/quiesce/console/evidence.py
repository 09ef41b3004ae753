"""The files under `proofs/`: a page for people, and what had to be found for the proof."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from quiesce.certify.certificate import HINTS, digest
from quiesce.certify.derivation import Derivation
from quiesce.certify.proposal import proposal_of, written
from quiesce.certify.proposal_reading import read_proposal
from quiesce.console.mutants_summary import Summary
from quiesce.console.page import PAGE, page
from quiesce.cores.report import teeth
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.effort import Effort


@dataclass(frozen=True, slots=True)
class Evidence:
    """The pages of a proof by their place in its folder, and the digest of the conditions that follow from them."""

    pages: Mapping[PurePosixPath, str]
    conditions: str


def evidence_of(
    checked: CheckedMachine, generated: Mapping[PurePosixPath, str], effort: Effort, survey: Summary | None = None
) -> Evidence:
    """Everything that is kept of a proof. It depends on nothing but the proof, the effort and the survey of mutants."""
    hints = written(checked.machine, proposal_of(checked.report))
    derivation = Derivation(checked.machine, read_proposal(checked.machine, hints))
    conditions = digest(questions.script for questions in derivation.questions)
    pages = {PAGE: page(checked, teeth(checked, effort), generated, survey), HINTS: hints}
    return Evidence(pages, conditions)
