"""What a failed proof means: a run from the start that breaks the promise, or just a step that cannot be excluded.

A proof that fails says nothing about the spec by itself. Only a run that the interpreter replays is shown as a fault.
"""

from dataclasses import replace
from functools import cached_property

from quiesce.prove.claims import Problem
from quiesce.prove.conditions import call_parameters, covered_claim, exclusive_claim
from quiesce.prove.deadlock import is_dead
from quiesce.prove.explore import Walk
from quiesce.prove.futures import Wait, possible_claim, wait_of_caller, wait_of_promise
from quiesce.prove.queries import action_batch, state_batch
from quiesce.prove.results import Kind, Obligation, Result, Verdict
from quiesce.prove.search import Disagreement, Found, Search, Target
from quiesce.prove.solver import Answer, Check, Solver
from quiesce.prove.totals import split
from quiesce.prove.trap import Trap, find_trap
from quiesce.spec.model import (
    Accepts,
    Always,
    Blocks,
    Expr,
    LeadsTo,
    Not,
    Pristine,
    Promise,
    Recoverable,
    Step,
)
from quiesce.spec.rewrite import both
from quiesce.spec.show import show, show_arguments
from quiesce.spec.state import Run

ALLOWANCE = 60_000_000
"""What all searches of one report may cost together, in units of `rlimit`: some twenty seconds."""

CTI_MEMBERS = 2
"""Members of each family in a step that a proof could not exclude."""


class Diagnostician:
    """Looks into obligations that were not proved."""

    def __init__(self, problem: Problem, solver: Solver, depth: int) -> None:
        self._problem = problem
        self._solver = solver
        self._depth = depth

    @cached_property
    def _search(self) -> Search:
        return Search(self._problem, self._solver)

    @cached_property
    def _anywhere(self) -> Search:
        return Search(self._problem, self._solver, CTI_MEMBERS, anywhere=True)

    def explain(self, obligation: Obligation, check: Check) -> Result:
        """Refuted with a run, or undecided with the step that stands in the way."""
        target = target_of(self._problem, obligation)
        if self._search.spent > ALLOWANCE:
            detail = "not proved, and not looked into: mend what is reported before it, then verify again"
            return Result(obligation, Verdict.UNKNOWN, check.rlimit, detail)
        if target is not None and not check.exhausted:
            try:
                found = self._search.shortest(target, self._depth)
                if found is not None and self._is_genuine(obligation, found):
                    return Result(
                        obligation, Verdict.REFUTED, check.rlimit, self._sentence(obligation, target, found), found.run
                    )
                found = self._anywhere.shortest(target, 1)
            except Disagreement as error:
                return Result(obligation, Verdict.ERROR, check.rlimit, str(error))
            if found is not None:
                detail = (
                    f"no run of up to {self._depth} steps breaks it, but the promises do not exclude it either: "
                    "add a promise that rules out the state below, or a guard"
                )
                return Result(obligation, Verdict.UNKNOWN, check.rlimit, detail, cti=found.run)
        return Result(obligation, Verdict.UNKNOWN, check.rlimit, self._undecided(check))

    def _undecided(self, check: Check) -> str:
        if check.exhausted:
            return "the solver spent its budget: raise --budget, or add a promise that helps the proof"
        if check.answer is Answer.UNKNOWN:
            return f"the solver gave up ({check.reason}): add a promise that helps the proof"
        return f"not proved, and no run of up to {self._depth} steps breaks it: add a promise that helps the proof"

    def _is_genuine(self, obligation: Obligation, found: Found) -> bool:
        """Whether a run that ends in a wait is a counterexample: nothing fair can happen there at all."""
        return obligation.kind is not Kind.LEADS_TO or self._is_stuck(wait_of(self._problem, obligation), found.run)

    def _is_stuck(self, wait: Wait, run: Run) -> bool:
        machine = self._problem.machine
        fair = (machine.actions_by_name[name] for name in wait.fair)
        moving = [action for action in fair if isinstance(action.outcome, Accepts)]
        return is_dead(machine, self._solver, run.end, moving)

    def _sentence(self, obligation: Obligation, target: Target, found: Found) -> str:
        machine = self._problem.machine
        match obligation.kind:
            case Kind.TOTAL:
                _, name, which = obligation.id.split("/")
                arguments = show_arguments(machine, target.parameters, found.arguments)
                wrong = "no outcome applies" if which == "covered" else "more than one outcome applies"
                return f"{wrong} to {name}({arguments}) in the last state"
            case Kind.LEADS_TO:
                return "in the last state none of the fair actions is possible, so the wait may last for ever"
            case _:
                return ""

    def trap(self, walk: Walk, goal: Expr) -> Trap | None:
        """A proof that the goal can become unreachable, with a shortest run that shows it."""
        trap = find_trap(self._problem, self._solver, walk, goal)
        if trap is None:
            return None
        found = self._search.shortest(Target(trap.claim, trap.parameters), len(trap.run.moves))
        return trap if found is None else replace(trap, run=found.run)

    def missing(self, obligation: Obligation, target: Target | None) -> Result:
        """Something that no walk has shown: searched for, and if not found, perhaps proved impossible."""
        if target is None:
            return Result(obligation, Verdict.UNKNOWN, detail="no run that shows it was found")
        try:
            found = self._search.shortest(target, self._depth)
        except Disagreement as error:
            return Result(obligation, Verdict.ERROR, detail=str(error))
        if found is not None:
            return Result(obligation, Verdict.PROVED, run=found.run)
        if self._impossible(target):
            return Result(obligation, Verdict.VACUOUS, detail="the promises exclude it: it can never happen")
        return Result(obligation, Verdict.UNKNOWN, detail=f"no run of up to {self._depth} steps shows it")

    def _impossible(self, target: Target) -> bool:
        """Whether the invariants, for any number of members, exclude what the target asks for."""
        if target.actions is None:
            batches = [state_batch(self._problem, [("never", Not(split(target.claim)))], target.parameters)]
        else:
            actions = (self._problem.machine.actions_by_name[name] for name in target.actions)
            batches = [action_batch(self._problem, action, [("never", Not(target.claim))]) for action in actions]
        return all(check.proved for batch in batches for check in self._solver.check(batch))

    def expected(self, obligation: Obligation, promise: Promise, walk: Walk) -> Result:
        """A promise that was declared false: it needs its counterexample."""
        try:
            run = self._breaking_run(promise, walk)
        except Disagreement as error:
            return Result(obligation, Verdict.ERROR, detail=str(error))
        if run is None:
            detail = f"declared false, but no run of up to {self._depth} steps breaks it"
            return Result(obligation, Verdict.UNKNOWN, detail=detail)
        return Result(obligation, Verdict.PROVED, detail="fails as declared", run=run)

    def _breaking_run(self, promise: Promise, walk: Walk) -> Run | None:
        match promise.claim:
            case Always(claim):
                found = self._search.shortest(Target(Not(claim)), self._depth)
            case Step(claim, unless):
                allowed = tuple(name for name in self._problem.machine.actions_by_name if name not in unless)
                found = self._search.shortest(Target(Not(claim), actions=allowed), self._depth)
            case LeadsTo() as claim:
                wait = wait_of_promise(claim)
                stuck = both(wait.waiting, Not(possible_claim(self._problem, wait.fair)))
                found = self._search.shortest(Target(stuck), self._depth)
                if found is not None and not self._is_stuck(wait, found.run):
                    return None
            case Recoverable(goal):
                trap = self.trap(walk, goal)
                return None if trap is None else trap.run
            case Pristine():
                raise TypeError("a pristine promise cannot be declared false")
        return None if found is None else found.run


