"""What is committed of proofs can be read, is what would be written, and leaves no condition to a solver alone."""

from pathlib import Path, PurePosixPath

import pytest
from quiesce.certify.certificate import digest
from quiesce.certify.derivation import Derivation
from quiesce.certify.proposal import written
from quiesce.certify.proposal_reading import read_proposal
from quiesce.certify.rechecking import Means, recheck
from quiesce.certify.refute import produce
from quiesce.generate.files.manifest import from_json
from quiesce.spec.model import Machine
from quiesce.spec.reader import read_file

from tests.by_day import by_day

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
HINTS = sorted((ROOT / "proofs").glob("*/hints.json"))
QUICK = [file for file in HINTS if file.parent.name in {"clients", "winsock_contract"}]
"""Those whose refutations are found in a moment; the nightly script looks for those of the others."""

by_name = pytest.mark.parametrize("file", HINTS, ids=lambda file: file.parent.name)


def machine_of(file: Path) -> Machine:
    spec = PurePosixPath("model", f"{file.parent.name}.py")
    return read_file(ROOT / spec, spec)


def test_there_are_some_for_each_spec() -> None:
    assert [file.parent.name for file in HINTS] == ["clients", "winsock", "winsock_contract", "winsock_layered"]


@by_name
def test_they_are_what_would_be_written(file: Path) -> None:
    text, machine = file.read_text(encoding="utf-8"), machine_of(file)
    assert written(machine, read_proposal(machine, text)) == text


@by_name
def test_the_manifest_knows_their_conditions(file: Path) -> None:
    machine = machine_of(file)
    derivation = Derivation(machine, read_proposal(machine, file.read_text(encoding="utf-8")))
    manifest = from_json((file.parent / "MANIFEST.json").read_text(encoding="utf-8"))
    assert manifest is not None
    assert manifest.certificate == digest(questions.script for questions in derivation.questions)


@pytest.mark.slow
@pytest.mark.parametrize("file", by_day(QUICK[::-1], 2), ids=lambda file: file.parent.name)
def test_every_condition_has_a_refutation_that_needs_no_solver(file: Path) -> None:
    found = recheck(machine_of(file), file.read_text(encoding="utf-8"), Means(None, produce))
    assert found.objections == ()
    assert found.followed == found.conditions > 20
