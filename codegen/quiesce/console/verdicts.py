"""What all verdicts of a report amount to."""

from collections import Counter
from collections.abc import Iterable, Mapping

from quiesce.console.exits import Exit
from quiesce.prove.results import Report, Result, Verdict

_EXITS: Mapping[Verdict, Exit] = {
    Verdict.PROVED: Exit.OK,
    Verdict.REFUTED: Exit.REFUTED,
    Verdict.VACUOUS: Exit.REFUTED,
    Verdict.UNKNOWN: Exit.UNDECIDED,
    Verdict.ERROR: Exit.INTERNAL,
}

_WORST_FIRST = (Verdict.ERROR, Verdict.REFUTED, Verdict.VACUOUS, Verdict.UNKNOWN)


def overall(report: Report) -> Verdict:
    """The worst verdict of the report; a report without results proves nothing and is an error."""
    found = {result.verdict for result in report.results}
    if not found:
        return Verdict.ERROR
    return next((verdict for verdict in _WORST_FIRST if verdict in found), Verdict.PROVED)


def exit_code(reports: Iterable[Report]) -> Exit:
    """The exit code for several reports: internal errors first, then refutations, then what is undecided."""
    found = {overall(report) for report in reports}
    return next((_EXITS[verdict] for verdict in _WORST_FIRST if verdict in found), Exit.OK)


def counts(report: Report) -> dict[str, int]:
    """How many obligations got each verdict."""
    found = Counter(result.verdict for result in report.results)
    return {verdict.value: found[verdict] for verdict in Verdict}


def still_open(report: Report) -> tuple[Result, ...]:
    """Everything that is not proved."""
    return tuple(result for result in report.results if result.verdict is not Verdict.PROVED)
