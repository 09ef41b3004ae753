"""A report as a person reads it on a terminal."""

from collections.abc import Iterator

from quiesce.console.reports.text.runs import run_lines, state_text
from quiesce.console.style import Style, text_of
from quiesce.console.verdicts import counts, overall, still_open
from quiesce.kernel.activities import promises_of_activities
from quiesce.kernel.kinds import Kind
from quiesce.prove.checked import CompleteReport
from quiesce.prove.results import Report, Result, Verdict
from quiesce.spec.model import Machine
from quiesce.spec.state import Run

_COLOURS = {
    Verdict.PROVED: "green",
    Verdict.REFUTED: "red",
    Verdict.VACUOUS: "red",
    Verdict.UNKNOWN: "yellow",
    Verdict.ERROR: "red",
}

_ABOUT_ONE_STATE = frozenset(
    {Kind.TOTAL, Kind.ACTIVITY, Kind.ANSWER, Kind.ENABLED, Kind.LEADS_TO, Kind.PRECONDITION, Kind.REFINEMENT}
)
"""Kinds of obligation that are broken by the state in which a run ends, whatever its last step has changed."""


def report_text(report: CompleteReport, style: Style, *, verbose: bool = False) -> str:
    """The verdicts by kind, each open obligation with what was found, and one closing line."""
    return text_of(_lines(report, style, verbose=verbose))


def _lines(report: CompleteReport, style: Style, *, verbose: bool) -> Iterator[str]:
    machine = report.machine
    yield style.paint(f"{machine.path}: {machine.name}", "bold")
    by_kind: dict[Kind, list[Result]] = {kind: [] for kind in Kind}
    for result in report.results:
        by_kind[result.obligation.kind].append(result)
    for kind, results in by_kind.items():
        if results:
            yield f"  {kind.value:<16} {_tally(results, style)}"
    if verbose:
        for result in report.results:
            verdict = style.paint(result.verdict.value, _COLOURS[result.verdict])
            yield f"  {verdict}  {result.obligation.id}{_aside(result)}"
    for result in by_kind[Kind.EXPECTED_FAILURE]:
        if result.verdict is Verdict.PROVED:
            yield ""
            yield from _failure_lines(report, result, style)
    for group in _groups(report):
        yield ""
        yield from _open_lines(report, group, style)
    yield ""
    yield _closing(report, style)


def _tally(results: list[Result], style: Style) -> str:
    parts = []
    for verdict in Verdict:
        number = sum(result.verdict is verdict for result in results)
        if number:
            parts.append(style.paint(f"{number} {verdict.value}", _COLOURS[verdict]))
    return ", ".join(parts)


def _aside(result: Result) -> str:
    steps = f"in {_steps(len(result.run.moves))}" if result.run is not None else ""
    aside = ", ".join(part for part in (result.detail, steps) if part)
    return f"  ({aside})" if aside else ""


def _steps(number: int) -> str:
    return "1 step" if number == 1 else f"{number} steps"


def _groups(report: Report) -> list[list[Result]]:
    """Open results, those of one promise together, the one with the shortest run first."""
    groups: dict[tuple[str, Verdict], list[Result]] = {}
    for result in still_open(report):
        subject = result.obligation.promise or result.obligation.id
        groups.setdefault((subject, result.verdict), []).append(result)
    return [sorted(group, key=_length) for group in groups.values()]


def _length(result: Result) -> int:
    return len(result.run.moves) if result.run is not None else 1_000_000


def _failure_lines(report: Report, result: Result, style: Style) -> Iterator[str]:
    """A promise that was declared false, with the run that shows it."""
    machine, span = report.machine, result.obligation.span
    yield f"{machine.path}:{span.line}:{span.column}: {style.paint('fails', 'green')}: {result.obligation.promise}"
    yield from _doc_lines(report, result)
    yield f"  {result.detail}"
    if result.run is not None:
        yield from _run_lines(machine, result.run, style)


def _doc_lines(report: Report, result: Result) -> Iterator[str]:
    promises = (*report.machine.promises, *promises_of_activities(report.machine))
    doc = next((promise.doc for promise in promises if promise.name == result.obligation.promise), "")
    if doc:
        yield f"  {doc.splitlines()[0]}"


def _run_lines(machine: Machine, run: Run, style: Style) -> Iterator[str]:
    start = "the initial state, before any step"
    title = f"{_steps(len(run.moves))} from the start, replayed on the interpreter" if run.moves else start
    yield style.paint(f"  {title}:", "dim")
    yield from (f"  {line}" for line in run_lines(machine, run))


def _open_lines(report: Report, group: list[Result], style: Style) -> Iterator[str]:
    machine, result = report.machine, group[0]
    obligation = result.obligation
    place = f"{machine.path}:{obligation.span.line}:{obligation.span.column}"
    verdict = style.paint(result.verdict.value, _COLOURS[result.verdict], "bold")
    yield f"{place}: {verdict}: {obligation.id}"
    yield from _doc_lines(report, result)
    if result.detail:
        yield f"  {result.detail}"
    if result.run is not None:
        yield from _run_lines(machine, result.run, style)
        if result.run.moves and obligation.kind in _ABOUT_ONE_STATE:
            yield f"  the last state: {state_text(machine, result.run.end)}"
    if result.cti is not None:
        if result.cti.moves:
            yield style.paint("  this step could not be excluded; no run need reach the state it starts in:", "dim")
            yield f"    in {state_text(machine, result.cti.start)}"
        else:
            yield style.paint("  this state could not be excluded; no run need reach it:", "dim")
        yield from (f"  {line}" for line in run_lines(machine, result.cti))
    if len(group) > 1:
        yield f"  also: {', '.join(other.obligation.id for other in group[1:])}"


def _closing(report: CompleteReport, style: Style) -> str:
    verdict = overall(report)
    if verdict is Verdict.PROVED:
        scope = ", ".join(["every count", *(f"any number of {family.name}" for family in report.machine.families)])
        return f"{style.paint('proved', 'green', 'bold')}: all {len(report.results)} obligations, for {scope}"
    numbers = ", ".join(f"{number} {name}" for name, number in counts(report).items() if number)
    return f"{style.paint(verdict.value, _COLOURS[verdict], 'bold')}: {numbers} of {len(report.results)} obligations"
