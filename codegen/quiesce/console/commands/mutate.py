"""`quiesce mutate`: small faults of specs, and which of them no promise notices."""

from dataclasses import replace
from pathlib import Path

from quiesce.console.context import Context
from quiesce.console.exits import Exit, UsageError
from quiesce.console.output import write_file
from quiesce.console.project import Target
from quiesce.console.proving import prove, read
from quiesce.console.reports.json.mutants import surveys_json
from quiesce.console.reports.text.mutants import mutant_lines, survey_text
from quiesce.console.reports.text.report import report_text
from quiesce.console.verdicts import exit_code
from quiesce.generate.files.place import put
from quiesce.mutate.operators import Mutant, mutants
from quiesce.mutate.verdicts import Failed, Survey, Unconstrained, Undecided
from quiesce.prove.checked import CheckedMachine, NotProved
from quiesce.prove.effort import Effort
from quiesce.spec.model import Machine


def run(context: Context) -> Exit:
    """Judge the mutants of every spec."""
    if context.options.write and context.options.only is not None:
        raise UsageError("--write is about all mutants; leave -k away")
    targets = context.targets_to_write() if context.options.write else context.targets()
    for target in targets if context.options.write else ():
        if context.project.leads_out(context.project.proofs / target.name):
            raise UsageError(f"proofs/{target.name}: a link leads out of the project there; remove it")
    machines = [read(context.project, context.project.path(target)) for target in targets]
    chosen = [_chosen(machine, context.options.only) for machine in machines]
    if context.options.list:
        for machine, some in zip(machines, chosen, strict=True):
            print("\n".join(mutant_lines(machine, some)))
        return Exit.OK
    surveys = []
    for machine, some in zip(machines, chosen, strict=True):
        report = prove(machine, _effort(context, Effort()), context.progress)
        try:
            checked = CheckedMachine(report)
        except NotProved:
            context.progress("")
            print(report_text(report, context.style, verbose=context.options.verbose))
            context.say("not proved: a fault of a spec that breaks its promises already would show nothing")
            return exit_code([report]) or Exit.INTERNAL
        surveys.append(_survey(context, checked, some))
    context.progress("")
    if context.options.json == "-":
        print(surveys_json(tuple(surveys)), end="")
    else:
        for survey in surveys:
            _show(context, survey)
        if context.options.json:
            write_file(Path(context.options.json), surveys_json(tuple(surveys)))
    if context.options.write:
        for target, survey in zip(targets, surveys, strict=True):
            _write_summary(context, target, survey)
    return survey_exit(tuple(surveys))


def _write_summary(context: Context, target: Target, survey: Survey) -> None:
    """Write what a build shows of the survey on the page of the proof."""
    from quiesce.console.reports.json.mutants_summary import NAME, summary_of, to_json  # noqa: PLC0415 -- only needed here

    path = context.project.proofs / target.name / NAME
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        put(path, to_json(summary_of(survey)).encode())
    except OSError as error:
        raise UsageError(f"cannot write {context.project.shown(path)}: {error.strerror}") from error
    context.say(f"  written  {context.project.shown(path)}; `quiesce build` shows it on the page beside it")


def _effort(context: Context, usual: Effort) -> Effort:
    """The usual effort, but for what the options say. Its processes are for mutants, not for conditions of one."""
    given = context.options
    return replace(usual, depth=given.depth or usual.depth, budget=given.budget or usual.budget)


def _chosen(machine: Machine, text: str | None) -> tuple[Mutant, ...]:
    """The mutants that are asked for; none at all would look like a success."""
    every = mutants(machine)
    found = tuple(mutant for mutant in every if text is None or text in mutant.id or text in mutant.operator.value)
    if not found:
        why = "nothing in it can be mutated" if text is None else f"none of its {len(every)} mutants has {text!r} in it"
        raise UsageError(f"{machine.path}: {why}")
    return found


def _survey(context: Context, checked: CheckedMachine, chosen: tuple[Mutant, ...]) -> Survey:
    from quiesce.mutate.campaign import survey  # noqa: PLC0415 -- loads the solver
    from quiesce.mutate.judge import USUAL  # noqa: PLC0415
    from quiesce.workers.pool import processors  # noqa: PLC0415

    def tell(done: int, total: int, survivors: int) -> None:
        context.progress(f"{done} of {total} mutants, {survivors} survived")

    return survey(checked, chosen, _effort(context, USUAL), context.options.jobs or processors(), tell)


def _show(context: Context, survey: Survey) -> None:
    if not context.options.quiet or survey_exit((survey,)) is not Exit.OK:
        print(survey_text(survey, context.style, verbose=context.options.verbose), end="")


def survey_exit(surveys: tuple[Survey, ...]) -> Exit:
    """Internal errors first, then faults that no promise notices, then what is undecided."""
    verdicts = [judged.verdict for survey in surveys for judged in survey.judged]
    if not verdicts or any(isinstance(verdict, Failed) for verdict in verdicts):
        return Exit.INTERNAL
    if any(isinstance(verdict, Unconstrained) for verdict in verdicts):
        return Exit.REFUTED
    return Exit.UNDECIDED if any(isinstance(verdict, Undecided) for verdict in verdicts) else Exit.OK
