"""The list of all obligations of a machine: everything that has to be proved, as data. Listing it needs no solver.

A report is complete if it answers exactly these obligations; nothing that is missing from it can look proved.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from quiesce.kernel.kinds import Obligation, id_of
from quiesce.kernel.problem import Problem, initial, preserved
from quiesce.kernel.rules.enabled import enabled_goals
from quiesce.kernel.rules.forgettable import asked_of, owed_to_forgetting
from quiesce.kernel.rules.layers import contracts_owed, layers_owed
from quiesce.kernel.rules.outcomes import landings
from quiesce.kernel.rules.vacuity import Situation, reachable_values, situations
from quiesce.kernel.rules.waits import wait_of_caller
from quiesce.kernel.subjects import (
    Assumed,
    BranchTaken,
    CallersWait,
    Covered,
    Exclusive,
    Fails,
    Happens,
    Initial,
    PromisedWait,
    StepKept,
    Stutters,
    Traced,
    Waiting,
    WaitPossible,
    WaitProgress,
    WayDown,
)
from quiesce.spec.model import Blocks, LeadsTo, Recoverable, Span
from quiesce.spec.parts_of_actions import branches


class TwoOfOneId(Exception):
    """Two obligations of a machine have one id: a defect of this program, for one could answer for the other."""


def obligations(problem: Problem, known: Iterable[Situation] | None = None) -> tuple[Obligation, ...]:
    """All obligations of a problem in the order of reports; `known` are the situations of its promises, if at hand.

    Raises: TwoOfOneId: two obligations have the same id.
    """
    listed = tuple(_listed_obligations(problem, situations(problem) if known is None else known))
    names = [id_of(obligation.about) for obligation in listed]
    if len(set(names)) < len(names):
        raise TwoOfOneId(", ".join(name for name, times in Counter(names).items() if times > 1))
    return listed


def _listed_obligations(problem: Problem, known: Iterable[Situation]) -> Iterator[Obligation]:
    machine = problem.machine
    yield from (Obligation(Traced(requirement.id), requirement.span) for requirement in machine.requirements)
    for name, outcomes in machine.calls.items():
        yield Obligation(Covered(name), outcomes[0].span)
        yield Obligation(Exclusive(name), outcomes[0].span)
    for activity, about, _ in landings(machine):
        yield Obligation(about, (activity.failing if about.fails else activity.succeeding)[0].span)
    yield from _about_invariants(problem)
    yield from _about_steps(problem)
    yield from (goal.obligation for goal in enabled_goals(problem))
    yield from map(owed_to_forgetting, asked_of(problem))
    yield from (owed.obligation for owed in layers_owed(problem))
    yield from (obligation for obligation, _ in contracts_owed(problem))
    yield from _about_futures(problem)
    for action in machine.actions:
        for number, assumption in enumerate(action.assumes, 1):
            yield Obligation(Assumed(action.name, number), assumption.span)
    yield from _about_witnesses(problem, known)
    yield from (Obligation(Fails(promise.name), promise.span) for promise in machine.promises if not promise.holds)


def _about_invariants(problem: Problem) -> Iterator[Obligation]:
    for invariant in problem.invariants:
        yield Obligation(initial(invariant), invariant.span)
    for promise, _ in problem.initial_promises:
        yield Obligation(Initial(promise.name), promise.span)
    for action in problem.moving:
        for invariant in problem.invariants:
            yield Obligation(preserved(action.name, invariant), invariant.span)


def _about_steps(problem: Problem) -> Iterator[Obligation]:
    idle = {promise.name for promise, _ in problem.idle_promises}
    for promise, claim in problem.step_promises:
        if promise.name in idle:
            yield Obligation(Stutters(promise.name), promise.span)
        for action in problem.moving:
            if action.name not in claim.unless:
                yield Obligation(StepKept(action.name, promise.name), promise.span)


def _about_futures(problem: Problem) -> Iterator[Obligation]:
    for promise in problem.machine.promises:
        match promise.claim:
            case Recoverable() if promise.holds:
                for location in problem.locations:
                    yield Obligation(WayDown(promise.name, location), promise.span)
            case LeadsTo(_, _, fair) if promise.holds:
                yield from _about_wait(problem, PromisedWait(promise.name), fair, promise.span)
            case _:
                pass
    for action in problem.machine.actions:
        if isinstance(action.outcome, Blocks):
            yield from _about_wait(
                problem, CallersWait(action.name), wait_of_caller(problem.machine, action).fair, action.span
            )


def _about_wait(problem: Problem, wait: Waiting, fair: tuple[str, ...], span: Span) -> Iterator[Obligation]:
    yield Obligation(WaitPossible(wait), span)
    for action in problem.moving:
        yield Obligation(WaitProgress(wait, action.name, action.name in fair), span)


def _about_witnesses(problem: Problem, known: Iterable[Situation]) -> Iterator[Obligation]:
    machine = problem.machine
    for action in machine.actions:
        yield Obligation(Happens(action.name), action.span)
        for number, branch, taken in branches(action):
            yield Obligation(BranchTaken(action.name, number, taken), branch.span)
    for value in reachable_values(machine):
        yield Obligation(value.about, value.span)
    for situation in known:
        yield Obligation(situation.about, situation.promise.span)
