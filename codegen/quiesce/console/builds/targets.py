"""A package and its evidence, written or compared for each spec that is proved."""

import contextlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from quiesce.console.builds import stamps
from quiesce.console.builds.drift import IN_THE_WAY, advice, told
from quiesce.console.builds.pages import (
    Bodies,
    Code,
    NotEqual,
    Pages,
    UnusableSurvey,
    compare_pages,
    difference_on_disk,
    is_half_written,
    render_code,
    render_pages,
    survey_of,
    transaction,
    write_code,
    write_pages,
)
from quiesce.console.caching import cache_of, tell_warnings
from quiesce.console.context import Context
from quiesce.console.exits import Exit, UsageError
from quiesce.console.project import FOR_ANY_SPEC, Target
from quiesce.console.proving import effort_of, found_out, read, show_report
from quiesce.console.verdicts import exit_code
from quiesce.generate.clashes import NameClash
from quiesce.generate.files.compare import FileState, Status
from quiesce.generate.files.lock import Busy
from quiesce.generate.files.recovery import HalfWritten
from quiesce.generate.files.write import Found, Transaction, WouldOverwrite
from quiesce.prove.checked import CheckedMachine, NotProved, completed
from quiesce.prove.results import Report
from quiesce.prove.solving.cache import Cache
from quiesce.spec.model import Machine

if TYPE_CHECKING:
    from quiesce.console.reports.json.mutants_summary import Summary


def made(context: Context, targets: Iterable[Target]) -> Exit:
    """Prove each target, and write or compare its files; the gravest of their exit codes."""
    cache = cache_of(context, anew=context.options.check)
    worst = max((_made(context, target, cache) for target in targets), key=_rank, default=Exit.OK)
    tell_warnings(cache)
    return worst


def _rank(code: Exit) -> int:
    """Internal errors outrank refutations, and those what is undecided."""
    return (Exit.OK, Exit.UNDECIDED, Exit.REFUTED, Exit.USAGE, Exit.INTERNAL).index(code)


def _made(context: Context, target: Target, cache: Cache) -> Exit:
    survey = _survey(context, target)  # first, for what cannot be read shall cost nobody a proof
    machine = read(context.project, context.project.path(target))
    python = python_of(context, target, machine)
    report = found_out(machine, effort_of(context), context.progress, cache)
    try:
        checked = CheckedMachine(report)
    except NotProved:
        report = completed(report)
        context.progress("")
        show_report(context, report)
        print(f"{target.spec}: not proved, so nothing is generated from it", file=sys.stderr)
        return exit_code([report]) or Exit.INTERNAL
    try:
        code = _rendered(context, target, checked, python, cache)
    except NotEqual as error:
        context.progress("")
        for difference in error.differences:
            print(f"{target.spec}: the generated core is not proved equal to the model: {difference}", file=sys.stderr)
        print("internal error: this is a defect of quiesce, not of the spec; nothing was written", file=sys.stderr)
        return Exit.INTERNAL
    context.progress("")
    early: Found = ()
    written: Found | None = None
    if context.options.check:
        pages = _completed(context, target, checked, code, survey)
    else:
        with _transaction(context, target) as tree:
            early = _early(context, target, code, tree)
            if early:
                _tell_proved(context, target, report, equal=True)
                _tell_written(context, early)
            pages = _completed(context, target, checked, code, survey)
            written = _written(context, target, pages, tree)
    context.progress("")
    if written is None:
        return _compared(context, target, checked, pages)
    if not early:
        _tell_proved(context, target, report, equal=target.generates)
    stamps.write_stamp(context.project, target, [context.project.path(target), *pages.files(context.project)])
    _tell_written(context, written)
    if not early and not any(map(_is_news, written)):
        context.say("  every file was up to date")
    return Exit.OK


def _compared(context: Context, target: Target, checked: CheckedMachine, pages: Pages) -> Exit:
    """Tell which files are not as they should be, and what can be done about those that kept others from being written.

    That is all that `--check` does.
    """
    check = context.options.check
    drifted = _drifted(context, pages)
    core = context.project.root / target.folder / "core.py"
    core_is = next((state.status for folder, state in drifted if folder / state.path == core), Status.UP_TO_DATE)
    _tell_proved(context, target, checked.report, equal=target.generates and core_is is Status.UP_TO_DATE)
    if not drifted:
        context.say(f"{target.spec}: every file is up to date")
        return Exit.OK
    if not check:
        drifted = tuple((folder, state) for folder, state in drifted if state.status in IN_THE_WAY)
    for line in told(context.project, pages, drifted):
        print(line, file=sys.stderr)
    if check and is_half_written(context.project, target):
        now = "a build is writing these files now, or was killed while it did"
        print(f"{target.spec}: {now}; then the next `quiesce build` puts them right", file=sys.stderr)
    if core_is is Status.HAND_EDITED:
        _tell_difference(context, target, checked)
    what = "" if check else "nothing was written; "
    print(f"{target.spec}: {what}{advice([state.status for _, state in drifted])}", file=sys.stderr)
    return Exit.REFUTED


