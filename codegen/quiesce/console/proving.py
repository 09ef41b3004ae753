"""From a spec to a report, for a command: reads it, proves it with the effort of the options, and shows the report.

Importing this file loads neither a solver nor what generates code.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from quiesce.console.context import Context
from quiesce.console.exits import UsageError
from quiesce.console.project import Project
from quiesce.console.verdicts import overall
from quiesce.prove.checked import CompleteReport, completed
from quiesce.prove.effort import Effort
from quiesce.prove.results import Report, Verdict
from quiesce.prove.solving.cache import NO_CACHE, Cache
from quiesce.spec.model import Machine
from quiesce.spec.reader import read_file

Progress = Callable[[str], None]


def effort_of(context: Context) -> Effort:
    """The effort of the prover, from the options of the command.

    Raises:
        UsageError: a time limit where nothing could enforce it.
    """
    given = vars(context.options)
    if given["timeout"] is not None and (given["jobs"] or 1) < 2:
        raise UsageError("--timeout ends worker processes, so it needs --jobs 2 or more; --budget limits every proof")
    chosen = {name: given[name] for name in ("depth", "budget", "jobs", "timeout") if given[name] is not None}
    return replace(Effort(), **chosen)


def read(project: Project, path: Path) -> Machine:
    """The machine of a spec, shown under its path within the project.

    Raises:
        SpecError: the spec is not right.
    """
    return read_file(path, project.shown(path))


def prove(machine: Machine, effort: Effort, progress: Progress, cache: Cache = NO_CACHE) -> CompleteReport:
    """Prove or refute everything about a machine. Proofs in `cache` are not repeated."""
    return completed(found_out(machine, effort, progress, cache))


def found_out(machine: Machine, effort: Effort, progress: Progress, cache: Cache = NO_CACHE) -> Report:
    """The same, as the prover reports it: whether nothing is missing is for whoever makes a `CheckedMachine` of it."""
    from quiesce.prove.prover import verify  # noqa: PLC0415 -- not needed by other commands

    return verify(machine, effort, progress, cache)


def show_report(context: Context, report: CompleteReport) -> None:
    """Print a report for a person, unless all is proved and they asked to be left in peace."""
    if not context.options.quiet or overall(report) is not Verdict.PROVED:
        from quiesce.console.reports.text.report import report_text  # noqa: PLC0415 -- a build that is green shows none

        print(report_text(report, context.style, verbose=context.options.verbose), end="")
