"""Proof cores as text: in full as a page of Markdown made on demand, and in brief for the committed page."""

from collections.abc import Iterator, Mapping
from typing import assert_never

from quiesce.cores.parts import (
    Argument,
    Assumed,
    Condition,
    CoreReport,
    CoresOfClaim,
    Guard,
    Helping,
    Initial,
    Kept,
    Part,
    Promised,
    Ranged,
    Update,
    Written,
)
from quiesce.kernel.kinds import Kind
from quiesce.quoting.markdown import Lines, code, folded, heading, table

NOTHING_WRITTEN = "nothing but what stays as it is"
"""The text for a claim that no statement touches."""

NOTHING_BUT_CONTRACTS = "nothing but the contract"
"""The text for an obligation that rests on its contract alone."""


def cores_markdown(report: CoreReport) -> str:
    """Every proof core in full, with lines of the spec as it is now: nothing that is committed."""
    promises = tuple(cores for cores in report.claims if cores.is_promise)
    owed = tuple(cores for cores in report.claims if cores.is_owed)
    others = tuple(cores for cores in report.claims if not cores.is_promise and not cores.is_owed)
    sections = (
        _introduction(report),
        _overview(promises),
        _details("What each promise rests on", promises),
        _owed(owed),
        _details("What is proved without being asked", others),
        _idle(report),
        _unexplained(report),
    )
    return "\n".join(line for section in sections for line in section)


def cores_by_promise(report: CoreReport) -> Mapping[str, str]:
    """The proof core of each promise, counted by kind of part."""
    return {cores.claim: _tally(cores.rests_on) for cores in report.claims if cores.is_promise}


def core_lines(report: CoreReport) -> Iterator[str]:
    """The section on proof cores of the committed page, without line numbers, which any edit moves."""
    yield from heading("Proof cores")
    yield (
        "A proof core of an obligation is a set of premises that are enough for its proof, and of which none can be "
        "spared; there may be other such sets. Here the premises in the cores of all obligations of a promise are "
        "counted. That an action leaves other variables and fields alone is used everywhere and not counted. "
        f"{code(f'quiesce verify {report.machine.path} --cores FILE')} writes all cores in full."
    )
    yield ""
    counted = cores_by_promise(report)
    if counted:
        yield from table(("promise", "rests on"), ((code(name), what) for name, what in counted.items()))
    yield from _idle(report, level=3, lines=False)
    yield from _unexplained(report, level=3)


def _introduction(report: CoreReport) -> Iterator[str]:
    yield f"# {report.machine.name}: proof cores"
    yield ""
    yield (
        "For each proof: premises that are enough, and of which none can be spared. There may be other such sets. "
        "Numbers are lines of the spec. That an action leaves other variables and fields alone is used everywhere and "
        "not listed."
    )
    yield ""


def _overview(promises: tuple[CoresOfClaim, ...]) -> Iterator[str]:
    yield from heading("Promises")
    header = ("promise", "line", "a run where it matters ends with", "rests on")
    rows = (
        (
            code(cores.claim),
            str(cores.span.line),
            code(cores.action) if cores.action else "nothing: it matters at the start",
            _tally(cores.rests_on),
        )
        for cores in promises
    )
    yield from table(header, rows)


def _tally(parts: tuple[Part, ...]) -> str:
    """How many parts of each kind, by the words of `_word`, in the order of these words."""
    words = [word for part in parts if (word := _word(part)) is not None]
    counted = (f"{words.count(word)} {word}{'s' * (words.count(word) > 1)}" for word in sorted(set(words), key=_ORDER))
    return ", ".join(counted) or NOTHING_WRITTEN


_WORDS = (
    *("initial value", "guard", "assumption", "argument", "condition", "update"),
    *("range", "other promise", "helper"),
)
_ORDER = _WORDS.index


def _word(part: Part) -> str | None:
    match part:
        case Guard():
            return "guard"
        case Assumed():
            return "assumption"
        case Argument():
            return "argument"
        case Condition():
            return "condition"
        case Update():
            return "update"
        case Initial():
            return "initial value"
        case Promised():
            return "other promise"
        case Ranged():
            return "range"
        case Helping():
            return "helper"
        case Kept():
            return None
        case _:
            assert_never(part)


