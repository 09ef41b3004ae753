"""A survey of mutants as a person reads it on a terminal."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import assert_never

from quiesce.console.style import Style, text_of
from quiesce.kernel.kinds import id_of
from quiesce.mutate.expression_faults import Operator
from quiesce.mutate.operators import Mutant
from quiesce.mutate.verdicts import (
    Equivalent,
    Failed,
    Judged,
    Killed,
    Survey,
    Unconstrained,
    Undecided,
    Verdict,
)
from quiesce.spec.model import Machine

VERDICTS = ("killed", "equivalent", "unconstrained", "undecided", "failed")
_COLOURS = {
    "killed": "green",
    "equivalent": "green",
    "unconstrained": "red",
    "undecided": "yellow",
    "failed": "red",
}


def survey_text(survey: Survey, style: Style, *, verbose: bool = False) -> str:
    """The verdicts by operator, each survivor with what could be promised, and one closing line."""
    return text_of(_lines(survey, style, verbose=verbose))


def mutant_lines(machine: Machine, mutants: Iterable[Mutant]) -> Iterator[str]:
    """Each mutant with its place in the spec."""
    return (f"{place_of(machine, mutant)}: {mutant.operator.value}: {mutant.id}" for mutant in mutants)


def place_of(machine: Machine, mutant: Mutant) -> str:
    """Where the fault is, for editors to jump to."""
    return f"{machine.path}:{mutant.span.line}:{mutant.span.column}"


def name_of(verdict: Verdict) -> str:
    """A verdict in one word."""
    match verdict:
        case Killed():
            return "killed"
        case Equivalent():
            return "equivalent"
        case Unconstrained():
            return "unconstrained"
        case Undecided():
            return "undecided"
        case Failed():
            return "failed"
        case _:
            assert_never(verdict)


def detail_of(verdict: Verdict) -> str:
    """The reason of a verdict, or advice on it."""
    match verdict:
        case Killed(by):
            return ", ".join(id_of(kill.obligation) for kill in by)
        case Equivalent(proof):
            return proof
        case Unconstrained(suggestion):
            return suggestion
        case Undecided(reason) | Failed(reason):
            return reason
        case _:
            assert_never(verdict)


def counts(judged: Iterable[Judged]) -> dict[str, int]:
    """How many mutants got each verdict."""
    found = Counter(name_of(item.verdict) for item in judged)
    return {name: found[name] for name in VERDICTS}


def _lines(survey: Survey, style: Style, *, verbose: bool) -> Iterator[str]:
    machine = survey.machine
    yield style.paint(f"{machine.path}: {machine.name}", "bold")
    yield from _table(survey, style)
    if verbose:
        yield ""
        for item in survey.judged:
            name = name_of(item.verdict)
            yield f"  {style.paint(name, _COLOURS[name])}  {item.mutant.id}  ({detail_of(item.verdict)})"
    for item in survey.judged:
        if not isinstance(item.verdict, Killed | Equivalent):
            name = name_of(item.verdict)
            verdict = style.paint(name, _COLOURS[name], "bold")
            yield ""
            yield f"{place_of(machine, item.mutant)}: {verdict}: {item.mutant.scope}: {item.mutant.description}"
            yield from (f"  {line}" for line in detail_of(item.verdict).splitlines())
    yield ""
    yield _closing(survey, style)


def _table(survey: Survey, style: Style) -> Iterator[str]:
    shown = [name for name in VERDICTS if name != "failed" or counts(survey.judged)[name]]
    widths = [max(len(name), 6) for name in shown]
    header = "  ".join(f"{name:>{width}}" for name, width in zip(shown, widths, strict=True))
    yield style.paint(f"  {'':<24}  {header}", "dim")
    for operator in Operator:
        judged = [item for item in survey.judged if item.mutant.operator is operator]
        if judged:
            found = counts(judged)
            cells = (_cell(name, found[name], width, style) for name, width in zip(shown, widths, strict=True))
            yield f"  {operator.value:<24}  {'  '.join(cells)}"


def _cell(name: str, number: int, width: int, style: Style) -> str:
    text = f"{number or '-':>{width}}"
    return style.paint(text, _COLOURS[name]) if number else style.paint(text, "dim")


def _closing(survey: Survey, style: Style) -> str:
    found = counts(survey.judged)
    total = "1 mutant" if len(survey.judged) == 1 else f"{len(survey.judged)} mutants"
    parts = [f"{number} {name}" for name, number in found.items() if number]
    worst = next((name for name in ("failed", "unconstrained", "undecided") if found[name]), "killed")
    return f"{style.paint(', '.join(parts), _COLOURS[worst], 'bold')} of {total}"
