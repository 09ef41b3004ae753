"""The evidence of a spec as a page of Markdown, committed."""

from collections.abc import Iterator

from quiesce.console.markdown import heading, table
from quiesce.console.runs import run_lines
from quiesce.kernel.hints import Hints
from quiesce.kernel.kinds import Kind, location_name, wait_name
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.results import Result
from quiesce.spec.model import Accepts, Blocks, Fails, Machine, Outcome, Promise
from quiesce.spec.show import show


def report_markdown(checked: CheckedMachine) -> str:
    """The page of results: by kind, by promise, by requirement, by call, and every obligation by name."""
    machine, results = checked.machine, checked.report.results
    sections = (
        _summary(machine, results),
        _promises(machine),
        _requirements(machine),
        _calls(machine),
        _assumptions(machine),
        _failures(machine, results),
        _helpers(checked.report.hints),
        _ranks(checked.report.hints),
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
    yield from table(("kind", "proved"), (row for row in tally if row[1] != "0"))


def _promises(machine: Machine) -> Iterator[str]:
    yield from heading("Promises")
    yield from table(
        ("promise", "what it says", "satisfies"),
        (
            (
                f"`{promise.name}`",
                promise.doc + _under(promise) + _declared_false(promise),
                ", ".join(promise.satisfies),
            )
            for promise in machine.promises
        ),
    )


def _under(promise: Promise) -> str:
    if promise.under is None:
        return ""
    return f" (under {' or '.join(promise.under.alternatives)} of {promise.under.policy})"


def _declared_false(promise: Promise) -> str:
    if promise.holds:
        return ""
    return f" (declared false{'' if promise.assuming else ' without assumptions'}, and refuted)"


def _requirements(machine: Machine) -> Iterator[str]:
    if machine.requirements:
        yield from heading("Requirements")
        yield from table(
            ("id", "requirement", "source", "carried by"),
            ((r.id, r.text, r.source, ", ".join(_carriers(machine, r.id))) for r in machine.requirements),
        )


def _carriers(machine: Machine, requirement: str) -> Iterator[str]:
    yield from (f"`{action.name}`" for action in machine.actions if requirement in action.satisfies)
    yield from (
        f"`{promise.name}`" for promise in machine.promises if promise.holds and requirement in promise.satisfies
    )


def _calls(machine: Machine) -> Iterator[str]:
    yield from heading("Calls")
    yield "Each call has exactly one outcome in each state, whatever its arguments."
    yield ""
    yield from table(
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


def _assumptions(machine: Machine) -> Iterator[str]:
    assumed = [(action, assumption) for action in machine.actions for assumption in action.assumes]
    if assumed:
        yield from heading("Assumptions")
        yield "What is proved is proved of runs that keep these. No code checks them; each is met by some run."
        yield ""
        yield from table(
            ("action", "assumes", "why"), ((f"`{a.name}`", f"`{show(s.claim)}`", s.because) for a, s in assumed)
        )


def _failures(machine: Machine, results: tuple[Result, ...]) -> Iterator[str]:
    failures = [result for result in results if result.obligation.kind is Kind.EXPECTED_FAILURE]
    if failures:
        yield from heading("What fails as declared")
        for result in failures:
            yield f"`{result.obligation.promise}`: {result.detail}."
            yield ""
            if result.run is not None:
                yield "```text"
                yield from run_lines(machine, result.run)
                yield "```"
                yield ""


def _ranks(hints: Hints) -> Iterator[str]:
    rows = [
        (f"{name}, in {location_name(descent.location)}", descent.rank)
        for name, descents in hints.descents.items()
        for descent in descents
    ]
    rows += [(f"{wait_name(wait)} ends", rank) for wait, rank in hints.ranks.items()]
    if any(rank for _, rank in rows):
        yield from heading("Why waits end and goals stay in reach")
        yield "The rank that falls, as the prover found it; the most significant part comes first."
        yield ""
        yield from table(("of", "rank"), ((of, f"`({', '.join(map(show, rank))})`") for of, rank in rows if rank))


def _helpers(hints: Hints) -> Iterator[str]:
    if hints.helpers:
        yield from heading("Invariants that the prover found")
        yield "No promise says so, but these hold in every reachable state, and the proofs rest on them."
        yield ""
        yield from (f"{number}. `{show(claim)}`" for number, claim in enumerate(hints.helpers, 1))
        yield ""


def _obligations(results: tuple[Result, ...]) -> Iterator[str]:
    yield from heading("Every obligation")
    for kind in Kind:
        names = [result.obligation.id for result in results if result.obligation.kind is kind]
        if names:
            yield f"<details><summary>{kind.value}: {len(names)}</summary>"
            yield ""
            yield from (f"- `{name}`" for name in names)
            yield ""
            yield "</details>"
            yield ""
