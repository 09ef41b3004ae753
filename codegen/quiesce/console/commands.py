"""The commands, each from parsed options to an exit code. What only one of them needs is loaded by that one."""

from collections.abc import Callable, Mapping
from pathlib import Path

from quiesce.console.caching import cache_of, recording, tell_warnings
from quiesce.console.context import Context
from quiesce.console.exits import Exit, UsageError
from quiesce.console.output import write_file, write_new_file
from quiesce.console.proving import effort_of, prove, read, show_report
from quiesce.console.verdicts import exit_code, overall
from quiesce.prove.checked import CheckedMachine, CompleteReport
from quiesce.prove.effort import Effort
from quiesce.prove.results import Verdict
from quiesce.prove.solving.cache import NoCache
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
    if context.options.json == context.options.cores == "-":
        raise UsageError("--json and --cores cannot both go to standard output")
    saved = context.options.save_cache
    cache = cache_of(context) if saved is None else recording(context)
    machines = [read(context.project, context.project.path(target)) for target in context.targets()]
    reports = tuple(prove(machine, effort_of(context), context.progress, cache) for machine in machines)
    context.progress("")
    tell_warnings(cache)
    if context.options.json != "-":
        for report in reports:
            if context.options.cores != "-" or overall(report) is not Verdict.PROVED:
                show_report(context, report)
    if context.options.json:
        from quiesce.console.report_json import reports_json  # noqa: PLC0415 -- seldom asked for

        if context.options.json == "-":
            print(reports_json(reports), end="")
        else:
            write_file(Path(context.options.json), reports_json(reports))
    if context.options.cores:
        _write_cores(context, reports)
    if saved is not None and not isinstance(cache, NoCache):
        write_file(Path(saved), cache.used())
    return exit_code(reports)


def _write_cores(context: Context, reports: tuple[CompleteReport, ...]) -> None:
    """Write the proof cores of everything that is proved. A spec that is not has none, and the report says so."""
    from quiesce.console.cores_markdown import cores_markdown  # noqa: PLC0415 -- seldom asked for
    from quiesce.cores.report import teeth  # noqa: PLC0415

    checked = [CheckedMachine(report) for report in reports if overall(report) is Verdict.PROVED]
    if not checked:
        return
    text = "\n".join(cores_markdown(teeth(one, effort_of(context))) for one in checked)
    if context.options.cores == "-":
        print(text, end="")
    else:
        write_file(Path(context.options.cores), text)


def generate(context: Context) -> Exit:
    """Prove, and write or compare the packages."""
    from quiesce.console.making import generate as generate_packages  # noqa: PLC0415 -- proofs alone need no generator

    return generate_packages(context)


def build(context: Context) -> Exit:
    """Bring every target up to date."""
    from quiesce.console.making import build as build_targets  # noqa: PLC0415 -- proofs alone need no generator

    return build_targets(context)


def graph(context: Context) -> Exit:
    """Print the control graph of one spec."""
    from quiesce.console.building import graph_of  # noqa: PLC0415 -- proofs alone need no generator
    from quiesce.generate.diagrams import to_dot, to_mermaid, to_svg, to_table  # noqa: PLC0415 -- only drawing needs it

    targets = context.targets()
    if len(targets) != 1:
        raise UsageError(f"graph draws one spec at a time: name one of {', '.join(str(t.spec) for t in targets)}")
    printers = {"table": to_table, "mermaid": to_mermaid, "dot": to_dot, "svg": to_svg}
    machine = read(context.project, context.project.path(targets[0]))
    text = printers[context.options.format](graph_of(machine, Effort()))
    if context.options.output:
        write_file(Path(context.options.output), text)
    else:
        print(text, end="")
    return Exit.OK


def recheck(context: Context) -> Exit:
    """Check proofs without the prover."""
    from quiesce.console.rechecking import recheck_proofs  # noqa: PLC0415 -- loads what nothing else needs

    return recheck_proofs(context)


def certify(context: Context) -> Exit:
    """Write a whole certificate."""
    from quiesce.console.certifying import write_certificate  # noqa: PLC0415 -- loads what nothing else needs

    return write_certificate(context)


def new(context: Context) -> Exit:
    """Write a first spec."""
    from quiesce.console.package_names import why_not_importable  # noqa: PLC0415 -- only this command needs both
    from quiesce.console.starter import starter  # noqa: PLC0415

    path = Path(context.options.path)
    if path.suffix != ".py":
        raise UsageError(f"{path}: a spec is a Python file; name it {path.with_suffix('.py')}")
    if why := why_not_importable(path.stem):
        raise UsageError(f"{path}: other specs could not use this one: {why}; choose another name")
    write_new_file(path, starter(path.stem))
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
    "certify": certify,
    "recheck": recheck,
    "new": new,
}
