"""Reports about specs written by hand, changed in one place, and what the judging says of them."""

from dataclasses import replace
from pathlib import PurePosixPath

from quiesce.prove.prover import Options, verify
from quiesce.prove.results import Report, Result
from quiesce.spec.reader import read_text
from quiesce.spec.state import Run

from tests.differential.judging import disagreements
from tests.differential.oracle import Knowledge, search


def judged(text: str, *, strengthen: bool = True) -> tuple[Report, Knowledge]:
    """What the prover says of a machine, and what exhaustive search knows."""
    machine = read_text(text, PurePosixPath("machine.py"))
    report = verify(machine, Options(depth=5, strengthen=strengthen))
    return report, search(machine, report.hints.helpers)


def wrong(report: Report, known: Knowledge) -> list[str]:
    """The obligations about which an answer cannot be right."""
    return [disagreement.id for disagreement in disagreements(report, known)]


def changed(report: Report, id_: str, **new: object) -> Report:
    """The report with another answer about one obligation."""

    def change(result: Result) -> Result:
        return replace(result, **new) if result.obligation.id == id_ else result  # type: ignore[arg-type]

    assert any(result.obligation.id == id_ for result in report.results)
    return replace(report, results=tuple(map(change, report.results)))


def result_of(report: Report, id_: str) -> Result:
    """The answer about one obligation."""
    return next(result for result in report.results if result.obligation.id == id_)


def run_of(report: Report, id_: str) -> Run:
    """The run that is shown of one obligation."""
    run = result_of(report, id_).run
    assert run is not None
    return run
