"""What a report says, by the ids of its obligations."""

from quiesce.prove.results import Report, Result, Verdict


def results_by_id(report: Report) -> dict[str, Result]:
    return {result.obligation.id: result for result in report.results}


def verdicts_by_id(report: Report) -> dict[str, Verdict]:
    return {result.obligation.id: result.verdict for result in report.results}


def not_proved(report: Report) -> list[str]:
    """The obligations that are not proved."""
    return [result.obligation.id for result in report.results if result.verdict is not Verdict.PROVED]
