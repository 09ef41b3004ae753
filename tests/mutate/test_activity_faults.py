"""Faults of the outcomes of activities: made where they fit, and noticed where a promise can tell."""

from pathlib import Path, PurePosixPath

import pytest
from quiesce.mutate.expression_faults import Operator
from quiesce.mutate.judge import USUAL, Case, judge
from quiesce.mutate.operators import mutants
from quiesce.mutate.verdicts import Killed, Unconstrained
from quiesce.spec.model import Machine
from quiesce.spec.reader import read_text

DEVICE = Path(__file__).parents[1] / "specs" / "good" / "device.py"
KINDS = (Operator.SILENT_FAILURE, Operator.LOST_SUCCESS, Operator.SWAP_OUTCOMES)

PROMISES = '''
    @step(only=open_failed)
    def a_failed_opening_is_forgotten(self, old: "Device") -> bool:
        """After an opening that failed, the device is down."""
        return self.phase == Phase.DOWN
'''


def device(promises: str = "") -> Machine:
    text = DEVICE.read_text(encoding="utf-8").replace("session, when", "session, step, when") + promises
    return read_text(text, PurePosixPath("device.py"))


def test_the_outcomes_of_work_that_can_fail_are_mixed_up() -> None:
    found = [(m.operator, m.description) for m in mutants(device()) if m.operator in KINDS]
    assert found == [
        (Operator.SILENT_FAILURE, "what open_failed does -> what opened does"),
        (Operator.LOST_SUCCESS, "what opened does -> what open_failed does"),
        (Operator.SWAP_OUTCOMES, "what opened does -> what open_failed does, and the other way round"),
    ]


def test_work_that_cannot_fail_has_nothing_to_mix_up() -> None:
    sure = device().actions_by_name["closed"]
    assert sure.ends is not None
    assert not [m for m in mutants(device()) if m.operator in KINDS and m.scope == sure.name]


@pytest.mark.parametrize("kind", [Operator.SILENT_FAILURE, Operator.SWAP_OUTCOMES])
def test_a_failure_that_counts_is_noticed_by_a_promise_about_it(kind: Operator) -> None:
    def verdict(machine: Machine) -> object:
        fault = next(mutant for mutant in mutants(machine) if mutant.operator is kind)
        return judge(Case(machine, (), fault, USUAL))

    assert isinstance(verdict(device(PROMISES)), Killed)
    assert isinstance(verdict(device()), Unconstrained)
