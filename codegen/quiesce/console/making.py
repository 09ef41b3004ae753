"""The commands that write: a package and its evidence, for each spec that is proved."""

import contextlib
import sys
from pathlib import Path

from quiesce.console import stamps
from quiesce.console.building import NotEqual, Pages, compare_pages, difference_on_disk, render_pages, write_pages
from quiesce.console.caching import cache_of, tell_warnings
from quiesce.console.context import Context
from quiesce.console.drift import IN_THE_WAY, advice, told
from quiesce.console.exits import Exit, UsageError
from quiesce.console.project import GENERIC, Target
from quiesce.console.proving import effort_of, prove, read, show_report
from quiesce.console.verdicts import exit_code
from quiesce.generate.clashes import NameClash
from quiesce.generate.files import FileState, Status
from quiesce.generate.write import WouldOverwrite
from quiesce.prove.checked import CheckedMachine, NotProved
from quiesce.prove.solving.cache import Cache


def generate(context: Context) -> Exit:
    """Prove, and write or compare the packages."""
    cache = cache_of(context, anew=context.options.check)
    worst = max((_build(context, target, cache) for target in context.targets_to_write()), key=_rank)
    tell_warnings(cache)
    return worst


def build(context: Context) -> Exit:
    """Bring every target up to date; with nothing to do, do nothing."""
    cache = cache_of(context, anew=context.options.check)
    worst = Exit.OK
    for target in context.targets_to_write():
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
    machine = read(context.project, context.project.path(target))
    report = prove(machine, effort_of(context), context.progress, cache)
    try:
        checked = CheckedMachine(report)
    except NotProved:
        context.progress("")
        show_report(context, report)
        print(f"{target.spec}: not proved, so nothing is generated from it", file=sys.stderr)
        return exit_code([report]) or Exit.INTERNAL
    context.progress("rendering")
    try:
        pages = _rendered(context, target, checked)
    except NotEqual as error:
        context.progress("")
        for difference in error.differences:
            print(f"{target.spec}: the generated core is not proved equal to the model: {difference}", file=sys.stderr)
        print("internal error: this is a defect of quiesce, not of the spec; nothing was written", file=sys.stderr)
        return Exit.INTERNAL
    context.progress("")
    written = None if context.options.check else _written(context, pages)
    drifted = () if written is not None else _drifted(context, pages)
    core = context.project.root / target.folder / "core.py"
    core_is = next((state.status for folder, state in drifted if folder / state.path == core), Status.UP_TO_DATE)
    proved = context.style.paint("proved", "green")
    context.say(
        f"{target.spec}: {proved}, all {len(report.results)} obligations"
        + ("; the core's text is equal to the model" if target.generates and core_is is Status.UP_TO_DATE else "")
    )
    if written is not None:
        stamps.write_stamp(context.project, target, [context.project.path(target), *pages.files(context.project)])
        _tell_written(context, written)
        return Exit.OK
    if not drifted:
        context.say(f"{target.spec}: every file is up to date")
        return Exit.OK
    if not context.options.check:
        drifted = tuple((folder, state) for folder, state in drifted if state.status in IN_THE_WAY)
    for line in told(context.project, pages, drifted):
        print(line, file=sys.stderr)
    if core_is is Status.HAND_EDITED:
        _tell_difference(context, target, checked)
    what = "" if context.options.check else "nothing was written; "
    print(f"{target.spec}: {what}{advice([state.status for _, state in drifted])}", file=sys.stderr)
    return Exit.REFUTED


def _written(context: Context, pages: Pages) -> tuple[tuple[Path, FileState], ...] | None:
    """What was found on disk before everything was written; None if nothing was, as it would have overwritten more."""
    try:
        return write_pages(context.project, pages, force=context.options.force)
    except WouldOverwrite:
        return None
    except OSError as error:
        raise UsageError(f"cannot write: {error}; the old files are in place") from error


def _drifted(context: Context, pages: Pages) -> tuple[tuple[Path, FileState], ...]:
    """The files that are not as they should be."""
    found = compare_pages(context.project, pages)
    return tuple((folder, state) for folder, state in found if state.status is not Status.UP_TO_DATE)


def _tell_difference(context: Context, target: Target, checked: CheckedMachine) -> None:
    with contextlib.suppress(OSError, UnicodeDecodeError):  # it was changed once more, a moment ago
        if found := difference_on_disk(context.project, target, checked, effort_of(context)):
            print(f"{target.folder / 'core.py'}: it is not equal to the model: {found}", file=sys.stderr)


def _rendered(context: Context, target: Target, checked: CheckedMachine) -> Pages:
    from quiesce.generate.pages import UnknownShell  # noqa: PLC0415
    from quiesce.generate.trial import NotImportable  # noqa: PLC0415

    try:
        return render_pages(context.project, target, checked, effort_of(context))
    except NameClash as error:
        raise UsageError(f"{target.spec}:{error.span.line}:{error.span.column}: {error}") from error
    except UnknownShell as error:
        raise UsageError(f"{target.spec}: {error}") from error
    except NotImportable as error:
        if target.shell == GENERIC:
            raise  # every name was looked at, so this is no fault of the spec
        message = (
            f"the package with the shell `{target.shell}`, which is made for one spec, cannot be imported: {error}"
        )
        raise UsageError(f"{target.spec}: {message}") from error
    except OSError as error:
        raise UsageError(f"{target.spec}: the package cannot be tried before it is written: {error}") from error


def _tell_written(context: Context, found: tuple[tuple[Path, FileState], ...]) -> None:
    quiet = (Status.UP_TO_DATE, Status.EDITED_ORPHAN)
    changed = [(folder, state) for folder, state in found if state.status not in quiet]
    for folder, state in changed:
        verb = "removed" if state.status is Status.ORPHAN else "written"
        context.say(f"  {verb}  {_shown(context, folder, state)}")
    if not changed:
        context.say("  every file was up to date")


def _shown(context: Context, folder: Path, state: FileState) -> str:
    return str(context.project.shown(folder / state.path))
