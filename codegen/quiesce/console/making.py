"""The commands that write: a package and its evidence, for each spec that is proved."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from quiesce.console import stamps
from quiesce.console.building import (
    Code,
    NotEqual,
    Pages,
    UnusableSurvey,
    compare_pages,
    render_code,
    render_pages,
    survey_of,
    write_code,
    write_pages,
)
from quiesce.console.caching import cache_of, tell_warnings
from quiesce.console.context import Context
from quiesce.console.exits import Exit, UsageError
from quiesce.console.project import Target
from quiesce.console.proving import effort_of, prove, read, show_report
from quiesce.console.verdicts import exit_code
from quiesce.generate.files import FileState, Status
from quiesce.generate.names import NameClash
from quiesce.generate.write import WouldOverwrite
from quiesce.prove.checked import CheckedMachine, NotProved
from quiesce.prove.solving.cache import Cache

if TYPE_CHECKING:
    from quiesce.console.mutants_summary import Summary


def generate(context: Context) -> Exit:
    """Prove, and write or compare the packages."""
    cache = cache_of(context, anew=context.options.check)
    worst = max((_build(context, target, cache) for target in context.targets()), key=_rank)
    tell_warnings(cache)
    return worst


def build(context: Context) -> Exit:
    """Bring every target up to date; with nothing to do, do nothing."""
    cache = cache_of(context, anew=context.options.check)
    worst = Exit.OK
    for target in context.targets():
        if not context.options.check and stamps.is_current(context.project, target):
            context.say(f"{target.spec}: up to date")
            continue
        worst = max(worst, _build(context, target, cache), key=_rank)
    tell_warnings(cache)
    return worst


def _rank(code: Exit) -> int:
    """Internal errors outrank refutations, and those what is undecided."""
    return (Exit.OK, Exit.UNDECIDED, Exit.REFUTED, Exit.USAGE, Exit.INTERNAL).index(code)


def _build(context: Context, target: Target, cache: Cache) -> Exit:
    survey = _survey(context, target)  # first, for what cannot be read shall cost nobody a proof
    machine = read(context.project, context.project.path(target))
    report = prove(machine, effort_of(context), context.progress, cache)
    try:
        checked = CheckedMachine(report)
    except NotProved:
        context.progress("")
        show_report(context, report)
        print(f"{target.spec}: not proved, so nothing is generated from it", file=sys.stderr)
        return exit_code([report]) or Exit.INTERNAL
    try:
        code = _rendered(context, target, checked, cache)
    except NotEqual as error:
        context.progress("")
        for difference in error.differences:
            print(f"{target.spec}: the generated core is not proved equal to the model: {difference}", file=sys.stderr)
        print("internal error: this is a defect of quiesce, not of the spec; nothing was written", file=sys.stderr)
        return Exit.INTERNAL
    context.progress("")
    proved = context.style.paint("proved", "green")
    context.say(
        f"{target.spec}: {proved}, all {len(report.results)} obligations"
        + ("; the core's text is equal to the model" if target.generates else "")
    )
    try:
        early = () if context.options.check else write_code(context.project, target, code, force=context.options.force)
        _tell_written(context, early)
        pages = _completed(context, target, checked, code, survey)
        if context.options.check:
            return _compare(context, target, pages)
        context.progress("writing")
        found = write_pages(context.project, pages, force=context.options.force)
        context.progress("")
    except WouldOverwrite as error:
        for file in error.files:
            print(f"{file.path}: {file.status.value}", file=sys.stderr)
        print("nothing was written: undo these changes, or overwrite them with --force", file=sys.stderr)
        return Exit.REFUTED
    except OSError as error:
        raise UsageError(f"cannot write: {error}; the old files are in place") from error
    stamps.write_stamp(context.project, target, [context.project.path(target), *pages.files(context.project)])
    _tell_written(context, found)
    if not early and not any(map(_is_news, found)):
        context.say("  every file was up to date")
    return Exit.OK


def _rendered(context: Context, target: Target, checked: CheckedMachine, cache: Cache) -> Code:
    from quiesce.generate.pages import UnknownShell  # noqa: PLC0415

    try:
        return render_code(context.project, target, checked, effort_of(context), context.progress, cache)
    except (NameClash, UnknownShell) as error:
        raise UsageError(f"{target.spec}: {error}") from error


def _survey(context: Context, target: Target) -> "Summary | None":
    try:
        return survey_of(context.project, target)
    except UnusableSurvey as error:
        raise UsageError(str(error)) from error


def _completed(
    context: Context, target: Target, checked: CheckedMachine, code: Code, survey: "Summary | None"
) -> Pages:
    from quiesce.workers.pool import processors  # noqa: PLC0415 -- a build with nothing to do needs no processes

    effort = effort_of(context)
    jobs = context.options.jobs or (1 if context.options.alone else processors())
    pages = render_pages(target, checked, effort, code, survey, jobs, context.progress)
    context.progress("")
    return pages


def _compare(context: Context, target: Target, pages: Pages) -> Exit:
    drifted = [
        (folder, state)
        for folder, state in compare_pages(context.project, pages)
        if state.status is not Status.UP_TO_DATE
    ]
    for folder, state in drifted:
        print(f"{_shown(context, folder, state)}: {state.status.value}", file=sys.stderr)
    if drifted:
        print(f"{target.spec}: run `quiesce build` and commit what it writes", file=sys.stderr)
        return Exit.REFUTED
    context.say(f"{target.spec}: every file is up to date")
    return Exit.OK


def _tell_written(context: Context, found: tuple[tuple[Path, FileState], ...]) -> None:
    for folder, state in filter(_is_news, found):
        verb = "removed" if state.status is Status.ORPHAN else "written"
        context.say(f"  {verb}  {_shown(context, folder, state)}")


def _is_news(found: tuple[Path, FileState]) -> bool:
    """Whether a file that was found like this was written or removed."""
    return found[1].status not in (Status.UP_TO_DATE, Status.EDITED_ORPHAN)


def _shown(context: Context, folder: Path, state: FileState) -> str:
    return str(context.project.shown(folder / state.path))
