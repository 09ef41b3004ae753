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

COUNTER = '''
from enum import Enum, auto
from quiesce.spec import Machine, Nat, always, call, environment, leads_to, recoverable, step, when


class Light(Enum):
    """Whether anybody is inside."""

    OFF = auto()
    ON = auto()


class Counter(Machine):
    """People in a room, and the light that they need."""

    light: Light = Light.OFF
    people: Nat = 0
    visits: Nat = 0

    @call("enter")
    def enter(self) -> None:
        """One more."""
        self.people += 1
        self.visits += 1
        self.light = Light.ON

    @call("leave")
    def leave(self) -> None:
        """One of several."""
        when(self.people > 1)
        self.people -= 1

    @call("leave")
    def leave_last(self) -> None:
        """The last one."""
        when(self.people == 1)
        self.people = 0
        self.light = Light.OFF

    @call("leave", fails="NOBODY")
    def nobody(self) -> None:
        """There is nobody to leave."""
        when(self.people == 0)

    @environment
    def cool(self) -> None:
        """A step that makes no difference where nobody was."""
        when(self.visits > 0 and self.people == 0)
        self.visits = 0

    @always
    def lit_while_used(self) -> bool:
        """Nobody stands in the dark."""
        return (self.people > 0) == (self.light == Light.ON)
'''
"""No promise speaks of `visits`."""


@pytest.fixture
def counter() -> Callable[..., Machine]:
    """The machine, with more promises, and with one piece of its text replaced."""

    def make(promises: str = "", replaced: tuple[str, str] | None = None) -> Machine:
        text = COUNTER
        if replaced is not None:
            assert text.count(replaced[0]) == 1
            text = text.replace(*replaced)
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
