"""Cores of random specs are proved equal, and run as the interpreter; a fault in what they know is not overlooked."""

import os
from collections.abc import Iterator
from itertools import islice

import pytest
from quiesce.generate.core.validation import compare
from quiesce.prove.effort import Effort

from tests.generate.cores import core_of, disagreements, machine_of
from tests.generate.random_specs import random_spec

PORTION = 8
"""Specs that one test looks at."""

ASKED = os.environ.get("QUIESCE_CORES")
CORES = int(ASKED or "3")
STRIDE = 1 if ASKED else 3
"""Specs that are looked at, and which of their faults; the nightly script looks at more, and at all faults."""


@pytest.mark.parametrize("start", range(0, CORES, PORTION))
def test_a_generated_core_is_equal_and_runs_alike(start: int) -> None:
    for seed in range(start, start + min(PORTION, CORES)):
        spec = random_spec(seed)
        machine = machine_of(spec)
        core = core_of(machine)
        assert disagreements(machine, core, range(12)) == [], spec
        assert compare(machine, (), spec, core, Effort()) == (), spec


def faults(core: str) -> Iterator[str]:
    """The core without one line that makes a member known, or forgets it."""
    lines = core.split("\n")
    for number, line in enumerate(lines):
        if ".pop(" in line:
            yield "\n".join(lines[:number] + lines[number + 1 :])
        elif "] = None" in line or "self._retire_" in line:
            yield "\n".join([*lines[:number], f"{line[: len(line) - len(line.lstrip())]}pass", *lines[number + 1 :]])


@pytest.mark.slow
@pytest.mark.parametrize("start", range(100_000, 100_000 + CORES, PORTION))
def test_a_core_that_runs_otherwise_is_never_called_equal(start: int) -> None:
    refused = shown = 0
    for seed in range(start, start + min(PORTION, CORES)):
        spec = random_spec(seed)
        machine = machine_of(spec)
        for faulty in islice(faults(core_of(machine)), 0, None, STRIDE):
            found = compare(machine, (), spec, faulty, Effort())
            wrong = disagreements(machine, faulty, range(12))
            assert found or not wrong, (spec, faulty, wrong)
            refused += bool(found)
            shown += bool(wrong)
    assert refused >= shown > 0
