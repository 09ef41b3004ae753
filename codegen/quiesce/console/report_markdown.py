"""The evidence of a spec as a page of Markdown, committed."""

from collections.abc import Iterable, Iterator

from quiesce.prove.checked import CheckedMachine
from quiesce.prove.results import Kind, Result
from quiesce.spec.model import Accepts, Blocks, Fails, Machine, Outcome


def report_markdown(checked: CheckedMachine) -> str:
    """What was proved: by kind, by promise, by requirement, by call, and every obligation by name."""
    machine, results = checked.machine, checked.report.results
    sections = (
        _summary(machine, results),
        _promises(machine),
        _requirements(machine),
        _calls(machine),
        _ranks(results),
        _obligations(results),
    )
    return "\n".join(line for section in sections for line in section)


def _summary(machine: Machine, results: tuple[Result, ...]) -> Iterator[str]:
    families = "".join(f", any number of {family.name}" for family in machine.families)
    policies = "".join(f", every alternative of {policy.name}" for policy in machine.policies)
    yield f"# {machine.name}: what is proved"
    yield ""
    yield f"All {len(results)} obligations are proved, for every count{families}{policies}."
    yield ""
    tally = ((kind.value, str(sum(r.obligation.kind is kind for r in results))) for kind in Kind)
    yield from _table(("kind", "proved"), (row for row in tally if row[1] != "0"))


def _promises(machine: Machine) -> Iterator[str]:
    yield from _heading("Promises")
    yield from _table(
        ("promise", "what it says", "satisfies"),
        (
            (
                f"`{promise.name}`",
                promise.doc + ("" if promise.holds else " (declared false, and refuted)"),
                ", ".join(promise.satisfies),
            )
            for promise in machine.promises
        ),
    )


def _requirements(machine: Machine) -> Iterator[str]:
    if machine.requirements:
        yield from _heading("Requirements")
        yield from _table(
            ("id", "requirement", "source", "carried by"),
            ((r.id, r.text, r.source, ", ".join(_carriers(machine, r.id))) for r in machine.requirements),
        )


def _carriers(machine: Machine, requirement: str) -> Iterator[str]:
    yield from (f"`{action.name}`" for action in machine.actions if requirement in action.satisfies)
    yield from (f"`{promise.name}`" for promise in machine.promises if requirement in promise.satisfies)


def _calls(machine: Machine) -> Iterator[str]:
    yield from _heading("Calls")
    yield "Each call has exactly one outcome in each state, whatever its arguments."
    yield ""
    yield from _table(
        ("call", "outcomes"),
        (
            (name, ", ".join(f"`{action.name}`{_outcome(action.outcome)}" for action in outcomes))
            for name, outcomes in machine.calls.items()
        ),
    )


def _outcome(outcome: Outcome) -> str:
    match outcome:
        case Accepts():
            return ""
        case Fails(error):
            return f" ({error})"
        case Blocks():
            return " (waits)"


def _ranks(results: tuple[Result, ...]) -> Iterator[str]:
    found = dict.fromkeys((_subject(r), f"`{r.detail.removeprefix(_FALLS)}`") for r in results if _is_ranked(r))
    if found:
        yield from _heading("Why waits end and goals stay in reach")
        yield "The rank that falls, as the prover found it; the most significant part comes first."
        yield ""
        yield from _table(("of", "rank"), found)


_FALLS = "falls: "


def _is_ranked(result: Result) -> bool:
    return result.detail.startswith(_FALLS)


def _subject(result: Result) -> str:
    kind, name, rest = result.obligation.id.split("/", 2)
    return f"{name} ends" if result.obligation.kind is Kind.LEADS_TO else f"{kind} {name}, in {rest}"


def _obligations(results: tuple[Result, ...]) -> Iterator[str]:
    yield from _heading("Every obligation")
    for kind in Kind:
        names = [result.obligation.id for result in results if result.obligation.kind is kind]
        if names:
            yield f"<details><summary>{kind.value}: {len(names)}</summary>"
            yield ""
            yield from (f"- `{name}`" for name in names)
            yield ""
            yield "</details>"
            yield ""


def _heading(text: str) -> Iterator[str]:
    yield f"## {text}"
    yield ""


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for row in (header, ("---",) * len(header), *rows):
        yield f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in row)} |"
    yield ""
