"""Runs that show that things can happen: every action, every branch, every value, every premise."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TypeAlias

from quiesce.kernel.plan import Plan
from quiesce.kernel.rules.vacuity import Situation, reachable_values
from quiesce.kernel.subjects import BranchTaken, Happens, Subject
from quiesce.prove.search.targets import Target
from quiesce.prove.search.walk import Step, Walk
from quiesce.spec.interpreter import NotEnabled, holds, step_with_branches, unused_member
from quiesce.spec.interpreter import step as after_step
from quiesce.spec.model import TRUE, Expr, If, Machine, MemberType, Same
from quiesce.spec.parts_of_actions import branches
from quiesce.spec.record import record
from quiesce.spec.rewrite import walk as parts_of
from quiesce.spec.state import Move, Run, State

Shows: TypeAlias = Callable[[Walk], Run | None]
"""A run of a walk that shows something, if it has one."""


@record
class Wanted:
    """A witness to show: how to find it in a walk, and the target of a search if the walk missed it.

    Where `target` is None, only a walk can show it.
    """

    about: Subject
    shown: Shows
    target: Target | None


def wanted(plan: Plan) -> Iterator[Wanted]:
    """The wanted run of each witness obligation."""
    machine = plan.problem.machine
    for action in machine.actions:
        yield Wanted(Happens(action.name), _shows_action(action.name), Target(TRUE, actions=(action.name,)))
        for number, branch, taken in branches(action):
            about = BranchTaken(action.name, number, taken)
            yield Wanted(about, _shows_branch(action.name, branch, taken=taken), None)
    for value in reachable_values(machine):
        yield Wanted(value.about, _shows_claim(value.claim), Target(value.claim))
    for situation in plan.situations.values():
        target = Target(situation.claim, actions=situation.actions, given=situation.given)
        tells_apart = any(isinstance(part, Same) for part in parts_of(situation.claim))
        shown = _run_beside_others(situation) if tells_apart else _shows_situation(situation)
        yield Wanted(situation.about, shown, target)


def _shows_claim(claim: Expr) -> Shows:
    def shown(walk: Walk) -> Run | None:
        found = next((number for number, state in enumerate(walk.states) if holds(claim, state)), None)
        return None if found is None else walk.run_to(found)

    return shown


def _shows_action(action: str) -> Shows:
    return lambda walk: _first_telling_step(walk, lambda step: step.action == action)


def _shows_branch(action: str, branch: If, *, taken: bool) -> Shows:
    """A run that ends with this arm; that of a loop may be taken only of a member to which nothing was done."""

    def shown(walk: Walk) -> Run | None:
        found = _first_telling_step(walk, lambda step: (branch.span, taken) in step.branches)
        return found or next(beside_others(walk), None)

    def beside_others(walk: Walk) -> Iterator[Run]:
        machine = walk.problem.machine
        for taken_step in walk.steps if machine.families else ():
            if taken_step.action == action:
                run = _with_unused_members(machine, walk.run_through(taken_step))
                if run is not None:
                    last = run.moves[-1]
                    _, branches = step_with_branches(
                        machine, run.states[-2], machine.actions_by_name[action], last.arguments
                    )
                    if (branch.span, taken) in branches:
                        yield run

    return shown


def _shows_situation(situation: Situation) -> Shows:
    """A run that ends with a telling step if there is one, with any step otherwise, and at worst a start."""
    claim, given = situation.claim, situation.given

    def shown(walk: Walk) -> Run | None:
        first: Step | None = None
        seen: set[tuple[int, int]] = set()
        for step in walk.steps:
            if situation.actions is not None and step.action not in situation.actions:
                continue
            if not given:  # then nothing but the two states counts
                if (step.before, step.after) in seen:
                    continue
                seen.add((step.before, step.after))
            before, after = walk.states[step.before], walk.states[step.after]
            if holds(claim, after, before, given, step.arguments):
                if holds(situation.telling, after, before):
                    return walk.run_through(step)
                first = first or step
        if first is not None:
            return walk.run_through(first)
        return _shows_claim(claim)(walk) if situation.actions is None else None

    return shown


def _run_beside_others(situation: Situation) -> Shows:
    """A run in which there are more members of each family: a walk makes do with few.

    Nothing is done to one more member, or the same as to the others, until the last step.
    """

    def shown(walk: Walk) -> Run | None:
        taken = [step for step in walk.steps if situation.actions is None or step.action in situation.actions]
        for step in taken:
            for more in (_with_unused_members, _with_twins):
                run = more(walk.problem.machine, walk.run_through(step))
                if run is not None and _is_situation_met(situation, run):
                    return run
        return None

    return shown


def _with_unused_members(machine: Machine, run: Run) -> Run | None:
    """The same run with one more member in each family; None if it cannot be taken then."""
    unused = {family.name: unused_member(family) for family in machine.families}
    state = start = State(run.start.scalars, {name: (*run.start.families[name], unused[name]) for name in unused})
    moves: list[Move] = []
    for move in run.moves:
        try:
            state = after_step(machine, state, machine.actions_by_name[move.action], move.arguments)
        except NotEnabled:
            return None
        moves.append(Move(move.action, move.arguments, state))
    return Run(start, tuple(moves))


def _with_twins(machine: Machine, run: Run) -> Run | None:
    """The same run with a twin of each member, to which is done what is done to the member; None if it cannot be taken.

    The last step leaves the twins alone, and so does every other one that cannot be taken once more.
    """
    members = run.start.families
    state = start = State(run.start.scalars, {name: (*found, *found) for name, found in members.items()})
    moves: list[Move] = []
    for number, move in enumerate(run.moves, 1):
        action = machine.actions_by_name[move.action]
        own = {p.name: machine.family_of(p.type).name for p in action.parameters if isinstance(p.type, MemberType)}
        twins = {name: int(move.arguments[name]) + len(members[family]) for name, family in own.items()}
        try:
            state = after_step(machine, state, action, move.arguments)
        except NotEnabled:
            return None
        moves.append(Move(move.action, move.arguments, state))
        if twins and number < len(run.moves):
            arguments = {**move.arguments, **twins}
            with suppress(NotEnabled):
                state = after_step(machine, state, action, arguments)
                moves.append(Move(move.action, arguments, state))
    return Run(start, tuple(moves))


def _is_situation_met(situation: Situation, run: Run) -> bool:
    before, arguments = run.states[-2], run.moves[-1].arguments
    return holds(situation.claim, run.end, before, situation.given, arguments)


def _first_telling_step(walk: Walk, is_it: Callable[[Step], bool]) -> Run | None:
    return next((walk.run_through(step) for step in walk.steps if is_it(step)), None)
