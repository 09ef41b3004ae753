"""A machine of which everything is proved: the only thing that code is generated from."""

from dataclasses import replace
from typing import NewType

from quiesce.kernel.kinds import Obligation
from quiesce.kernel.obligations import obligations
from quiesce.kernel.problem import problem_of
from quiesce.kernel.subjects import WholeContract
from quiesce.prove.results import Report, Result, Verdict
from quiesce.spec.model import Machine
from quiesce.spec.record import record


class NotProved(Exception):
    """Some obligation of a machine is not proved, or is not answered at all."""

    def __init__(self, open_results: tuple[Result, ...], unanswered: tuple[str, ...]) -> None:
        names = [f"{result.obligation.id} ({result.verdict.value})" for result in open_results]
        names += [f"{name} (not answered)" for name in unanswered]
        super().__init__(", ".join(names) or "the report answers other obligations than were listed, or not in order")
        self.open_results = open_results
        self.unanswered = unanswered


UNANSWERED = "no answer: nothing shows that this holds"
UNASKED = "an answer to what nobody asked, or the second answer to the same"


CompleteReport = NewType("CompleteReport", Report)
"""A report with a result for each obligation of its machine: what `completed` returns."""


def completed(report: Report) -> CompleteReport:
    """The report with an error in the place of each answer that it lacks, and of each that nobody asked for.

    The obligations are listed afresh from the machine.
    """
    due = _obligations_due(report)
    if due == tuple(result.obligation for result in report.results):
        return CompleteReport(report)
    given: dict[Obligation, Result] = {}
    surplus, asked = [], frozenset(due)
    for result in report.results:
        if result.obligation in given or result.obligation not in asked:
            surplus.append(Result(result.obligation, Verdict.ERROR, detail=UNASKED))
        else:
            given[result.obligation] = result
    answers = (given.get(obligation, Result(obligation, Verdict.ERROR, detail=UNANSWERED)) for obligation in due)
    return CompleteReport(replace(report, results=(*answers, *surplus)))


def _obligations_due(report: Report) -> tuple[Obligation, ...]:
    """The obligations of the report's machine. No list that the report brings along is believed."""
    return obligations(problem_of(report.machine, report.hints.helpers))


@record
class CheckedMachine:
    """A report in which every obligation of its machine is proved, and established by the kernel.

    The obligations are listed afresh from the machine, so a report that lacks one cannot become a checked machine; nor
    can one whose verdicts the kernel does not confirm, for this very machine and with these very helpers.

    Raises:
        NotProved: an obligation is missing, surplus, or not proved.

    >>> from quiesce.prove.prover import verify
    >>> from pathlib import PurePosixPath
    >>> from quiesce.spec.reader import read_text
    >>> lamp = read_text(
    ...     '''
    ... from quiesce.spec import Machine, call
    ...
    ... class Lamp(Machine):
    ...     on: bool = False
    ...
    ...     @call("switch")
    ...     def switch(self) -> None:
    ...         self.on = not self.on
    ... ''',
    ...     PurePosixPath("lamp.py"),
    ... )
    >>> report = verify(lamp)
    >>> CheckedMachine(report).machine.name
    'Lamp'
    >>> CheckedMachine(replace(report, established=None))  # verdicts alone count for nothing
    Traceback (most recent call last):
    quiesce.prove.checked.NotProved: ...
    """

    report: Report

    def __post_init__(self) -> None:
        still_open = tuple(result for result in self.report.results if result.verdict is not Verdict.PROVED)
        answered = tuple(result.obligation for result in self.report.results)
        earned = self.report.established
        # The kernel lists the obligations afresh. Only where it does not confirm these, they are listed to be named.
        confirmed = (
            earned is not None
            and earned.proved(self.report.machine)
            and earned.problem.helpers == self.report.hints.helpers
            and tuple(outcome.obligation for outcome in earned.answers) == answered
        )
        due = answered if confirmed else _obligations_due(self.report)
        if still_open or due != answered:
            raise NotProved(still_open, tuple(sorted({o.id for o in due} ^ {o.id for o in answered})))
        if tuple(contract.machine for contract in self.report.contracts) != self.report.machine.contracts:
            raise NotProved((), tuple(o.id for o in due if isinstance(o.about, WholeContract)))
        for contract in self.report.contracts:
            CheckedMachine(contract)
        if not confirmed:
            raise NotProved((), tuple(outcome.obligation.id for outcome in earned.still_open) if earned else ())

    @property
    def machine(self) -> Machine:
        """The machine that was proved."""
        return self.report.machine
