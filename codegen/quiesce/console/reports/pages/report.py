"""The results of a proof, as parts of its page: by promise, by requirement, by call and by kind."""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import assert_never

from quiesce.console.reports.text.runs import run_lines
from quiesce.kernel.hints import Hints
from quiesce.kernel.kinds import Kind, location_name
from quiesce.kernel.subjects import Applies, CallersWait, Fails, PromisedWait, Waiting
from quiesce.prove.results import Result
from quiesce.quoting.markdown import Lines, code, fenced, heading, listed, table, text
from quiesce.spec.model import Accepts, Blocks, Machine, Outcome, Promise
from quiesce.spec.model import Fails as Refuses
from quiesce.spec.show import show
from quiesce.spec.state import Run


def promise_lines(machine: Machine, results: tuple[Result, ...]) -> Iterator[str]:
    """Each promise with its sentence, its obligations, and a run in which it matters.

    Name and sentence share a cell, and requirements have a column only where there are some, so that the whole table
    is seen without scrolling.
    """
    yield from heading("Promises")
    if not machine.promises:
        yield "The spec makes none."
        yield ""
        return
    yield (
        "The verdict counts the statements that were proved, one by one, for a promise. The last column has the "
        "actions of a run from the start to a state, or a step, in which the promise *matters*: it says something "
        "there, as its condition holds."
        + " Where it is declared false, the run breaks it."
        * (not all(promise.holds for promise in machine.promises))
    )
    yield ""
    runs = {about: result.run for result in results if (about := _about(result)) is not None}
    numbers = Counter(result.obligation.promise for result in results)
    traced = any(promise.satisfies for promise in machine.promises)
    yield from table(
        ("promise", *["satisfies"] * traced, "verdict", "a run in which it matters"),
        (
            (
                Lines((code(promise.name), promise.doc + _under(promise))),
                *[", ".join(promise.satisfies) or "none"] * traced,
                _verdict(promise, numbers[promise.name]),
                _steps(runs.get(promise.name)),
            )
            for promise in machine.promises
        ),
    )


def _about(result: Result) -> str | None:
    """The promise that the run of a result tells of: one that breaks it, or the first one in which it matters."""
    match result.obligation.about:
        case Fails(promise) | Applies(promise, 0 | 1):
            return promise
        case _:
            return None


def _under(promise: Promise) -> str:
    if promise.under is None:
        return ""
    return f" (under {' or '.join(promise.under.alternatives)} of {promise.under.policy})"


def _verdict(promise: Promise, number: int) -> str:
    if promise.holds:
        return f"{number} proved"
    return f"refuted{'' if promise.assuming else ' without assumptions'}, as declared"


def _steps(run: Run | None) -> str:
    """The actions of a run; one that happens several times in a row is told once."""
    if run is None:
        return ""
    groups = ((action, len(list(same))) for action, same in groupby(move.action for move in run.moves))
    return " → ".join(f"{code(action)}{f' x {times}' if times > 1 else ''}" for action, times in groups) or "the start"


def failure_lines(machine: Machine, results: tuple[Result, ...]) -> Iterator[str]:
    """The promises declared false, each with the run that breaks it; nothing if there are none."""
    failures = [result for result in results if result.obligation.kind is Kind.EXPECTED_FAILURE]
    if failures:
        yield from heading("What fails as declared")
        for result in failures:
            yield f"{code(result.obligation.promise or result.obligation.id)}: {text(result.detail)}."
            yield ""
            if result.run is not None:
                yield from fenced(run_lines(machine, result.run, places=False))
                yield ""


def requirement_lines(machine: Machine) -> Iterator[str]:
    """Each requirement, and the actions and promises that satisfy it; nothing if there are no requirements."""
    if machine.requirements:
        yield from heading("Requirements")
        yield "What satisfies each requirement: promises, which are proved, and actions, which do what it asks for."
        yield ""
        yield from table(
            ("id", "requirement", "source", "satisfied by"),
            (
                (r.id, r.text, r.source or "none", Lines(tuple(_satisfying(machine, r.id))))
                for r in machine.requirements
            ),
        )


def _satisfying(machine: Machine, requirement: str) -> Iterator[str]:
    """The promises on one line and the actions on the next, each line only where there are some."""
    promises = [p.name for p in machine.promises if p.holds and requirement in p.satisfies]
    actions = [a.name for a in machine.actions if requirement in a.satisfies]
    for one, several, names in (("promise", "promises", promises), ("action", "actions", actions)):
        if names:
            yield f"{several if len(names) > 1 else one} {listed(names)}"


