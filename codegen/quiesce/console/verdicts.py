"""The summary of all verdicts of a report: the overall verdict, its exit code, counts, and what is still open."""

from collections import Counter
from collections.abc import Iterable, Mapping

from quiesce.console.exits import Exit
from quiesce.kernel.kinds import Kind
from quiesce.prove.checked import CompleteReport
from quiesce.prove.results import Report, Result, Verdict

_EXITS: Mapping[Verdict, Exit] = {
    Verdict.PROVED: Exit.OK,
    Verdict.REFUTED: Exit.REFUTED,
    Verdict.VACUOUS: Exit.REFUTED,
    Verdict.UNKNOWN: Exit.UNDECIDED,
    Verdict.ERROR: Exit.INTERNAL,
}

_GRAVEST_FIRST = (Exit.INTERNAL, Exit.USAGE, Exit.REFUTED, Exit.UNDECIDED)

_WORST_FIRST = (Verdict.ERROR, Verdict.REFUTED, Verdict.VACUOUS, Verdict.UNKNOWN)


def overall(report: CompleteReport) -> Verdict:
    """The worst verdict of the report; one without any is an error."""
    found = {result.verdict for result in report.results}
    if not found:
        return Verdict.ERROR
    return next((verdict for verdict in _WORST_FIRST if verdict in found), Verdict.PROVED)


def exit_code(reports: Iterable[CompleteReport]) -> Exit:
    """The exit code for several reports: internal errors first, then wrong specs, refutations, the undecided."""
    found = {_exit_code(report) for report in reports}
    return next((code for code in _GRAVEST_FIRST if code in found), Exit.OK)


def _exit_code(report: CompleteReport) -> Exit:
    found = overall(report)
    return Exit.USAGE if found is Verdict.ERROR and _contradicts_itself(report) else _EXITS[found]


def _contradicts_itself(report: Report) -> bool:
    """Whether all that is wrong is an assumption that cannot be met: a fault of the spec, and not of this program."""
    from quiesce.prove.explain.assumptions import CONTRADICTION  # noqa: PLC0415 -- only needed where something is wrong

    errors = [result for result in report.results if result.verdict is Verdict.ERROR]
    return bool(errors) and all(
        result.obligation.kind is Kind.ASSUMED and result.detail == CONTRADICTION for result in errors
    )


def counts(report: Report) -> dict[str, int]:
    """How many obligations got each verdict."""
    found = Counter(result.verdict for result in report.results)
    return {verdict.value: found[verdict] for verdict in Verdict}


def still_open(report: Report) -> tuple[Result, ...]:
    """Everything that is not proved."""
    return tuple(result for result in report.results if result.verdict is not Verdict.PROVED)
