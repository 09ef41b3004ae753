"""Where a report and exhaustive search contradict each other. Each answer is compared with the interpreter.

A run is compared in length with the shortest one only where there are no families: with another number of members there
may be a shorter one.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from quiesce.kernel.kinds import Kind, Obligation, WaitPossible, WaitProgress
from quiesce.kernel.obligations import obligations
from quiesce.kernel.progress import Wait, wait_of_promise
from quiesce.prove.explain.diagnosis import wait_of
from quiesce.prove.results import Report, Result, Verdict
from quiesce.spec.interpreter import NotEnabled, Scope, argument_scopes, holds, initial_states, replay
from quiesce.spec.model import Accepts, Always, LeadsTo, Machine, Promise, Recoverable, Step
from quiesce.spec.state import Run, State

from tests.differential.oracle import Knowledge, goes_on, outcomes_of_call
from tests.differential.outcomes import is_broken
from tests.differential.spaces import space

AHEAD = 400
"""States that are looked at behind a run of which it is said that nothing follows any more."""


MANY_INTEGERS = tuple(range(-10, 31))
"""Integers among which an argument that a run speaks of is looked for."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An answer that cannot be right, and why; with the run of the interpreter that shows it, if one does."""

    id: str
    why: str
    run: Run | None = None


def disagreements(report: Report, known: Knowledge) -> Iterator[Disagreement]:
    """All of them."""
    listed = [obligation.id for obligation in obligations(known.problem)]
    answered = [result.obligation.id for result in report.results]
    if answered != listed or len(set(listed)) != len(listed):
        yield Disagreement("", f"answered {set(answered) ^ set(listed)}, or not in order, or one twice")
    for id_, run in {**known.broken, **known.shown}.items():
        if id_ not in answered:
            yield Disagreement(id_, "nothing is said of it, but this run tells", run)
    for result in report.results:
        yield from _about(result, known)
    if _invariants_proved(report):
        yield from _about_the_future(report, known)


def _invariants_proved(report: Report) -> bool:
    kinds = (Kind.START, Kind.STEP, Kind.PRISTINE)
    return all(r.verdict is Verdict.PROVED for r in report.results if r.obligation.kind in kinds)


def _about_the_future(report: Report, known: Knowledge) -> Iterator[Disagreement]:
    """Claims about all runs, which only several obligations prove together."""
    proved = {result.obligation.id for result in report.results if result.verdict is Verdict.PROVED}
    for id_, run in known.stranded.items():
        if id_ in proved:
            yield Disagreement(id_, "proved, but no way leads back from here", run)
    for name, run in known.endless.items():
        own = [r.obligation.id for r in report.results if r.obligation.id.startswith(f"leads to/{name}/")]
        if proved.issuperset(own):
            yield Disagreement(f"leads to/{name}", "proved, but this run goes on for ever", run)


def _about(result: Result, known: Knowledge) -> Iterator[Disagreement]:
    id_ = result.obligation.id
    match result.verdict:
        case Verdict.ERROR if result.obligation.kind is Kind.ASSUMED:
            if (run := known.shown.get(f"witness/{result.obligation.action}")) is not None:
                yield Disagreement(id_, "called a contradiction, but it happens", run)
        case Verdict.ERROR:
            yield Disagreement(id_, f"error: {result.detail}")
        case Verdict.PROVED if id_ in known.broken:
            yield Disagreement(id_, "proved, but this run breaks it", known.broken[id_])
        case Verdict.VACUOUS if id_ in known.shown:
            yield Disagreement(id_, "called vacuous, but this run shows it", known.shown[id_])
        case _:
            pass
    if result.run is not None:
        machine = _machine_of(result.obligation, known)
        wrong = _not_a_run(machine, result.run)
        if wrong is None:
            wrong = _shows_nothing(result, machine, known)
        if wrong is not None:
            yield Disagreement(id_, wrong, result.run)
    elif result.verdict is Verdict.REFUTED or (
        result.verdict is Verdict.PROVED and result.obligation.kind in (Kind.WITNESS, Kind.EXPECTED_FAILURE)
    ):
        yield Disagreement(id_, f"{result.verdict.value} without a run")
    if result.cti is not None and (wrong := _not_a_cti(result.cti, known)) is not None:
        yield Disagreement(id_, wrong, result.cti)
    if result.verdict is Verdict.REFUTED and not known.problem.machine.families and result.run is not None:
        shortest = known.broken.get(id_, result.run)
        if len(shortest.moves) < len(result.run.moves):
            yield Disagreement(id_, "not the shortest run", shortest)


def _machine_of(obligation: Obligation, known: Knowledge) -> Machine:
    """The machine whose run is shown: one where nobody is trusted, if the promise says so."""
    machine = known.problem.machine
    named = [promise for promise in machine.promises if promise.name == obligation.promise]
    return machine if all(promise.assuming for promise in named) else machine.unassuming


def _not_a_run(machine: Machine, run: Run) -> str | None:
    """What is wrong with a run by itself."""
    sizes = {name: len(members) for name, members in run.start.families.items()}
    if run.start not in initial_states(machine, sizes):
        return "the run does not begin in an initial state"
    try:
        replay(machine, run)
    except NotEnabled as error:
        return f"the run cannot be replayed: {error}"
    return None


