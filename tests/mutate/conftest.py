"""Small machines to put faults into."""

from collections.abc import Callable
from pathlib import PurePosixPath
from textwrap import dedent, indent

import pytest
from quiesce.mutate.judge import USUAL, Case, judge
from quiesce.mutate.operators import Mutant, mutants
from quiesce.mutate.verdicts import Verdict
from quiesce.spec.model import Machine
from quiesce.spec.reader import read_text

from tests.machines import changed, text_of

COUNTER = text_of("room")
"""No promise speaks of `visits`."""


@pytest.fixture
def counter() -> Callable[..., Machine]:
    """The machine, with more promises, and with one piece of its text replaced."""

    def make(promises: str = "", replaced: tuple[str, str] | None = None) -> Machine:
        text = changed(COUNTER, *() if replaced is None else (replaced,))
        return read_text(text + indent(dedent(promises), "    "), PurePosixPath("counter.py"))

    return make


@pytest.fixture
def mutant_of() -> Callable[[Machine, str], Mutant]:
    """The one mutant of a machine with this id."""

    def find(machine: Machine, name: str) -> Mutant:
        ids = [mutant.id for mutant in mutants(machine)]
        assert name in ids, "\n".join(ids)
        return mutants(machine)[ids.index(name)]

    return find


@pytest.fixture
def verdict_on(mutant_of: Callable[[Machine, str], Mutant]) -> Callable[[Machine, str], Verdict]:
    """The verdict on the mutant with this id."""
    return lambda machine, name: judge(Case(machine, (), mutant_of(machine, name), USUAL))
