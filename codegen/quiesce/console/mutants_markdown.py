"""A survey of mutants as a page of Markdown, committed: how many each promise kills, and which make no difference."""

from collections import Counter
from collections.abc import Iterable, Iterator

from quiesce.console.mutants_text import VERDICTS, counts, detail_of
from quiesce.kernel.kinds import Kind, kind_of
from quiesce.kernel.subjects import Subject
from quiesce.mutate.faults import Operator
from quiesce.mutate.verdicts import Equivalent, Judged, Killed, Survey


def mutants_markdown(survey: Survey) -> str:
    """Verdicts by operator, kills by promise, and the mutants that survived or are proved to be equivalent."""
    sections = (_summary(survey), _kills(survey), _open(survey), _equivalents(survey))
    return "\n".join(line for section in sections for line in section)


def _summary(survey: Survey) -> Iterator[str]:
    found = counts(survey.judged)
    parts = [f"{number} {name}" for name, number in found.items() if number]
    yield f"# {survey.machine.name}: small faults of the spec"
    yield ""
    yield (
        f"Each of {len(survey.judged)} mutants has one small fault in what the spec says happens, and the same "
        f"promises: {', '.join(parts)}. A mutant is killed by a run that the interpreter replays, or by a proof that "
        "something which some run has to show never happens. An equivalent one is proved to make no difference."
    )
    yield ""
    rows = []
    for operator in Operator:
        judged = [item for item in survey.judged if item.mutant.operator is operator]
        if judged:
            rows.append((operator.value, str(len(judged)), *(str(n) for n in _shown(counts(judged), found))))
    yield from _table(("fault", "mutants", *_columns(found)), rows)


def _columns(found: dict[str, int]) -> list[str]:
    """The verdicts that some mutant got."""
    return [name for name in VERDICTS if found[name]]


def _shown(numbers: dict[str, int], found: dict[str, int]) -> list[int]:
    return [numbers[name] for name in _columns(found)]


def _kills(survey: Survey) -> Iterator[str]:
    yield from _heading("What kills them")
    yield "A mutant may break several promises; it is counted for each that a first look saw broken."
    yield ""
    alone: Counter[str] = Counter()
    together: Counter[str] = Counter()
    for item in survey.judged:
        if isinstance(item.verdict, Killed):
            killers = {_killer(kill.promise, kill.obligation) for kill in item.verdict.by}
            together.update(killers)
            if len(killers) == 1:
                alone.update(killers)
    names = [*_promised(survey), *sorted(name for name in together if name not in _promised(survey))]
    rows = (
        (f"`{name}`" if name in _promised(survey) else name, str(together[name]), str(alone[name])) for name in names
    )
    yield from _table(("promise", "mutants killed", "by it alone"), rows)


def _promised(survey: Survey) -> list[str]:
    return [promise.name for promise in survey.machine.promises]


def _killer(promise: str | None, obligation: Subject) -> str:
    """The owner of an obligation: a promise, or a kind of claim that is proved unasked."""
    kind = kind_of(obligation)
    return promise if promise is not None else _KINDS.get(kind, kind.value)


_KINDS = {
    Kind.TOTAL: "each call has exactly one outcome",
    Kind.WITNESS: "every action and value occurs",
    Kind.LEADS_TO: "every wait ends",
}


def _open(survey: Survey) -> Iterator[str]:
    survivors = [item for item in survey.judged if not isinstance(item.verdict, Killed | Equivalent)]
    if survivors:
        yield from _heading("Survivors")
        yield from _listed(survivors)


def _equivalents(survey: Survey) -> Iterator[str]:
    found = [item for item in survey.judged if isinstance(item.verdict, Equivalent)]
    if found:
        yield from _heading("Equivalent")
        yield from _listed(found)


def _listed(judged: Iterable[Judged]) -> Iterator[str]:
    rows = ((f"`{i.mutant.scope}`", f"`{i.mutant.description}`", detail_of(i.verdict)) for i in judged)
    yield from _table(("where", "fault", "why"), rows)


def _heading(text: str) -> Iterator[str]:
    yield f"## {text}"
    yield ""


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for row in (header, ("---",) * len(header), *rows):
        yield f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in row)} |"
    yield ""
