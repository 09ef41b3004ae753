"""Cores of small specs: proved equal, and run beside the interpreter."""

import textwrap
from collections.abc import Iterable
from functools import cache
from pathlib import PurePosixPath
from random import Random

from quiesce.generate.core.validation import compare
from quiesce.generate.core.view import core_view
from quiesce.generate.examples.core_under_test import CoreUnderTest, Session, Values
from quiesce.generate.examples.oracle import Disagreement, Trust, told
from quiesce.generate.examples.search import is_possible, unused
from quiesce.generate.rendering import render_template
from quiesce.kernel.kinds import Kind
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.prove.results import Report, Verdict
from quiesce.spec.model import Machine
from quiesce.spec.reader import read_text

PATH = PurePosixPath("model/small.py")

HEAD = '''
"""A small spec."""

from enum import Enum, auto
from typing import Annotated

from quiesce.spec import Family, Machine, Member, Nat, New, Persistent, Range, assume, count, policy, retire, when
from quiesce.spec import always, call, environment, implies, internal, pristine, step
'''


def spec_of(body: str) -> str:
    """A spec with the usual imports."""
    return HEAD.strip() + "\n\n" + textwrap.dedent(body)


def machine_of(spec: str) -> Machine:
    """The machine of a spec."""
    return read_text(spec, PATH)


def differences(spec: str, core: str) -> tuple[str, ...]:
    """What of a core could not be proved equal to the model; a spec of these tests has ranges to keep, and keeps them.

    That each of its branches is taken in some run is not asked.
    """
    machine, report = machine_of(spec), report_on(spec)
    open_results = [r for r in report.results if r.verdict is not Verdict.PROVED]
    assert {r.obligation.kind for r in open_results} <= {Kind.WITNESS}, open_results
    return compare(machine, report.hints.helpers, spec, core, Effort())


@cache
def report_on(spec: str) -> Report:
    """The report on the machine of a spec."""
    return verify(machine_of(spec))


def core_of(machine: Machine) -> str:
    """The core that is generated."""
    return render_template("core.py.jinja", core=core_view(machine))


def disagreements(machine: Machine, core: str, runs: Iterable[int], length: int = 30) -> list[str]:
    """What random runs of a core do otherwise than the interpreter; one run for each seed, up to its first fault."""
    subject = CoreUnderTest.of(machine, core)
    initial: Values = Session(subject, subject.core_class).values()
    trust = Trust(subject)
    found = []
    for seed in runs:
        random, state = Random(seed), initial  # noqa: S311 -- a run that is the same every time
        for _ in range(length):
            move = random.choice(subject.moves)
            if is_possible(move, unused(subject, state, initial)) and trust.allows(state, move):
                try:
                    state = {**state, **told(machine, subject, state, move).changes}
                except Disagreement as wrong:
                    found.append(str(wrong))
                    break
    return found
