"""The files under `proofs/`: a page for people, and what had to be found for the proof."""

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from quiesce.certify.certificate import HINTS, digest
from quiesce.certify.derivation import Derivation
from quiesce.certify.proposal import proposal_of, written
from quiesce.certify.proposal_reading import read_proposal
from quiesce.console.reports.json.mutants_summary import Summary
from quiesce.console.reports.pages.page import PAGE, page
from quiesce.cores.minimal import Cores
from quiesce.cores.report import core_report_with
from quiesce.prove.checked import CheckedMachine
from quiesce.spec.record import record


@record
class Evidence:
    """The pages of a proof by their place in its folder, and the digest of the conditions that follow from them."""

    pages: Mapping[PurePosixPath, str]
    conditions: str


def evidence_of(
    checked: CheckedMachine,
    generated: Mapping[PurePosixPath, str],
    cores: Iterable[Cores],
    survey: Summary | None = None,
) -> Evidence:
    """All kept files of a proof. `cores` are the answers to the questions about proof cores."""
    hints = written(checked.machine, proposal_of(checked.report))
    derivation = Derivation(checked.machine, read_proposal(checked.machine, hints))
    conditions = digest(questions.script for questions in derivation.questions)
    pages = {PAGE: page(checked, core_report_with(checked, cores), generated, survey), HINTS: hints}
    return Evidence(pages, conditions)
