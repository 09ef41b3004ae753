"""A small proof with every kind of hint, and its certificate."""

from dataclasses import dataclass
from pathlib import PurePosixPath

import pytest
from quiesce.certify.certificate import certificate
from quiesce.certify.derivation import Derivation
from quiesce.certify.proposal import proposal_of, written
from quiesce.certify.proposal_reading import read_proposal
from quiesce.certify.refute import produce_short
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.prover import verify
from quiesce.spec.model import Machine
from quiesce.spec.reader import read_text

from tests.machines import text_of

GATE = text_of("gate")
"""A spec whose proof needs a helper, ranks, traps and runs."""


@dataclass(frozen=True)
class Proof:
    """A spec, its machine, the text of its hints, and the files of its certificate."""

    spec: str
    machine: Machine
    checked: CheckedMachine
    hints: str
    files: dict[PurePosixPath, str]


@pytest.fixture(scope="session")
def proof() -> Proof:
    machine = read_text(GATE, PurePosixPath("gate.py"))
    checked = CheckedMachine(verify(machine))
    hints = written(machine, proposal_of(checked.report))
    questions = Derivation(machine, read_proposal(machine, hints)).questions
    files = dict(certificate(hints, (one.script for one in questions), produce_short))
    return Proof(GATE, machine, checked, hints, files)
