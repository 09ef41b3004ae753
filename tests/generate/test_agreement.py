"""The generated core and the interpreter are two meanings of one model; they must be the same."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from quiesce.generate.examples.core_under_test import CoreUnderTest, Session, Values
from quiesce.generate.examples.oracle import Disagreement, Trust, told
from quiesce.generate.examples.search import is_possible, unused
from quiesce.generate.python import names
from quiesce.spec.model import Machine

from tests.by_day import examples

MACHINES = ["clients", "crowded", "gate", "ordinary", "pool", "winsock"]


def subject_of(machine: Machine, core: str) -> tuple[CoreUnderTest, Values]:
    subject = CoreUnderTest.of(machine, core)
    return subject, Session(subject, subject.core_class).values()


@pytest.mark.slow
@pytest.mark.parametrize("name", MACHINES)
def test_random_runs_agree(name: str, machine_of: Callable[[str], Machine], core_of: Callable[[str], str]) -> None:
    machine = machine_of(name)
    subject, initial = subject_of(machine, core_of(name))
    trust = Trust(subject)

    @settings(deadline=None, max_examples=examples(10), suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def run(data: st.DataObject) -> None:
        policies = {
            names.policy_attribute(policy.name): subject.space[policy.type.name][
                data.draw(st.sampled_from(policy.alternatives))
            ]
            for policy in machine.policies
        }
        state: Values = {**initial, **policies}
        moves = st.sampled_from(subject.moves)
        for move in data.draw(st.lists(moves, min_size=20, max_size=60)):
            if is_possible(move, unused(subject, state, initial)) and trust.allows(state, move):
                state = {**state, **told(machine, subject, state, move).changes}

    run()


def test_a_core_with_a_fault_does_not_agree(
    machine_of: Callable[[str], Machine], core_of: Callable[[str], str]
) -> None:
    machine, core = machine_of("gate"), core_of("gate")
    subject, initial = subject_of(machine, core.replace("self.holders += 1", "self.holders += 2"))
    hold = next(move for move in subject.moves if move.method == "gate_hold")
    with pytest.raises(Disagreement, match="holders"):
        told(machine, subject, initial, hold)
