"""What a failed proof means: a run from the start that breaks the promise, or just a step that cannot be excluded.

A proof that fails says nothing about the spec by itself. Only a run that the interpreter replays is shown as a fault.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from itertools import chain
from typing import assert_never

from quiesce.kernel.batches import Batch, action_batch, start_batch, state_batch
from quiesce.kernel.disabled import impossible
from quiesce.kernel.enabled import goals_of
from quiesce.kernel.hints import Trap
from quiesce.kernel.kinds import (
    Answered,
    AnswersHandled,
    CallersWait,
    Covered,
    Enabled,
    Exclusive,
    Initial,
    Obligation,
    OffersStart,
    OffersStep,
    Precondition,
    Preserved,
    PromisedWait,
    StepKept,
    Stutters,
    Waiting,
    WaitPossible,
    WaitProgress,
)
from quiesce.kernel.problem import Problem, initial_claim, pristine_claim, unassuming
from quiesce.kernel.progress import Wait, possible_claim, wait_of_caller, wait_of_promise
from quiesce.kernel.refinement import layers_owed
from quiesce.kernel.state_goals import StateGoal
from quiesce.kernel.steps import call_parameters, covered_claim, exclusive_claim
from quiesce.kernel.totals import split
from quiesce.prove.explain.assumptions import Audit, first_broken
from quiesce.prove.results import Result, Verdict
from quiesce.prove.search.bounded import Disagreement, Found, Search, Target
from quiesce.prove.search.remembered import Runs
from quiesce.prove.search.walk import Walk, explore
from quiesce.prove.solving.answers import Answer, Check
from quiesce.prove.solving.engine import Engine
from quiesce.spec.model import (
    Accepts,
    Always,
    Answers,
    Blocks,
    Expr,
    Initially,
    LeadsTo,
    Not,
    Possible,
    Pristine,
    Promise,
    Recoverable,
    Step,
)
from quiesce.spec.rewrite import both, conjuncts
from quiesce.spec.show import show, show_arguments
from quiesce.spec.state import Run

ALLOWANCE = 60_000_000
"""What all searches of one report may cost together, in units of `rlimit`: some twenty seconds."""

NO_WAY = "no falling rank was found, and no state without a way back: add a promise that helps the proof"

CTI_MEMBERS = 2
"""Members of each family in a step that a proof could not exclude."""


class Diagnostician:
    """Looks into obligations that were not proved. The premises of the problem have to be established."""

    def __init__(self, problem: Problem, engine: Engine, depth: int) -> None:
        self._problem = problem
        self._engine = engine
        self._depth = depth
        self._traps: dict[str, Trap | None] = {}

    @cached_property
    def _runs(self) -> Runs:
        return Runs(self._problem, self._engine)

    @cached_property
    def _anywhere(self) -> Search:
        return Search(self._problem, self._engine.solver, CTI_MEMBERS, anywhere=True)

    @cached_property
    def _unassuming(self) -> "Diagnostician":
        """One for the same machine where nobody is trusted."""
        return Diagnostician(unassuming(self._problem), self._engine, self._depth)

    @cached_property
    def _audit(self) -> Audit:
        return Audit(self._problem, self._engine, self._shortest)

    def _shortest(self, target: Target) -> Found | None:
        return self._runs.shortest(target, self._depth)

    def assumed(self, obligation: Obligation, walk: Walk) -> Result:
        """The verdict on what an action assumes."""
        return self._audit.result(obligation, walk)

    def explain(self, obligation: Obligation, check: Check) -> Result:
        """Refuted with a run, or undecided with the step that stands in the way."""
        target = None if check.hopeless else target_of(self._problem, obligation)
        if not check.hopeless and self._runs.spent > ALLOWANCE:
            detail = "not proved, and not looked into: mend what is reported before it, then verify again"
            return Result(obligation, Verdict.UNKNOWN, check.rlimit, detail)
        if target is not None:
            try:
                at_once = isinstance(obligation.about, Initial)
                found = self._runs.shortest(target, 0) if at_once else self._shortest(target)
                if found is not None and self._is_genuine(obligation, found):
                    return Result(
                        obligation, Verdict.REFUTED, check.rlimit, self._sentence(obligation, target, found), found.run
                    )
                found = None if check.refused else self._anywhere.shortest(target, 1)
            except Disagreement as error:
                return Result(obligation, Verdict.ERROR, check.rlimit, str(error))
            if found is not None:
                detail = (
                    f"no run of up to {self._depth} steps breaks it, but the promises do not exclude it either: "
                    "add a promise that rules out the state below, or a guard"
                )
                return Result(
                    obligation, Verdict.UNKNOWN, check.rlimit, self._unaided(obligation, detail), cti=found.run
                )
        return Result(obligation, Verdict.UNKNOWN, check.rlimit, self._unaided(obligation, self._undecided(check)))

    def _unaided(self, obligation: Obligation, detail: str) -> str:
        """Why something is undecided, and which other promises could not help."""
        others = ((name, why) for name, why in self._problem.not_assumed.items() if name != obligation.promise)
        return "; ".join((detail, *(f"`{name}` is not used as a premise: {why}" for name, why in others)))

    def _undecided(self, check: Check) -> str:
        if check.lost:
            return f"{check.reason}: prove with --jobs 1, or allow more time with --timeout"
        if check.exhausted:
            spent = f"the solver spent its budget of {self._engine.budget:,} on this condition"
            return f"{spent}: raise --budget, or add a promise that helps the proof"
        if check.refused:
            return f"not decided: {check.reason}"
        if check.answer is Answer.UNKNOWN:
            return f"the solver gave up ({check.reason}): add a promise that helps the proof"
        return f"not proved, and no run of up to {self._depth} steps breaks it: add a promise that helps the proof"

    def _is_genuine(self, obligation: Obligation, found: Found) -> bool:
        """Whether a run that ends in a wait is a counterexample: nothing fair can happen there at all."""
        match obligation.about:
            case WaitPossible(waiting):
                return self._is_stuck(wait_of(self._problem, waiting), found.run)
            case _:
                return True

    def _is_stuck(self, wait: Wait, run: Run) -> bool:
        asked = impossible(self._problem.machine, run.end, wait.fair)
        return all(self._engine.confirms(condition) for condition in asked)

    def _sentence(self, obligation: Obligation, target: Target, found: Found) -> str:
        arguments = show_arguments(self._problem.machine, target.parameters, found.arguments)
        match obligation.about:
            case Covered(call):
                return f"no outcome applies to {call}({arguments}) in the last state"
            case Exclusive(call):
                return f"more than one outcome applies to {call}({arguments}) in the last state"
            case Answered(_, name) | Enabled(_, name):
                goal = _state_goal(self._problem, obligation)
                return f"in the last state {name}({arguments}) {goal.otherwise}"
            case Precondition() | AnswersHandled() | OffersStart() | OffersStep():
                goal = _state_goal(self._problem, obligation)
                return f"in the last state {obligation.action or 'the start'}({arguments}) {goal.otherwise}"
            case WaitPossible() | WaitProgress():
                return "in the last state none of the fair actions is possible, so the wait may last for ever"
            case _:
                return ""

    def unrecoverable(self, obligation: Obligation, check: Check, walk: Walk) -> Result:
        """The verdict on a location from which no way to the goal of a recoverable promise was proved."""
        promise = self._problem.promise(str(obligation.promise))
        if not isinstance(promise.claim, Recoverable):
            raise TypeError(f"{promise.name} is not about recovery")
        if promise.name not in self._traps:
            self._traps[promise.name] = self._trap(walk, promise.claim.goal)
        trap = self._traps[promise.name]
        if trap is not None:
            return _stuck(obligation, trap)
        detail = self._undecided(check) if check.hopeless else NO_WAY
        return Result(obligation, Verdict.UNKNOWN, check.rlimit, detail)

    def _trap(self, walk: Walk, goal: Expr) -> Trap | None:
        """A proof that the goal can become unreachable, with a shortest run that shows it."""
        from quiesce.prove.search.traps import find_trap  # noqa: PLC0415 -- loads what is seldom needed

        trap = find_trap(self._problem, self._engine.solver, walk, goal)
        if trap is None:
            return None
        found = self._runs.shortest(Target(trap.claim, trap.parameters), len(trap.run.moves))
        return trap if found is None else replace(trap, run=found.run)

    def missing(self, obligation: Obligation, target: Target | None) -> Result:
        """Something that no walk has shown: searched for, and if not found, perhaps proved impossible."""
        if target is None:
            return Result(obligation, Verdict.UNKNOWN, detail="no run that shows it was found")
        try:
            found = self._shortest(target)
        except Disagreement as error:
            return Result(obligation, Verdict.ERROR, detail=str(error))
        if found is not None:
            return Result(obligation, Verdict.PROVED, run=found.run)
        if self._impossible(target):
            return Result(obligation, Verdict.VACUOUS, detail="the promises exclude it: it can never happen")
        return Result(obligation, Verdict.UNKNOWN, detail=f"no run of up to {self._depth} steps shows it")

    def _impossible(self, target: Target) -> bool:
        """Whether the invariants, for any number of members, exclude what the target asks for."""
        if target.actions is not None:
            actions = (self._problem.machine.actions_by_name[name] for name in target.actions)
            return self._proves(action_batch(self._problem, a, [("never", Not(target.claim))]) for a in actions)
        never = Not(target.claim)
        if self._proves([state_batch(self._problem, [("never", split(never))], target.parameters)]):
            return True
        parts = dict.fromkeys([target.claim, *conjuncts(target.claim)])
        return not target.parameters and any(self._never_begins(Not(part)) for part in parts)

    def _never_begins(self, never: Expr) -> bool:
        """Whether a claim holds at the start and is kept by every action, though nobody promised it."""
        start = start_batch(self._problem, initial_claim(self._problem.machine, persistent=True), [("start", never)])
        steps = (action_batch(self._problem, action, [("kept", never)], [never]) for action in self._problem.moving)
        return self._proves([start]) and self._proves(steps)

    def _proves(self, batches: Iterable[Batch[object]]) -> bool:
        return all(check.proved for batch in batches for check in self._engine.check(batch))

    def expected(self, obligation: Obligation, promise: Promise, walk: Walk) -> tuple[Result, Trap | None]:
        """A promise that was declared false: it needs its counterexample, and a trap if it is about recovery.

        That of a promise which is false without assumptions is a run of the machine without them; `walk` is of no use.
        """
        if self._problem.trusting and not promise.assuming:
            return self._failing_unassumed(obligation, promise)
        trap = self._trap(walk, promise.claim.goal) if isinstance(promise.claim, Recoverable) else None
        try:
            run = self._breaking_run(promise, trap)
        except Disagreement as error:
            return Result(obligation, Verdict.ERROR, detail=str(error)), None
        if run is None:
            detail = f"declared false, but no run of up to {self._depth} steps breaks it"
            return Result(obligation, Verdict.UNKNOWN, detail=detail), None
        return Result(obligation, Verdict.PROVED, detail="fails as declared", run=run), trap

    def _failing_unassumed(self, obligation: Obligation, promise: Promise) -> tuple[Result, Trap | None]:
        result, trap = self._unassuming.expected(obligation, promise, self._unassuming.walk)
        if result.run is None:
            return result, trap
        broken = first_broken(self._problem.machine, result.run)
        what = "no step breaks an assumption" if broken is None else f"step {broken[0]} breaks: {broken[1].because}"
        return replace(result, detail=f"{result.detail}, where nothing is assumed; {what}"), trap

    @cached_property
    def walk(self) -> Walk:
        """A quick walk through the states of this problem."""
        return explore(self._problem)

    def _breaking_run(self, promise: Promise, trap: Trap | None) -> Run | None:
        match promise.claim:
            case Always(claim):
                found = self._shortest(Target(Not(claim)))
            case Step(claim, unless, given):
                allowed = tuple(name for name in self._problem.machine.actions_by_name if name not in unless)
                found = self._shortest(Target(Not(claim), actions=allowed, given=given))
            case LeadsTo() as claim:
                wait = wait_of_promise(claim)
                stuck = both(wait.waiting, Not(possible_claim(self._problem, wait.fair)))
                found = self._shortest(Target(stuck))
                if found is not None and not self._is_stuck(wait, found.run):
                    return None
            case Recoverable():
                return None if trap is None else trap.run
            case Pristine(released):
                found = self._shortest(Target(Not(pristine_claim(self._problem.machine, released))))
            case Initially(claim):
                found = self._runs.shortest(Target(Not(claim)), 0)
            case Answers() | Possible():
                goals = goals_of(self._problem, promise)
                searched = (self._shortest(Target(goal.broken, goal.parameters)) for goal in goals)
                found = next((one for one in searched if one is not None), None)
            case _:
                assert_never(promise.claim)
        return None if found is None else found.run


def _stuck(obligation: Obligation, trap: Trap) -> Result:
    """The verdict on a location of a promise whose goal can get lost."""
    detail = f"after this run the goal can never be reached again: {' and '.join(map(show, trap.facts))} holds for ever"
    return Result(obligation, Verdict.REFUTED, detail=detail, run=trap.run)


# --- what a counterexample is ------------------------------------------------------------------------------------


def target_of(problem: Problem, obligation: Obligation) -> Target | None:
    """What a run has to end with to break the obligation; None where no single run can."""
    match obligation.about:
        case Initial(name):
            return Target(Not(_initial_claim(problem, name)))
        case Preserved(action, name):
            claim = next(invariant.claim for invariant in problem.invariants if invariant.name == name)
            return Target(Not(claim), actions=(action,))
        case StepKept(action, name):
            step = _step(problem, name)
            return Target(Not(step.claim), actions=(action,), given=step.parameters)
        case Stutters(name):
            return _broken_stutter(problem, _step(problem, name))
        case Covered(call):
            outcomes = problem.machine.calls[call]
            return Target(Not(covered_claim(outcomes)), call_parameters(outcomes))
        case Exclusive(call):
            outcomes = problem.machine.calls[call]
            return Target(Not(exclusive_claim(outcomes)), call_parameters(outcomes))
        case Answered() | Enabled() | Precondition() | AnswersHandled() | OffersStart() | OffersStep():
            goal = _state_goal(problem, obligation)
            return Target(goal.broken, goal.parameters)
        case WaitPossible(waiting):
            wait = wait_of(problem, waiting)
            return Target(both(wait.waiting, Not(possible_claim(problem, wait.fair))), wait.parameters)
        case _:
            return None


def _state_goal(problem: Problem, obligation: Obligation) -> StateGoal:
    """What an obligation about one state and any arguments says."""
    enabled = (goal for promise in problem.machine.promises for goal in goals_of(problem, promise))
    owed = (owed.goal() for owed in layers_owed(problem) if owed.obligation == obligation)
    return next(goal for goal in chain(owed, enabled) if goal.obligation == obligation)


def _initial_claim(problem: Problem, name: str) -> Expr:
    invariants = ((invariant.name, invariant.claim) for invariant in problem.invariants)
    promised = ((promise.name, claim.claim) for promise, claim in problem.initial_promises)
    return next(claim for known, claim in chain(invariants, promised) if known == name)


def _step(problem: Problem, name: str) -> Step:
    return next(claim for promise, claim in problem.step_promises if promise.name == name)


def _broken_stutter(problem: Problem, claim: Step) -> Target | None:
    idle = tuple(
        action.name
        for action in problem.machine.actions
        if not isinstance(action.outcome, Accepts) and action.name not in claim.unless
    )
    return Target(Not(claim.claim), actions=idle) if idle else None


def wait_of(problem: Problem, waiting: Waiting) -> Wait:
    """The wait that an obligation speaks of."""
    match waiting:
        case PromisedWait(name):
            claim = problem.promise(name).claim
            if isinstance(claim, LeadsTo):
                return wait_of_promise(claim)
        case CallersWait(name):
            action = problem.machine.actions_by_name[name]
            if isinstance(action.outcome, Blocks):
                return wait_of_caller(action, action.outcome.fair)
        case _:
            assert_never(waiting)
    raise TypeError(f"{name} does not wait")
