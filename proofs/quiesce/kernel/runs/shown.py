"""The check that a run shows its obligation: as a witness, as a counterexample, or by its way into a trap.

The interpreter decides; no solver and no prover is asked.
"""

from collections.abc import Iterator
from typing import assert_never

from quiesce.kernel.hints import Hints
from quiesce.kernel.plan import Plan
from quiesce.kernel.problem import Problem, unassuming
from quiesce.kernel.rules.enabled import goals_of
from quiesce.kernel.rules.vacuity import Situation, reachable_values
from quiesce.kernel.rules.waits import wait_of_promise
from quiesce.kernel.subjects import Applies, Assumed, BranchTaken, Fails, Happens, Subject, ValueTaken
from quiesce.spec.arguments import argument_scopes
from quiesce.spec.interpreter import NotEnabled, Scope, evaluate, holds, initial_states, replay, step_with_branches
from quiesce.spec.meaning.formulas import pristine_claim
from quiesce.spec.model import (
    Always,
    EnabledWhere,
    Initially,
    LeadsTo,
    Machine,
    MemberType,
    Pristine,
    Promise,
    Recoverable,
    RefusesOrAccepts,
    Step,
)
from quiesce.spec.parts_of_actions import choices
from quiesce.spec.rewrite import conjunction
from quiesce.spec.state import Run


def machine_of(problem: Problem, about: Subject) -> Machine:
    """The machine that a run of an obligation belongs to: without assumptions where a promise is false without them."""
    if isinstance(about, Fails) and not problem.promise(about.promise).assuming:
        return unassuming(problem).machine
    return problem.machine


def objection(plan: Plan, hints: Hints, about: Subject, run: Run) -> str | None:
    """The reason why a run does not show an obligation; None if it does, as far as one run can."""
    machine = machine_of(plan.problem, about)
    sizes = {name: len(members) for name, members in run.start.families.items()}
    if sizes.keys() != machine.families_by_name.keys() or run.start not in initial_states(machine, sizes):
        return "its run does not begin at a start of the machine"
    try:
        replay(machine, run)
    except (NotEnabled, KeyError) as error:
        return f"its run cannot be replayed: {error}"
    if machine is not plan.problem.machine and _is_run(plan.problem.machine, run):
        return "its run breaks no assumption"
    return None if _shows_obligation(plan, hints, about, run) else "its run does not show it"


def _is_run(machine: Machine, run: Run) -> bool:
    try:
        replay(machine, run)
    except NotEnabled:
        return False
    return True


def _shows_obligation(plan: Plan, hints: Hints, about: Subject, run: Run) -> bool:
    problem = plan.problem
    last = run.moves[-1] if run.moves else None
    match about:
        case Happens(action):
            return last is not None and last.action == action
        case BranchTaken(action, number, arm):
            if last is None or last.action != action:
                return False
            acting = problem.machine.actions_by_name[action]
            _, taken = step_with_branches(problem.machine, run.states[-2], acting, last.arguments)
            known = choices(acting)
            return 0 < number <= len(known) and (known[number - 1].span, arm) in taken
        case ValueTaken():
            values = (value.claim for value in reachable_values(problem.machine) if value.about == about)
            return any(holds(claim, run.end) for claim in values)
        case Applies():
            return about in plan.situations and _situation_arises(plan.situations[about], run)
        case Assumed(action, number):
            return (last is not None and last.action == action) or _assumption_is_met(problem, action, number, run)
        case Fails(name):
            return _promise_fails(problem, problem.promise(name), hints, run)
        case _:
            return False


def _situation_arises(situation: Situation, run: Run) -> bool:
    if situation.actions is None and not run.moves:
        return holds(situation.claim, run.end)
    if not run.moves or (situation.actions is not None and run.moves[-1].action not in situation.actions):
        return False
    before, arguments = run.states[-2], run.moves[-1].arguments
    return holds(situation.claim, run.end, before, situation.given, arguments)


def _assumption_is_met(problem: Problem, action: str, number: int, run: Run) -> bool:
    """Whether the action could happen at the end of the run, with some arguments, but for its later assumptions."""
    acting = problem.machine.actions_by_name[action]
    guard = [*acting.when, *(assumption.claim for assumption in acting.assumes[:number])]
    scopes = argument_scopes(problem.machine, run.end, acting.parameters)
    return any(all(evaluate(claim, scope) for claim in guard) for scope in scopes)


def _promise_fails(problem: Problem, promise: Promise, hints: Hints, run: Run) -> bool:
    match promise.claim:
        case Always(claim):
            return not holds(claim, run.end)
        case Pristine(released):
            return not holds(pristine_claim(problem.machine, released), run.end)
        case Initially(claim):
            return not run.moves and not holds(claim, run.end)
        case Step(claim, unless, given):
            if not run.moves or run.moves[-1].action in unless:
                return False
            return not holds(claim, run.end, run.states[-2], given, run.moves[-1].arguments)
        case RefusesOrAccepts() | EnabledWhere():
            return any(
                evaluate(goal.broken, scope)
                for goal in goals_of(problem, promise)
                for scope in argument_scopes(problem.machine, run.end, goal.parameters)
            )
        case LeadsTo():
            return holds(wait_of_promise(promise.claim).waiting, run.end)
        case Recoverable():
            return any(_is_in_trap(problem, promise.name, hints, run))
        case _:
            assert_never(promise.claim)


def _is_in_trap(problem: Problem, name: str, hints: Hints, run: Run) -> Iterator[bool]:
    """Whether the facts of the trap hold at the end of the run, of some member if they speak of one.

    There have to be members of each family: a way to a goal may begin with one that nobody has used (`_brought`).
    """
    trap = hints.traps.get(name)
    if trap is None or trap.run != run or not all(run.start.families.values()):
        return
    scopes = [Scope(run.end)]
    for parameter in trap.parameters:
        if isinstance(parameter.type, MemberType):
            family = problem.machine.family_of(parameter.type).name
            scopes = [inner for scope in scopes for inner in scope.each(parameter.name, family)]
    yield from (bool(evaluate(conjunction(trap.facts), scope)) for scope in scopes)
