"""Promises declared false: confirmed by a run, and red where they do not fail."""

from pathlib import PurePosixPath

import pytest
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.prover import verify
from quiesce.prove.results import Verdict
from quiesce.spec.interpreter import holds
from quiesce.spec.model import Always, LeadsTo, Step
from quiesce.spec.reader import read_text

from tests.prove.varied import assert_refused, assert_replays, counted, open_ones
from tests.reports import results_by_id

FALSE_ONES = [
    (
        '''
        @always(expect="refuted")
        def claimed(self) -> bool:
            """A second user breaks it."""
            return self.users <= 1
        ''',
        ["start", "start"],
    ),
    (
        '''
        @step(expect="refuted")
        def claimed(self, old: "Counted") -> bool:
            """The first stop breaks it."""
            return self.users >= old.users
        ''',
        ["start", "stop"],
    ),
    (
        '''
        @leads_to(fair=[drained], expect="refuted")
        def claimed(self) -> tuple[bool, bool]:
            """Nobody has to stop."""
            return self.phase == Phase.ON, self.phase == Phase.OFF
        ''',
        ["start"],
    ),
]


TRUE_ONES = [
    '''
    @always(expect="refuted")
    def claimed(self) -> bool:
        """True by the type."""
        return self.users >= 0
    ''',
    '''
    @step(expect="refuted")
    def claimed(self, old: "Counted") -> bool:
        """True of every action."""
        return -1 <= self.users - old.users <= 1
    ''',
    '''
    @leads_to(fair=[drained], expect="refuted")
    def claimed(self) -> tuple[bool, bool]:
        """True, as nothing else happens while it drains."""
        return self.phase == Phase.DRAINING, self.phase == Phase.OFF
    ''',
    '''
    @recoverable(expect="refuted")
    def claimed(self) -> bool:
        """True: start."""
        return self.phase == Phase.ON
    ''',
]


ONE_SHOT = '''
from enum import Enum, auto

from quiesce.spec import Machine, call, recoverable, when

class Phase(Enum):
    """Where the library stands."""
    FRESH = auto()
    UP = auto()
    GONE = auto()

class OneShot(Machine):
    """A library that cannot be initialised again after its cleanup."""
    phase: Phase = Phase.FRESH

    @call("init")
    def init(self) -> None:
        """The first and only time."""
        when(self.phase == Phase.FRESH)
        self.phase = Phase.UP

    @call("init", fails="TOO_LATE_OR_TWICE")
    def init_again(self) -> None:
        """Refused for good."""
        when(self.phase != Phase.FRESH)

    @call("cleanup")
    def cleanup(self) -> None:
        """The end."""
        self.phase = Phase.GONE

    @recoverable(expect="refuted")
    def restarts(self) -> bool:
        """By design it does not."""
        return self.phase == Phase.UP
'''


@pytest.mark.parametrize(("promise", "moves"), FALSE_ONES)
def test_an_expected_failure_is_confirmed_by_a_run(promise: str, moves: list[str]) -> None:
    machine = counted(promise)
    report = verify(machine)
    CheckedMachine(report)
    run = results_by_id(report)["expected/claimed"].run
    assert run is not None
    assert_replays(machine, run)
    assert [move.action for move in run.moves] == moves
    match machine.promises[-1].claim:
        case Always(claim):
            assert not holds(claim, run.end)
        case Step(claim):
            assert not holds(claim, run.states[-1], run.states[-2])
        case LeadsTo(trigger, goal):
            assert holds(trigger, run.end)
            assert not holds(goal, run.end)
        case other:
            raise AssertionError(other)


def test_an_expected_loss_of_the_way_back_is_confirmed_by_a_run() -> None:
    machine = read_text(ONE_SHOT, PurePosixPath("one_shot.py"))
    report = verify(machine)
    CheckedMachine(report)
    run = results_by_id(report)["expected/restarts"].run
    assert run is not None
    assert_replays(machine, run)
    assert [move.action for move in run.moves] == ["cleanup"]


@pytest.mark.parametrize("promise", TRUE_ONES)
def test_an_expected_failure_that_does_not_fail_is_red(promise: str) -> None:
    report = verify(counted(promise))
    assert open_ones(report).keys() == {"expected/claimed"}
    assert_refused(report)


@pytest.mark.parametrize(("promise", "moves"), FALSE_ONES)
def test_without_the_declaration_the_same_failure_is_red(promise: str, moves: list[str]) -> None:
    assert promise.count('expect="refuted"') == 1
    report = verify(counted(promise.replace(', expect="refuted"', "").replace('(expect="refuted")', "")))
    refuted = [result for result in report.results if result.verdict is Verdict.REFUTED]
    assert any(r.run is not None and [move.action for move in r.run.moves] == moves for r in refuted)
    assert_refused(report)
