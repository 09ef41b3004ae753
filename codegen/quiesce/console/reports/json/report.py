"""A report as JSON, schema 1; see the README for its fields."""

from collections.abc import Mapping, Sequence

from quiesce.console.reports.json.text import json_text
from quiesce.console.verdicts import counts, overall
from quiesce.kernel.kinds import Kind
from quiesce.prove.checked import CompleteReport
from quiesce.prove.results import Report, Result
from quiesce.spec.runs_json import run_json

SCHEMA = 1


def reports_json(reports: tuple[CompleteReport, ...], added: Sequence[Mapping[str, object]] | None = None) -> str:
    """One object for one report, a list for several; keys in a fixed order.

    `added` has, for each report, further keys of its object.
    """
    content = [_report(report) for report in reports]
    for entry, further in zip(content, added or [{}] * len(content), strict=True):
        entry.update(further)
    return json_text(content)


def _report(report: CompleteReport) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "spec": str(report.machine.path),
        "machine": report.machine.name,
        "verdict": overall(report).value,
        "obligations": [_result(report, result) for result in report.results],
        "counts": {"obligations": len(report.results), **counts(report)},
    }


def _result(report: Report, result: Result) -> dict[str, object]:
    obligation = result.obligation
    return {
        "id": obligation.id,
        "kind": obligation.kind.value,
        "promise": obligation.promise,
        "action": obligation.action,
        "verdict": result.verdict.value,
        "file": str(report.machine.path),
        "line": obligation.span.line,
        "column": obligation.span.column,
        "rlimit": result.rlimit,
        "detail": result.detail,
        "counterexample": None if result.run is None or _is_witness(result) else run_json(result.run),
        "witness": run_json(result.run) if result.run is not None and _is_witness(result) else None,
        "cti": None if result.cti is None else run_json(result.cti),
    }


def _is_witness(result: Result) -> bool:
    return result.obligation.kind in (Kind.WITNESS, Kind.ASSUMED)