def _tell_proved(context: Context, target: Target, report: Report, *, equal: bool) -> None:
    """Say that all is proved, and of the core that lies on disk that it is equal to the model, if it is."""
    proved = context.style.paint("proved", "green")
    what = "; the core's text is equal to the model" if equal else ""
    context.say(f"{target.spec}: {proved}, all {len(report.results)} obligations{what}")


@contextlib.contextmanager
def _transaction(context: Context, target: Target) -> Iterator[Transaction]:
    try:
        with transaction(context.project, target, context.progress) as tree:
            yield tree
    except HalfWritten as error:
        raise UsageError(f"{target.spec}: {error}") from error


@contextlib.contextmanager
def _told(target: Target) -> Iterator[None]:
    """Tell why files were not written, and which ones are in their places."""
    try:
        yield
    except Busy as error:
        raise UsageError(f"{target.spec}: nothing was written: {error}") from error
    except OSError as error:
        raise UsageError(f"cannot write: {error}; the old files are in place") from error


def _early(context: Context, target: Target, code: Code, tree: Transaction) -> Found:
    """The files on disk before code and pictures were written, ahead of tests and evidence."""
    with _told(target):
        return write_code(context.project, target, code, tree, force=context.options.force)


def _written(context: Context, target: Target, pages: Pages, tree: Transaction) -> Found | None:
    """The files on disk before everything was written.

    None if nothing was written, as more would have been overwritten.
    """
    context.progress("writing")
    with _told(target):
        try:
            found = write_pages(context.project, pages, tree, force=context.options.force)
        except WouldOverwrite:
            return None
        tree.commit()
        return found


def _drifted(context: Context, pages: Pages) -> Found:
    """The files that are not as they should be."""
    try:
        found = compare_pages(context.project, pages)
    except OSError as error:
        raise UsageError(f"cannot read: {error}") from error
    return tuple((folder, state) for folder, state in found if state.status is not Status.UP_TO_DATE)


def _tell_difference(context: Context, target: Target, checked: CheckedMachine) -> None:
    with contextlib.suppress(OSError, UnicodeDecodeError):  # it was changed once more, a moment ago
        if found := difference_on_disk(context.project, target, checked, effort_of(context)):
            print(f"{target.folder / 'core.py'}: it is not equal to the model: {found}", file=sys.stderr)


def _rendered(context: Context, target: Target, checked: CheckedMachine, python: Bodies, cache: Cache) -> Code:
    with _usable(context, target):
        return render_code(context.project, target, checked, python, effort_of(context), context.progress, cache)


def python_of(context: Context, target: Target, machine: Machine) -> Bodies:
    """The code of a package. Names that none can have, and a shell for another spec, are refused before any proof.

    Both can be seen in the pages.
    """
    if not target.generates:
        return {}
    from quiesce.generate import package  # noqa: PLC0415 -- loads templates

    with _usable(context, target):
        return package.python_of(machine, target.shell)


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
    with _usable(context, target):
        pages = render_pages(target, checked, effort, code, survey, jobs, context.progress)
    context.progress("")
    return pages


@contextlib.contextmanager
def _usable(context: Context, target: Target) -> Iterator[None]:
    """Tell what keeps a package of the target from being made, if something in the spec or the settings does."""
    from quiesce.generate.package import UnfitShell, UnknownShell  # noqa: PLC0415
    from quiesce.generate.trial import NotImportable  # noqa: PLC0415

    try:
        yield
    except NameClash as error:
        raise UsageError(f"{target.spec}:{error.span.line}:{error.span.column}: {error}") from error
    except (UnfitShell, UnknownShell) as error:
        raise UsageError(f"{context.project.place(target, 'shell')}{target.spec}: {error}") from error
    except NotImportable as error:
        if target.shell in FOR_ANY_SPEC:
            raise  # every name was looked at, so this is no fault of the spec
        made = f"the package with the shell `{target.shell}`, which is made for one spec, cannot be imported"
        raise UsageError(f"{target.spec}: {made}: {error}") from error
    except OSError as error:
        raise UsageError(f"{target.spec}: the package cannot be tried before it is written: {error}") from error


def _tell_written(context: Context, found: Found) -> None:
    for folder, state in filter(_is_news, found):
        verb = "removed" if state.status is Status.ORPHAN else "written"
        context.say(f"  {verb}  {_shown(context, folder, state)}")


def _is_news(found: tuple[Path, FileState]) -> bool:
    """Whether a file that was found like this was written or removed."""
    return found[1].status not in (Status.UP_TO_DATE, Status.EDITED_ORPHAN)


def _shown(context: Context, folder: Path, state: FileState) -> str:
    place = folder / state.path
    return str(context.project.shown(place.parent) / place.name)
