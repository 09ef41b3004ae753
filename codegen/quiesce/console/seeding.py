"""`quiesce verify --seeds N`: the same proofs with several seeds of the solver."""

from pathlib import Path

from quiesce.console.context import Context
from quiesce.console.exits import Exit, UsageError
from quiesce.console.output import write_file
from quiesce.console.packaged import machines_of
from quiesce.console.proving import effort_of
from quiesce.console.reports.json.report import reports_json
from quiesce.console.reports.json.stability import stability_json
from quiesce.console.reports.text.report import report_text
from quiesce.console.reports.text.stability import stability_text
from quiesce.console.verdicts import exit_code, overall
from quiesce.prove.checked import CompleteReport, completed
from quiesce.prove.results import Verdict
from quiesce.prove.stability import Stability, stability


def verify_with_seeds(context: Context) -> Exit:
    """Prove with the seeds 0 to N - 1, and compare. Each obligation counts with its worst verdict."""
    seeds = range(context.options.seeds)
    if len(seeds) < 2:
        raise UsageError("--seeds compares runs, and one alone is compared with nothing: give it 2 or more")
    if context.options.cache is not None or context.options.save_cache is not None:
        raise UsageError("--seeds asks the solver each time: it goes with neither --cache nor --save-cache")
    machines = machines_of(context)
    found = [stability(machine, effort_of(context), seeds, context.progress) for machine in machines]
    context.progress("")
    reports = tuple(completed(item.worst) for item in found)
    if context.options.json:
        text = reports_json(reports, [{"stability": stability_json(item)} for item in found])
        if context.options.json == "-":
            print(text, end="")
            return exit_code(reports)
        write_file(Path(context.options.json), text)
    for item, report in zip(found, reports, strict=True):
        _show(context, item, report)
    return exit_code(reports)


def _show(context: Context, found: Stability, worst: CompleteReport) -> None:
    if not context.options.quiet or found.brittle or overall(worst) is not Verdict.PROVED:
        print(report_text(worst, context.style, verbose=context.options.verbose))
        print(stability_text(found, context.style), end="")