def _owed(claims: tuple[CoresOfClaim, ...]) -> Iterator[str]:
    if not claims:
        return
    yield from heading("What is owed to other layers")
    yield (
        "That calls to a layer below keep its contract and every answer is dealt with "
        f"({code(Kind.PRECONDITION.value)}), and that each step is one that the offered contract has "
        f"({code(Kind.REFINEMENT.value)}). What the contracts say is given."
    )
    yield ""
    header = ("obligation", "line", "rests on")
    yield from table(header, ((code(cores.claim), str(cores.span.line), _in_a_cell(cores)) for cores in claims))


def _in_a_cell(cores: CoresOfClaim) -> str | Lines:
    """The lines of a list, one under the other."""
    if not cores.rests_on:
        return NOTHING_BUT_CONTRACTS
    return Lines(tuple(line.removeprefix("- ") for line in _grouped(cores.rests_on)))


def _details(title: str, claims: tuple[CoresOfClaim, ...]) -> Iterator[str]:
    if not claims:
        return
    yield from heading(title)
    for cores in claims:
        yield from folded(cores.claim, (*_grouped(cores.rests_on), ""))


def _grouped(parts: tuple[Part, ...]) -> Iterator[str]:
    """One line for what is known everywhere, and one for each action."""
    if all(_word(part) is None for part in parts):
        yield f"- {NOTHING_WRITTEN}"
    for title, names in (
        ("initial values", [code(part.place) for part in parts if isinstance(part, Initial)]),
        ("promises", [code(part.name) for part in parts if isinstance(part, Promised)]),
        ("ranges", [code(part.place) for part in parts if isinstance(part, Ranged)]),
        ("helpers", [code(part.text) for part in parts if isinstance(part, Helping)]),
    ):
        if names:
            yield f"- {title}: {', '.join(dict.fromkeys(names))}"
    for action, own in _by_action(parts).items():
        words: dict[str, dict[int, None]] = {}
        for part in own:
            words.setdefault(_word(part) or "", {})[part.span.line] = None
        listed = (f"{word} {', '.join(str(line) for line in sorted(lines))}" for word, lines in words.items())
        yield f"- {code(action)}: {'; '.join(listed)}"


def _by_action(parts: tuple[Part, ...]) -> dict[str, list[Guard | Assumed | Argument | Condition | Update]]:
    found: dict[str, list[Guard | Assumed | Argument | Condition | Update]] = {}
    for part in parts:
        if isinstance(part, Guard | Assumed | Argument | Condition | Update):
            found.setdefault(part.action, []).append(part)
    return found


def _idle(report: CoreReport, level: int = 2, *, lines: bool = True) -> Iterator[str]:
    yield from heading("What nothing rests on", level)
    if not report.idle_parts:
        yield "Every guard, condition, update, assumption and initial value is in some core."
        yield ""
        return
    yield (
        "These parts of the spec are in no core that was found. Either another part says the same, or no promise tells "
        "why it is there: then one is missing."
    )
    yield ""
    rows = (_idle_row(part) for part in report.idle_parts)
    yield from table(("line", "where", "what")[not lines :], (row[not lines :] for row in rows))


def _idle_row(part: Written) -> tuple[str, str, str]:
    match part:
        case Initial(place, text):
            return str(part.span.line), "initial value", f"`{place} = {text}`"
        case Update(action, _, place, text):
            what = code(text) if text.startswith(f"{place} = ") else f"{code(text)}: {code(place)}"
            return str(part.span.line), f"update of {code(action)}", what
        case Guard(action, _, text) | Assumed(action, _, text) | Condition(action, _, text):
            return str(part.span.line), f"{_word(part)} of {code(action)}", code(text)
        case _:
            assert_never(part)


def _unexplained(report: CoreReport, level: int = 2) -> Iterator[str]:
    if report.unexplained:
        yield from heading("Proved, but no core was found", level)
        yield "These proofs are not told apart into premises, so what nothing else rests on may be needed here."
        yield ""
        yield from (f"- {code(name)}" for name in report.unexplained)
        yield ""
