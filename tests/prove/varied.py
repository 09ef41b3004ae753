"""The spec that tests of verdicts vary, and what they say of a report."""

from pathlib import PurePosixPath
from textwrap import dedent, indent

import pytest
from quiesce.prove.checked import CheckedMachine, NotProved
from quiesce.prove.results import Report, Verdict
from quiesce.spec.interpreter import initial_states, step
from quiesce.spec.model import Machine
from quiesce.spec.reader import read_text
from quiesce.spec.state import Run

from tests.machines import text_of
from tests.reports import verdicts_by_id

COUNTED = text_of("counted")
"""A spec of which everything is proved, and to which a test adds one thing more."""


def counted(*more: str) -> Machine:
    methods = "".join(indent(dedent(method), "    ") for method in more)
    return read_text(f"{COUNTED}{methods}", PurePosixPath("counted.py"))


def open_ones(report: Report) -> dict[str, Verdict]:
    return {name: verdict for name, verdict in verdicts_by_id(report).items() if verdict is not Verdict.PROVED}


def assert_refused(report: Report) -> None:
    with pytest.raises(NotProved):
        CheckedMachine(report)


def assert_replays(machine: Machine, run: Run) -> None:
    assert run.start in initial_states(machine, 0)
    state = run.start
    for move in run.moves:
        state = step(machine, state, machine.actions_by_name[move.action], move.arguments)
        assert state == move.state