def stuck(obligation: Obligation, trap: Trap | None) -> Result:
    """The verdict on a location from which no way to the goal was proved."""
    if trap is None:
        return Result(obligation, Verdict.UNKNOWN, detail="no falling rank was found, and no state without a way back")
    detail = f"after this run the goal can never be reached again: {' and '.join(map(show, trap.facts))} holds for ever"
    return Result(obligation, Verdict.REFUTED, detail=detail, run=trap.run)


# --- what a counterexample is ------------------------------------------------------------------------------------


def target_of(problem: Problem, obligation: Obligation) -> Target | None:
    """What a run has to end with to break the obligation; None where no single run can."""
    match obligation.kind:
        case Kind.START | Kind.STEP | Kind.PRISTINE:
            broken = Not(next(i.claim for i in problem.invariants if i.name == obligation.promise))
            return Target(broken, actions=None if obligation.action is None else (obligation.action,))
        case Kind.STEP_PROMISE:
            return _broken_step(problem, obligation)
        case Kind.TOTAL:
            _, name, which = obligation.id.split("/")
            outcomes = problem.machine.calls[name]
            claim = covered_claim(outcomes) if which == "covered" else exclusive_claim(outcomes)
            return Target(Not(claim), call_parameters(outcomes))
        case Kind.LEADS_TO if obligation.id.endswith("/possible"):
            wait = wait_of(problem, obligation)
            return Target(both(wait.waiting, Not(possible_claim(problem, wait.fair))), wait.parameters)
        case _:
            return None


def _broken_step(problem: Problem, obligation: Obligation) -> Target | None:
    claim = next(claim for promise, claim in problem.step_promises if promise.name == obligation.promise)
    if obligation.action is not None:
        return Target(Not(claim.claim), actions=(obligation.action,))
    idle = tuple(
        action.name
        for action in problem.machine.actions
        if not isinstance(action.outcome, Accepts) and action.name not in claim.unless
    )
    return Target(Not(claim.claim), actions=idle) if idle else None


def wait_of(problem: Problem, obligation: Obligation) -> Wait:
    """The wait that an obligation of kind `leads to` is about."""
    if obligation.promise is not None:
        claim = next(promise.claim for promise in problem.machine.promises if promise.name == obligation.promise)
        if isinstance(claim, LeadsTo):
            return wait_of_promise(claim)
    _, name, _ = obligation.id.split("/")
    action = problem.machine.actions_by_name[name.removeprefix("wait for ")]
    if not isinstance(action.outcome, Blocks):
        raise TypeError(f"{action.name} does not block")
    return wait_of_caller(action, action.outcome.fair)
