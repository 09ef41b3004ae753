"""A survey of mutants as a part of the page of a proof."""

from collections.abc import Iterable, Iterator

from quiesce.console.reports.json.mutants_summary import Left, Summary
from quiesce.quoting.markdown import code, folded, heading, table, text
from quiesce.spec.digest import model_digest
from quiesce.spec.model import Machine

NOTICED = ("killed", "equivalent")
"""The verdicts of faults that do no harm unnoticed."""


def survey_sentence(machine: Machine, survey: Summary | None) -> str:
    """The result of the survey in one sentence, for the top of the page."""
    if survey is None:
        command = code(f"quiesce mutate {machine.path} --write")
        return f"Whether small faults of the spec would be noticed was not surveyed; {command} does that."
    found = survey.verdicts
    total, unnoticed = sum(found.values()), sum(n for name, n in found.items() if name not in NOTICED)
    noticed = "none goes unnoticed" if not unnoticed else f"{unnoticed} are not shown to be noticed"
    spec = "the spec" if survey.model == model_digest(machine) else "an earlier version of the spec"
    return f"Of {total} small faults put into {spec}, {noticed}."


def survey_lines(machine: Machine, survey: Summary | None) -> Iterator[str]:
    """Kills by promise, and the mutants that survived or are proved to be equivalent; nothing without a survey."""
    if survey is None:
        return
    yield from heading("Small faults of the spec")
    if survey.model != model_digest(machine):
        command = code(f"quiesce mutate {machine.path} --write")
        yield f"**This was found of an earlier version of the spec**; {command} surveys it anew."
        yield ""
    found = survey.verdicts
    yield (
        f"Each of {sum(found.values())} mutants has one small fault in what the spec says happens, and the same "
        f"promises: {', '.join(f'{number} {name}' for name, number in found.items())}. A mutant is killed by a run "
        "that the interpreter replays, or by a proof that something which some run has to show never happens. An "
        "equivalent one is proved to make no difference."
    )
    yield ""
    yield from _left("Survivors", (left for left in survey.left if left.verdict != "equivalent"))
    yield from _folded("What kills them", _killers(machine, survey))
    yield from _folded("Kinds of faults", _faults(survey))
    yield from _folded("Equivalent ones", _left("", (left for left in survey.left if left.verdict == "equivalent")))


def _folded(title: str, lines: Iterable[str]) -> Iterator[str]:
    inner = tuple(lines)
    if inner:
        yield from folded(title, inner)


def _killers(machine: Machine, survey: Summary) -> Iterator[str]:
    yield (
        "A mutant counts for each promise that was seen broken until the search for a kill ended; others may "
        "notice it, too. The last rows are no promises, but what is proved of every spec without being asked."
    )
    yield ""
    promised = {promise.name for promise in machine.promises}
    yield from table(
        ("promise", "mutants killed", "by it alone"),
        (
            (code(killer.name) if killer.name in promised else killer.name, str(killer.mutants), str(killer.alone))
            for killer in survey.killers
        ),
    )


def _faults(survey: Summary) -> Iterator[str]:
    columns = tuple(survey.verdicts)
    yield from table(
        ("fault", "mutants", *columns),
        (
            (fault.name, str(sum(fault.verdicts.values())), *(str(fault.verdicts.get(name, 0)) for name in columns))
            for fault in survey.faults
        ),
    )


def _left(title: str, left: Iterable[Left]) -> Iterator[str]:
    by_reason: dict[str, list[Left]] = {}
    for mutant in left:
        by_reason.setdefault(mutant.why, []).append(mutant)
    if title and by_reason:
        yield from heading(title, 3)
    for why, mutants in by_reason.items():
        yield f"{text(why[:1].upper() + why[1:])}:"
        yield ""
        yield from table(("where", "fault"), ((code(m.where), code(m.fault)) for m in mutants))
