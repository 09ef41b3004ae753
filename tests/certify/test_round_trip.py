"""Whatever a proof needed to find is written so that it reads back as the same, and proves as much to others."""

from pathlib import Path, PurePosixPath

import pytest
from quiesce.certify.derivation import Derivation
from quiesce.certify.proposal import proposal_of, written
from quiesce.certify.proposal_reading import read_proposal
from quiesce.certify.rechecking import Means, recheck
from quiesce.certify.second import SecondSolver
from quiesce.kernel.problem import problem_of
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.prover import verify
from quiesce.spec.reader import read_file

from tests.spec.random_expressions import same_names

pytestmark = pytest.mark.slow

SPECS = sorted((Path(__file__).parents[1] / "specs" / "good").glob("*.py"))
MEANS = Means(SecondSolver.installed().answers, lambda _: None)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.stem)
def test_what_was_found_for_a_spec_reads_back_as_the_same(spec: Path) -> None:
    machine = read_file(spec, PurePosixPath(spec.name))
    proposal = proposal_of(CheckedMachine(verify(machine)).report)
    text = written(machine, proposal)
    again = read_proposal(machine, text)
    assert written(machine, again) == text
    before, after = proposal.hints, again.hints
    helpers = [problem_of(machine, hints.helpers).helpers for hints in (before, after)]
    assert [same_names(helper) for helper in helpers[0]] == [same_names(helper) for helper in helpers[1]]
    assert before.inductions == after.inductions
    assert {wait: [same_names(part) for part in rank] for wait, rank in before.ranks.items()} == {
        wait: [same_names(part) for part in rank] for wait, rank in after.ranks.items()
    }
    assert before.descents.keys() == after.descents.keys()
    assert before.traps.keys() == after.traps.keys()
    assert Derivation(machine, again).runs.keys() == Derivation(machine, proposal).runs.keys()
    assert recheck(machine, text, MEANS).objections == ()
