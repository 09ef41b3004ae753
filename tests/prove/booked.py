"""The spec that tests of proof cores vary, and what is in the cores of a report."""

from pathlib import PurePosixPath

from quiesce.cores import report as reporting
from quiesce.cores.parts import Assumed, Condition, CoreReport, Guard, Part, Update
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.spec.model import Machine
from quiesce.spec.reader import read_text

from tests.machines import changed, text_of

BOOKED = text_of("booked")


def booked(*changes: tuple[str, str]) -> Machine:
    return read_text(changed(BOOKED, *changes), PurePosixPath("booked.py"))


def report_of(machine: Machine) -> CoreReport:
    return reporting.core_report(CheckedMachine(verify(machine)), Effort())


def rests_on(report: CoreReport, claim: str) -> tuple[Part, ...]:
    return next(found.rests_on for found in report.claims if found.claim == claim)


def texts(parts: tuple[Part, ...], kind: type[Guard | Update | Assumed | Condition]) -> list[tuple[str, str]]:
    return [(part.action, part.text) for part in parts if isinstance(part, kind)]