def _not_a_cti(run: Run, known: Knowledge) -> str | None:
    """What is wrong with a step that a proof could not exclude."""
    if not all(holds(invariant.claim, run.start) for invariant in known.problem.invariants):
        return "the promises exclude the step that is said not to be excluded"
    try:
        replay(known.problem.machine, run)
    except NotEnabled as error:
        return f"the step that is said not to be excluded cannot happen: {error}"
    return None


# --- what a run has to show --------------------------------------------------------------------------------------


def _shows_nothing(result: Result, machine: Machine, known: Knowledge) -> str | None:
    """Why the run does not show what is said of it; None if it does."""
    obligation, run = result.obligation, result.run
    assert run is not None
    match result.verdict, obligation.kind:
        case Verdict.PROVED, Kind.WITNESS | Kind.ASSUMED:
            if obligation.id == f"witness/{obligation.action}" or obligation.kind is Kind.ASSUMED:
                return None if run.moves and run.moves[-1].action == obligation.action else "another action is last"
            return None
        case Verdict.PROVED, Kind.EXPECTED_FAILURE:
            promise = next(p for p in machine.promises if p.name == obligation.promise)
            return _does_not_fail(machine, promise, run)
        case Verdict.REFUTED, Kind.START | Kind.STEP | Kind.PRISTINE:
            begins = [(i.name, i.claim) for i in known.problem.invariants]
            begins += [(promise.name, promised.claim) for promise, promised in known.problem.initial_promises]
            claim = next(claim for name, claim in begins if name == obligation.promise)
            if holds(claim, run.end):
                return "the promise holds at the end of the run"
            return None if _ends_with(run, obligation.action) else "another action is last"
        case Verdict.REFUTED, Kind.STEP_PROMISE:
            promised = next(c for promise, c in known.problem.step_promises if promise.name == obligation.promise)
            if obligation.action is None and isinstance(machine.actions_by_name[run.moves[-1].action].outcome, Accepts):
                return "the last step is not idle"
            if obligation.action is not None and not _ends_with(run, obligation.action):
                return "another action is last"
            return _keeps(promised, run)
        case Verdict.REFUTED, Kind.TOTAL:
            _, name, which = obligation.id.split("/")
            counts = set(outcomes_of_call(machine, run.end, machine.calls[name], MANY_INTEGERS))
            wrong = any(count > 1 for count in counts) if which == "exclusive" else 0 in counts
            return None if wrong else "the call has one outcome in the last state"
        case Verdict.REFUTED, Kind.ANSWER | Kind.POSSIBLE:
            promise = next(p for p in machine.promises if p.name == obligation.promise)
            wrong = is_broken(machine, promise, obligation.id, run.end, MANY_INTEGERS)
            return None if wrong else "the promise holds in the last state"
        case Verdict.REFUTED, Kind.LEADS_TO:
            assert isinstance(obligation.about, WaitPossible | WaitProgress)
            return _is_not_stuck(machine, wait_of(known.problem, obligation.about.wait), run.end)
        case Verdict.REFUTED, Kind.RECOVERABLE:
            promise = next(p for p in machine.promises if p.name == obligation.promise)
            return _does_not_fail(machine, promise, run)
        case _:
            return f"a run is shown of something {result.verdict.value} of kind {obligation.kind.value}"


def _ends_with(run: Run, action: str | None) -> bool:
    return not run.moves if action is None else bool(run.moves) and run.moves[-1].action == action


def _keeps(claim: Step, run: Run) -> str | None:
    """Why the last step does not break a promise about steps."""
    if not run.moves or run.moves[-1].action in claim.unless:
        return "the promise is not about the last step"
    arguments = run.moves[-1].arguments
    if holds(claim.claim, run.end, run.states[-2], claim.parameters, arguments):
        return "the last step keeps the promise"
    return None


def _does_not_fail(machine: Machine, promise: Promise, run: Run) -> str | None:
    match promise.claim:
        case Always(claim):
            return "the promise holds at the end of the run" if holds(claim, run.end) else None
        case Step() as claim:
            return _keeps(claim, run)
        case LeadsTo() as claim:
            return _is_not_stuck(machine, wait_of_promise(claim), run.end)
        case Recoverable(goal):
            ahead = space(machine, 0, AHEAD, lambda _: True, starts=[with_newcomers(machine, run.end)])
            back = next((n for n, state in enumerate(ahead.states) if holds(goal, state)), None)
            if back is None:
                return None
            return f"the goal is reached again: {[move.action for move in ahead.run_to(back).moves]}"
        case _:
            return "a pristine promise cannot be declared false"


def with_newcomers(machine: Machine, state: State) -> State:
    """The state with two more members that were never used."""
    fresh = next(initial_states(machine, 2)).families
    return State(state.scalars, {name: (*members, *fresh[name]) for name, members in state.families.items()})


def _is_not_stuck(machine: Machine, wait: Wait, end: State) -> str | None:
    """Why nobody waits for ever in a state: nobody waits, or something fair is possible."""
    callers = argument_scopes(machine, end, wait.parameters, MANY_INTEGERS)
    if not any(goes_on(wait, end, Scope(end, None, c.parameters, c.members)) for c in callers):
        return "nobody waits at the end of the run"
    ahead = space(machine, 0, AHEAD, lambda state: state == more, starts=[more := with_newcomers(machine, end)])
    able = [e.action.name for e in ahead.edges if e.before == 0 and e.action.name in wait.fair]
    able = [name for name in able if isinstance(machine.actions_by_name[name].outcome, Accepts)]
    return f"{able[0]} is possible at the end of the run" if able else None
