"""Diagnosis of a failed proof: a run from the start that breaks the promise, or just a step that cannot be excluded.

A proof that fails says nothing about the spec by itself. Only a run that the interpreter replays is shown as a fault.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from typing import assert_never

from quiesce.kernel.batches import Batch, action_batch, start_batch, state_batch
from quiesce.kernel.hints import Trap
from quiesce.kernel.kinds import Obligation
from quiesce.kernel.problem import Problem, unassuming
from quiesce.kernel.rules.enabled import goals_of
from quiesce.kernel.rules.progress import possible_claim
from quiesce.kernel.rules.waits import Wait, wait_of_promise
from quiesce.kernel.subjects import Initial, WaitPossible
from quiesce.prove.attempt import Walks
from quiesce.prove.explain.assumptions import first_broken
from quiesce.prove.explain.counterexamples import excluded_step, target_of, wait_of
from quiesce.prove.explain.sentences import sentence, what_excludes, what_helps, why_never
from quiesce.prove.results import Result, Verdict
from quiesce.prove.search.bounded import BoundedSearch, Disagreement
from quiesce.prove.search.callers import call_that_waits, note_of, with_note, without_note
from quiesce.prove.search.runs import Runs
from quiesce.prove.search.search_outcomes import Cut, Found, NotFound, Outcome, Why, looked, together
from quiesce.prove.search.targets import Target
from quiesce.prove.search.waits_in_walk import none_can_happen
from quiesce.prove.search.walk import Walk
from quiesce.prove.solving.answers import Answer, Check
from quiesce.prove.solving.engine import Engine
from quiesce.spec.meaning.formulas import initial_claim, pristine_claim
from quiesce.spec.meaning.totals import split
from quiesce.spec.model import (
    Action,
    Always,
    EnabledWhere,
    Expr,
    Initially,
    LeadsTo,
    Not,
    Pristine,
    Promise,
    Recoverable,
    RefusesOrAccepts,
    Step,
)
from quiesce.spec.rewrite import both, conjuncts
from quiesce.spec.show import show
from quiesce.spec.state import Run

NO_WAY = "no falling rank was found, and no state without a way back: add a promise that helps the proof"

CTI_MEMBERS = 2
"""Members of each family in a step that a proof could not exclude."""


class Diagnostician:
    """Looks into obligations that were not proved. The premises of the problem have to be established."""

    def __init__(self, problem: Problem, engine: Engine, runs: Runs) -> None:
        self._problem = problem
        self._engine = engine
        self._runs = runs
        self._traps: dict[str, Trap | None] = {}
        self._noted: dict[str, Runs] = {}

    @cached_property
    def _anywhere(self) -> BoundedSearch:
        return BoundedSearch(self._problem, self._engine.solver, CTI_MEMBERS, anywhere=True)

    @cached_property
    def _unassuming(self) -> "tuple[Diagnostician, Walk]":
        """A diagnostician for the machine without assumptions, and a walk through the states of that machine."""
        problem = unassuming(self._problem)
        walks = Walks(problem)
        return Diagnostician(problem, self._engine, Runs(problem, self._engine, walks)), walks.quick

    def explain(self, obligation: Obligation, check: Check, rests: str | None = None) -> Result:
        """Refuted with a run, or undecided with the step that stands in the way.

        What `rests` on a premise that fell is refuted only if a run is found at little cost: mending the premise is
        what people have to do first.
        """
        target = target_of(self._problem, obligation)
        if target is None:
            return self._unknown(obligation, check, rests or self._undecided(obligation, check))
        try:
            outcome = self._broken(obligation, check, target, glance=rests is not None)
            if isinstance(outcome, Found) and self._is_genuine(obligation, outcome):
                detail = _with_remark_on_runs(sentence(self._problem, obligation, target, outcome), outcome)
                return Result(obligation, Verdict.REFUTED, check.rlimit, detail, outcome.run)
            if check.hopeless:
                detail = rests or self._undecided(obligation, check)
                return self._unknown(obligation, check, detail)
            if self._runs.exhausted:
                detail = "not proved, and not looked into: mend what is reported before it, then verify again"
                return Result(obligation, Verdict.UNKNOWN, check.rlimit, rests or detail)
            step = None if check.refused else self._not_excluded(excluded_step(self._problem, obligation, target))
            if rests is not None:
                cti = None if step is None else step.run
                return Result(obligation, Verdict.UNKNOWN, check.rlimit, rests, cti=cti)
        except Disagreement as error:
            return Result(obligation, Verdict.ERROR, check.rlimit, str(error))
        far = None if isinstance(outcome, Found) else looked(outcome, "breaks it")
        if step is not None:
            known = "" if far is None else f"{far}, but "
            either = "" if far is None else " either"
            detail = f"{known}the promises do not exclude it{either}: {what_excludes(self._problem, obligation)}"
            return self._unknown(obligation, check, detail, step.run)
        return self._unknown(obligation, check, self._undecided(obligation, check, far))

    def _not_excluded(self, wanted: Target | None) -> Found | None:
        """A step from a state that the premises allow, which a proof would have to exclude; None if none was found."""
        if wanted is None:
            return None
        outcome = self._anywhere.shortest(wanted, 1, self._engine.effort.budget)
        return outcome if isinstance(outcome, Found) else None

    def _broken(self, obligation: Obligation, check: Check, target: Target, *, glance: bool) -> Outcome:
        """A run that breaks an obligation. Where the solver has spent what it has, only the walk is looked at."""
        call = call_that_waits(self._problem, obligation.about)
        if call is None:
            return self._looked_for(self._runs, obligation, check, target, glance=glance)
        noted = replace(target, claim=both(note_of(call), target.claim))
        outcome = self._looked_for(self._with_note(call), obligation, check, noted, glance=glance)
        return replace(outcome, run=without_note(call, outcome.run)) if isinstance(outcome, Found) else outcome

    def _with_note(self, call: Action) -> Runs:
        """Runs of the machine that notes where a caller waits: elsewhere nobody has to be answered."""
        if call.name not in self._noted:
            problem = with_note(self._problem, call)
            self._noted[call.name] = Runs(problem, self._engine, Walks(problem))
        return self._noted[call.name]

    def _looked_for(self, runs: Runs, obligation: Obligation, check: Check, target: Target, *, glance: bool) -> Outcome:
        depth = 0 if isinstance(obligation.about, Initial) else None
        if glance and depth is None and not check.hopeless:
            return runs.glance(target) or Cut((), Why.SEARCHES)
        if check.hopeless or runs.exhausted:
            return runs.seen(target, depth) or Cut((), Why.SEARCHES)
        return runs.find(target, depth)

    def _unknown(self, obligation: Obligation, check: Check, detail: str, cti: Run | None = None) -> Result:
        return Result(obligation, Verdict.UNKNOWN, check.rlimit, self._unaided(obligation, detail), cti=cti)

    def _unaided(self, obligation: Obligation, detail: str) -> str:
        """The reason why an obligation is undecided, and which other promises could not help."""
        others = ((name, why) for name, why in self._problem.not_assumed.items() if name != obligation.promise)
        return "; ".join((detail, *(f"`{name}` is not used as a premise: {why}" for name, why in others)))

    def _undecided(self, obligation: Obligation, check: Check, far: str | None = None) -> str:
        helps = what_helps(self._problem, obligation)
        if check.lost:
            return f"{check.reason}: prove with --jobs 1, or allow more time with --timeout"
        if check.exhausted:
            spent = f"the solver spent its budget of {self._engine.effort.budget:,} on this condition"
            return f"{spent}: raise --budget, or {helps}"
        if check.refused:
            return f"not decided: {check.reason}"
        if check.answer is Answer.UNKNOWN:
            return f"the solver gave up ({check.reason}): {helps}"
        known = "not proved" if far is None else f"not proved, and {far}"
        return f"{known}: {helps}"

    def _is_genuine(self, obligation: Obligation, found: Found) -> bool:
        """Whether a run that ends in a wait is a counterexample: nothing fair can happen there at all."""
        match obligation.about:
            case WaitPossible(waiting):
                return self._is_stuck(wait_of(self._problem, waiting), found.run)
            case _:
                return True

    def _is_stuck(self, wait: Wait, run: Run) -> bool:
        return none_can_happen(self._problem.machine, run.end, wait.fair, self._engine.solver)

    def unrecoverable(self, obligation: Obligation, check: Check, walk: Walk) -> Result:
        """The verdict on a location from which no way to the goal of a recoverable promise was proved."""
        promise = self._problem.promise(str(obligation.promise))
        if not isinstance(promise.claim, Recoverable):
            raise TypeError(f"{promise.name} is not about recovery")
        if promise.name not in self._traps:
            self._traps[promise.name] = self._trap(walk, promise.claim.goal)
        trap = self._traps[promise.name]
        if trap is not None:
            return _verdict_on_lost_goal(obligation, trap)
        detail = self._undecided(obligation, check) if check.hopeless else NO_WAY
        return Result(obligation, Verdict.UNKNOWN, check.rlimit, detail)

    def _trap(self, walk: Walk, goal: Expr) -> Trap | None:
        """A proof that the goal can become unreachable, with a shortest run that shows it."""
        from quiesce.prove.search.traps import find_trap  # noqa: PLC0415 -- loads what is seldom needed

        trap = find_trap(self._problem, self._engine.solver, walk, goal, self._engine.effort.traps)
        if trap is None:
            return None
        found = self._runs.find(Target(trap.claim, trap.parameters), len(trap.run.moves))
        return replace(trap, run=found.run) if isinstance(found, Found) else trap

    def missing(self, obligation: Obligation, target: Target | None) -> Result:
        """The result on a witness that no walk has shown: found by a search, or perhaps proved impossible."""
        if target is None:
            return Result(obligation, Verdict.UNKNOWN, detail=looked(Cut((), Why.VALUES), "shows it"))
        try:
            outcome = self._runs.any(target)
        except Disagreement as error:
            return Result(obligation, Verdict.ERROR, detail=str(error))
        if isinstance(outcome, Found):
            return Result(obligation, Verdict.PROVED, run=outcome.run)
        if self._impossible(target):
            return Result(obligation, Verdict.VACUOUS, detail=why_never(self._problem, obligation, target))
        return Result(obligation, Verdict.UNKNOWN, detail=looked(outcome, "shows it"))

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
            outcome = self._breaking(promise, trap)
        except Disagreement as error:
            return Result(obligation, Verdict.ERROR, detail=str(error)), None
        if isinstance(outcome, Found):
            detail = _with_remark_on_runs("fails as declared", outcome)
            return Result(obligation, Verdict.PROVED, detail=detail, run=outcome.run), trap
        detail = f"declared false, but {outcome if isinstance(outcome, str) else looked(outcome, 'breaks it')}"
        return Result(obligation, Verdict.UNKNOWN, detail=detail), None

    def _failing_unassumed(self, obligation: Obligation, promise: Promise) -> tuple[Result, Trap | None]:
        unassuming_one, walk = self._unassuming
        result, trap = unassuming_one.expected(obligation, promise, walk)
        if result.run is None:
            return result, trap
        broken = first_broken(self._problem.machine, result.run)
        if broken is None:
            detail = "no step of its run breaks an assumption: it is false where all is assumed, too; say `refuted`"
            return replace(result, verdict=Verdict.REFUTED, detail=detail), None
        what = f"step {broken[0]} breaks: {broken[1].because}"
        return replace(result, detail=f"{result.detail}, where nothing is assumed; {what}"), trap

    def _breaking(self, promise: Promise, trap: Trap | None) -> Found | NotFound | str:
        """The end of a search for a run that breaks a promise, or in words what is known instead."""
        match promise.claim:
            case Always(claim):
                return self._runs.find(Target(Not(claim)))
            case Step(claim, unless, given):
                allowed = tuple(name for name in self._problem.machine.actions_by_name if name not in unless)
                return self._runs.find(Target(Not(claim), actions=allowed, given=given))
            case LeadsTo() as claim:
                wait = wait_of_promise(claim)
                stuck = both(wait.waiting, Not(possible_claim(self._problem, wait.fair)))
                outcome = self._runs.find(Target(stuck))
                if isinstance(outcome, Found) and not self._is_stuck(wait, outcome.run):
                    return "the run that seems to break it can go on"
                return outcome
            case Recoverable():
                # A trap is a proof, and its run a shortest one as far as that was looked for.
                return "no state without a way back is proved" if trap is None else Found(trap.run, {}, shortest=True)
            case Pristine(released):
                return self._runs.find(Target(Not(pristine_claim(self._problem.machine, released))))
            case Initially(claim):
                return self._runs.find(Target(Not(claim)), 0)
            case RefusesOrAccepts() | EnabledWhere():
                goals = goals_of(self._problem, promise)
                return self._first(Target(goal.broken, goal.parameters) for goal in goals)
            case _:
                assert_never(promise.claim)

    def _first(self, targets: Iterable[Target]) -> Outcome:
        """The first run that is found to some target, or how far was looked for all of them."""
        missed: list[NotFound] = []
        for target in targets:
            outcome = self._runs.find(target)
            if isinstance(outcome, Found):
                return outcome
            missed.append(outcome)
        return together(missed)


def _with_remark_on_runs(sentence: str, found: Found) -> str:
    """The sentence, with a remark if shorter runs may do the same."""
    remark = "" if found.shortest else "a shorter run was not excluded"
    return "; ".join(part for part in (sentence, remark) if part)


def _verdict_on_lost_goal(obligation: Obligation, trap: Trap) -> Result:
    """The verdict on a location of a promise whose goal can get lost."""
    detail = f"after this run the goal can never be reached again: {' and '.join(map(show, trap.facts))} holds for ever"
    return Result(obligation, Verdict.REFUTED, detail=detail, run=trap.run)