def call_lines(machine: Machine) -> Iterator[str]:
    """Each call with its outcomes."""
    if machine.calls:
        yield from heading("Calls")
        yield "Each call is proved to have exactly one outcome in each state, whatever its arguments."
        yield ""
        yield from table(
            ("call", "outcomes"),
            (
                (name, ", ".join(f"{code(action.name)}{_outcome(action.outcome)}" for action in outcomes))
                for name, outcomes in machine.calls.items()
            ),
        )


def _outcome(outcome: Outcome) -> str:
    match outcome:
        case Accepts():
            return ""
        case Refuses(error):
            return f" ({error})"
        case Blocks():
            return " (waits)"
        case _:
            assert_never(outcome)


def found_lines(hints: Hints) -> Iterator[str]:
    """The invariants and ranks that the prover had to find; nothing if there are none."""
    if hints.helpers:
        yield from heading("Invariants that the prover found")
        yield "No promise says so, but these hold in every reachable state, and the proofs rest on them."
        yield ""
        yield from (f"{number}. {code(show(claim))}" for number, claim in enumerate(hints.helpers, 1))
        yield ""
    rows = [
        (f"{code(name)}, in {location_name(descent.location)}", descent.rank)
        for name, descents in hints.descents.items()
        for descent in descents
    ]
    rows += [(_wait(wait), rank) for wait, rank in hints.ranks.items()]
    if any(rank for _, rank in rows):
        yield from heading("Why waits end and goals stay in reach")
        yield (
            "Each wait ends, and each goal stays in reach, because a rank falls until it can fall no further. These "
            "are the ranks that the prover found: numbers of which the first counts most."
        )
        yield ""
        yield from table(
            ("promise or wait", "rank"), ((of, f"`({', '.join(map(show, rank))})`") for of, rank in rows if rank)
        )


def _wait(wait: Waiting) -> str:
    match wait:
        case PromisedWait(promise):
            return code(promise)
        case CallersWait(action):
            return f"a caller's wait in {code(action)}"
        case _:
            assert_never(wait)


def kind_lines(machine: Machine, results: tuple[Result, ...]) -> Iterator[str]:
    """How many obligations of each kind there are."""
    yield from heading("All obligations")
    yield f"{code(f'quiesce verify -v {machine.path}')} lists them one by one."
    yield ""
    tally = Counter(result.obligation.kind for result in results)
    yield from table(
        ("kind", "what each of them says", "proved"),
        ((kind.value, _meaning(kind), str(tally[kind])) for kind in Kind if tally[kind]),
    )


def _meaning(kind: Kind) -> str:
    match kind:
        case Kind.TOTAL:
            return "A call has an outcome in each state, or never has two."
        case Kind.ACTIVITY:
            return "Wherever an activity is due, it has one outcome for each way in which it can end."
        case Kind.START:
            return "A promise or a declared range holds at the start."
        case Kind.STEP:
            return "One action keeps one promise or declared range."
        case Kind.STEP_PROMISE:
            return "The steps of one action are as one promise says."
        case Kind.ANSWER:
            return "A call is answered as promised wherever that is promised."
        case Kind.ENABLED:
            return "An action can happen wherever that is promised."
        case Kind.PRISTINE:
            return "After one action everything is as new wherever that is promised."
        case Kind.RECOVERABLE:
            return "A goal stays in reach from the states of one location, such as a phase."
        case Kind.LEADS_TO:
            return "A wait can go on, or one action brings it no further from its end."
        case Kind.FORGETTABLE:
            return "It makes no difference that members which were given back are forgotten."
        case Kind.ASSUMED:
            return "An assumption is met by some step."
        case Kind.PRECONDITION:
            return "A call to the layer below keeps its contract, or all its answers are dealt with."
        case Kind.REFINEMENT:
            return "The steps of one action are steps of the contract that is offered."
        case Kind.CONTRACT:
            return "All that a contract promises is proved."
        case Kind.WITNESS:
            return "Some run shows that an action, an arm of an `if`, a value or a promise matters."
        case Kind.TRACED:
            return "Some action or promise satisfies a requirement."
        case Kind.EXPECTED_FAILURE:
            return "What is declared false has a run that breaks it."
        case _:
            assert_never(kind)
