"""`quiesce verify`: prove or refute everything."""

from pathlib import Path

from quiesce.console.caching import cache_of, recording, saved_text, tell_warnings
from quiesce.console.context import Context
from quiesce.console.exits import Exit, UsageError
from quiesce.console.output import write_file
from quiesce.console.packaged import machines_of
from quiesce.console.proving import effort_of, prove, show_report
from quiesce.console.verdicts import exit_code, overall
from quiesce.prove.checked import CheckedMachine, CompleteReport
from quiesce.prove.results import Verdict
from quiesce.prove.solving.cache import NoCache


def run(context: Context) -> Exit:
    """Prove or refute everything."""
    if context.options.seeds is not None:
        from quiesce.console.seeding import verify_with_seeds  # noqa: PLC0415 -- loads the solver

        return verify_with_seeds(context)
    if context.options.json == context.options.cores == "-":
        raise UsageError("--json and --cores cannot both go to standard output")
    saved = context.options.save_cache
    cache = cache_of(context) if saved is None else recording(context)
    machines = machines_of(context)
    reports = tuple(prove(machine, effort_of(context), context.progress, cache) for machine in machines)
    context.progress("")
    tell_warnings(cache)
    if context.options.json != "-":
        for report in reports:
            if context.options.cores != "-" or overall(report) is not Verdict.PROVED:
                show_report(context, report)
    if context.options.json:
        from quiesce.console.reports.json.report import reports_json  # noqa: PLC0415 -- seldom asked for

        if context.options.json == "-":
            print(reports_json(reports), end="")
        else:
            write_file(Path(context.options.json), reports_json(reports))
    if context.options.cores:
        _write_cores(context, reports)
    if saved is not None and not isinstance(cache, NoCache):
        write_file(Path(saved), saved_text(cache))
    return exit_code(reports)


def _write_cores(context: Context, reports: tuple[CompleteReport, ...]) -> None:
    """Write the proof cores of everything that is proved. A spec that is not has none, and the report says so."""
    from quiesce.console.reports.pages.cores import cores_markdown  # noqa: PLC0415 -- seldom asked for
    from quiesce.cores.report import core_report  # noqa: PLC0415

    checked = [CheckedMachine(report) for report in reports if overall(report) is Verdict.PROVED]
    if not checked:
        return
    text = "\n".join(cores_markdown(core_report(one, effort_of(context))) for one in checked)
    if context.options.cores == "-":
        print(text, end="")
    else:
        write_file(Path(context.options.cores), text)
