"""The commands, each from parsed options to an exit code."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from quiesce.console import stamps
from quiesce.console.building import (
    NotEqual,
    Pages,
    compare_pages,
    effort_of,
    graph_of,
    prove,
    read,
    render_pages,
    write_pages,
)
from quiesce.console.caching import cache_of, recording, tell_warnings
from quiesce.console.context import Context
from quiesce.console.exits import Exit, UsageError
from quiesce.console.output import write_file
from quiesce.console.project import Target
from quiesce.console.report_json import reports_json
from quiesce.console.report_text import report_text
from quiesce.console.starter import starter
from quiesce.console.verdicts import exit_code, overall
from quiesce.generate.files import FileState, Status
from quiesce.generate.names import NameClash
from quiesce.generate.write import WouldOverwrite
from quiesce.prove.cache import Cache, ProofCache
from quiesce.prove.checked import CheckedMachine, CompleteReport, NotProved
from quiesce.prove.results import Verdict
from quiesce.spec.diagnostics import Diagnostic, SpecError


def check(context: Context) -> Exit:
    """Read specs, and report the mistakes of all of them."""
    mistakes: list[Diagnostic] = []
    for target in context.targets():
        try:
            machine = read(context.project, context.project.path(target))
        except SpecError as error:
            mistakes.extend(error.diagnostics)
            continue
        context.say(
            f"{machine.path}: {machine.name} is well-formed: {len(machine.actions)} actions, "
            f"{len(machine.promises)} promises, {len(machine.requirements)} requirements"
        )
    if mistakes:
        raise SpecError(tuple(mistakes))
    return Exit.OK


def verify(context: Context) -> Exit:
    """Prove or refute everything."""
    if context.options.seeds is not None:
        from quiesce.console.seeding import verify_with_seeds  # noqa: PLC0415 -- loads the solver

        return verify_with_seeds(context)
    saved = context.options.save_cache
    cache = cache_of(context) if saved is None else recording(context)
    machines = [read(context.project, context.project.path(target)) for target in context.targets()]
    reports = tuple(prove(machine, effort_of(context), context.progress, cache) for machine in machines)
    context.progress("")
    tell_warnings(cache)
    if context.options.json == "-":
        print(reports_json(reports), end="")
    else:
        for report in reports:
            _show(context, report)
        if context.options.json:
            write_file(Path(context.options.json), reports_json(reports))
    if saved is not None and isinstance(cache, ProofCache):
        write_file(Path(saved), cache.used())
    return exit_code(reports)


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
    machine = read(context.project, context.project.path(target))
    report = prove(machine, effort_of(context), context.progress, cache)
    try:
        checked = CheckedMachine(report)
    except NotProved:
        context.progress("")
        _show(context, report)
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
    proved = context.style.paint("proved", "green")
    context.say(
        f"{target.spec}: {proved}, all {len(report.results)} obligations"
        + ("; the core's text is equal to the model" if target.generates else "")
    )
    if context.options.check:
        return _compare(context, target, pages)
    try:
        found = write_pages(context.project, pages, force=context.options.force)
    except WouldOverwrite as error:
        for file in error.files:
            print(f"{file.path}: {file.status.value}", file=sys.stderr)
        print("nothing was written: undo these changes, or overwrite them with --force", file=sys.stderr)
        return Exit.REFUTED
    except OSError as error:
        raise UsageError(f"cannot write: {error}; the old files are in place") from error
    stamps.write_stamp(context.project, target, [context.project.path(target), *pages.files(context.project)])
    _tell_written(context, found)
    return Exit.OK


def _rendered(context: Context, target: Target, checked: CheckedMachine) -> Pages:
    from quiesce.generate.pages import UnknownShell  # noqa: PLC0415

    try:
        return render_pages(context.project, target, checked)
    except (NameClash, UnknownShell) as error:
        raise UsageError(f"{target.spec}: {error}") from error


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
    quiet = (Status.UP_TO_DATE, Status.EDITED_ORPHAN)
    changed = [(folder, state) for folder, state in found if state.status not in quiet]
    for folder, state in changed:
        verb = "removed" if state.status is Status.ORPHAN else "written"
        context.say(f"  {verb}  {_shown(context, folder, state)}")
    if not changed:
        context.say("  every file was up to date")


def _shown(context: Context, folder: Path, state: FileState) -> str:
    return str(context.project.shown(folder / state.path))


def _show(context: Context, report: CompleteReport) -> None:
    if not context.options.quiet or overall(report) is not Verdict.PROVED:
        print(report_text(report, context.style, verbose=context.options.verbose), end="")


def graph(context: Context) -> Exit:
    """Print the control graph of one spec."""
    from quiesce.generate.diagrams import to_dot, to_mermaid, to_svg, to_table  # noqa: PLC0415 -- only drawing needs it

    targets = context.targets()
    if len(targets) != 1:
        raise UsageError(f"graph draws one spec at a time: name one of {', '.join(str(t.spec) for t in targets)}")
    printers = {"table": to_table, "mermaid": to_mermaid, "dot": to_dot, "svg": to_svg}
    machine = read(context.project, context.project.path(targets[0]))
    text = printers[context.options.format](graph_of(machine))
    if context.options.output:
        write_file(Path(context.options.output), text)
    else:
        print(text, end="")
    return Exit.OK


def recheck(context: Context) -> Exit:
    """Check certificates without the prover."""
    from quiesce.console.rechecking import recheck_certificates  # noqa: PLC0415 -- loads what nothing else needs

    return recheck_certificates(context)


def new(context: Context) -> Exit:
    """Write a first spec."""
    path = Path(context.options.path)
    if path.suffix != ".py":
        raise UsageError(f"{path}: a spec is a Python file; name it {path.with_suffix('.py')}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(starter(path.stem))
    except FileExistsError as error:
        raise UsageError(f"{path} exists; nothing was written") from error
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
    context.say(f"{path}: written; prove it with `quiesce verify {path}`")
    return Exit.OK


def mutate(context: Context) -> Exit:
    """Judge small faults of specs."""
    from quiesce.console.mutating import mutate as judge_mutants  # noqa: PLC0415 -- only this command needs it

    return judge_mutants(context)


COMMANDS: Mapping[str, Callable[[Context], Exit]] = {
    "build": build,
    "check": check,
    "verify": verify,
    "generate": generate,
    "graph": graph,
    "mutate": mutate,
    "recheck": recheck,
    "new": new,
}
