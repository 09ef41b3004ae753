"""The prover: every obligation of a machine gets a verdict."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import TypeAlias

from quiesce.prove.claims import Problem, parameter_claims, problem_of
from quiesce.prove.conditions import framed, idle_batch, inert_batches, invariant_batches, step_batches, total_batches
from quiesce.prove.diagnosis import Diagnostician, stuck
from quiesce.prove.explore import Walk, explore
from quiesce.prove.futures import (
    Wait,
    descent_batch,
    possible_claim,
    progress_batch,
    wait_of_caller,
    wait_of_promise,
    waiting_states,
)
from quiesce.prove.obligations import location_name, obligations
from quiesce.prove.queries import Batch, state_batch
from quiesce.prove.ranks import Guess, Guesser, Rank
from quiesce.prove.results import Location, Obligation, Report, Result, Verdict
from quiesce.prove.search import DEPTH
from quiesce.prove.solver import DEFAULT_BUDGET, Check, Solver
from quiesce.prove.totals import split
from quiesce.prove.witnesses import wanted
from quiesce.spec.model import Blocks, Expr, LeadsTo, Machine, Recoverable
from quiesce.spec.show import show

GUESSES = 8
"""How many ranks are tried before a promise about the future is given up."""


@dataclass(frozen=True, slots=True)
class Options:
    """How hard to try: the solver's `rlimit` for one condition, and the longest counterexample looked for, in steps."""

    budget: int = DEFAULT_BUDGET
    depth: int = DEPTH
    seed: int = 0


Finding: TypeAlias = tuple[str, Result | Check]
"""The id of an obligation with its result, or with the solver's answer where that decides it alone."""


def verify(machine: Machine, options: Options | None = None, progress: Callable[[str], None] | None = None) -> Report:
    """Prove or refute every obligation of `machine`.

    `progress` is told the name of each stage as it begins. Each obligation is answered exactly once: what could not be
    decided is `unknown`; what this program has no answer for is an `error`.
    """
    attempt = _Attempt(problem_of(machine), options or Options())
    results = {o.id: Result(o, Verdict.ERROR, detail="no answer was found") for o in obligations(attempt.problem)}
    for stage, work in attempt.stages():
        if progress is not None:
            progress(stage)
        for name, finding in work(results):
            obligation = results[name].obligation
            results[name] = finding if isinstance(finding, Result) else attempt.judge(obligation, finding)
    return Report(machine, tuple(results.values()))


class _Attempt:
    """One attempt at all obligations of a machine, with one solver."""

    def __init__(self, problem: Problem, options: Options) -> None:
        self.problem = problem
        self._options = options
        self._solver = Solver(options.budget, options.seed)

    @cached_property
    def _walk(self) -> Walk:
        return explore(self.problem)

    @cached_property
    def _guesser(self) -> Guesser:
        return Guesser(self.problem, self._walk)

    @cached_property
    def _thorough_guesser(self) -> Guesser:
        return Guesser(self.problem, explore(self.problem, thorough=True))

    @cached_property
    def _diagnostician(self) -> Diagnostician:
        return Diagnostician(self.problem, self._solver, self._options.depth)

    def stages(self) -> tuple[tuple[str, Callable[[dict[str, Result]], Iterator[Finding]]], ...]:
        """The parts of the work, in order; each is given the results so far."""
        return (
            ("requirements", self._carried),
            ("steps", self._conditions),
            ("ends", self._ends),
            ("recovery", self._recovery),
            ("witnesses", self._witnesses),
            ("expected failures", self._expected_failures),
        )

    def judge(self, obligation: Obligation, check: Check) -> Result:
        """The result that the solver's answer amounts to; a failed proof is looked into."""
        if check.proved:
            return Result(obligation, Verdict.PROVED, check.rlimit)
        return self._diagnostician.explain(obligation, check)

    # --- stages ---

    def _carried(self, results: dict[str, Result]) -> Iterator[Finding]:
        machine = self.problem.machine
        carrying = {name for action in machine.actions for name in action.satisfies}
        carrying |= {name for promise in machine.promises for name in promise.satisfies}
        for requirement in machine.requirements:
            name = f"carried/{requirement.id}"
            found = requirement.id in carrying
            detail = "" if found else "no action and no promise satisfies this requirement"
            yield name, Result(results[name].obligation, Verdict.PROVED if found else Verdict.VACUOUS, detail=detail)

    def _conditions(self, results: dict[str, Result]) -> Iterator[Finding]:
        batches = (
            *invariant_batches(self.problem),
            idle_batch(self.problem),
            *step_batches(self.problem),
            *total_batches(self.problem),
            *inert_batches(self.problem),
        )
        answered: dict[str, Check] = {}
        for batch in batches:
            answered.update(self._check(batch))
        yield from answered.items()
        for name, answering in framed(self.problem):
            obligation = results[name].obligation
            reference = None if answering is None else answered.get(answering)
            if answering is None or (reference is not None and reference.proved):
                yield name, Result(obligation, Verdict.PROVED, detail="the action does not touch what it speaks of")
            else:
                yield name, Result(obligation, Verdict.UNKNOWN, detail=f"answered by {answering}")

    def _check(self, batch: Batch) -> Iterator[tuple[str, Check]]:
        """Answers for each goal of a batch."""
        for (name, _), check in zip(batch.goals, self._solver.check(batch), strict=True):
            yield name, check

    def _ends(self, results: dict[str, Result]) -> Iterator[Finding]:
        waits = dict(self._waits())
        for name, wait in waits.items():
            known = tuple(parameter_claims(self.problem.machine, wait.parameters))
            goal = (f"leads to/{name}/possible", split(possible_claim(self.problem, wait.fair)))
            yield from self._check(state_batch(self.problem, [goal], wait.parameters, (*known, wait.waiting)))
        guesses = {name: self._ranks_for(wait) for name, wait in waits.items()}
        tried: dict[str, Rank] = {}
        answers: dict[str, dict[str, Check]] = {}
        while guesses:
            trying = {name: rank for name, ranks in guesses.items() if (rank := next(ranks, None)) is not None}
            tried |= trying
            answers |= self._progress({name: (waits[name], rank) for name, rank in trying.items()})
            guesses = {name: guesses[name] for name in trying if not _all_proved(answers[name].values())}
        for name, found in answers.items():
            for id_, answer in found.items():
                result = self.judge(results[id_].obligation, answer)
                yield id_, replace(result, detail=result.detail or _falling(tried[name]))

    def _waits(self) -> Iterator[tuple[str, Wait]]:
        machine = self.problem.machine
        for promise in machine.promises:
            if promise.holds and isinstance(promise.claim, LeadsTo):
                yield promise.name, wait_of_promise(promise.claim)
        for action in machine.actions:
            if isinstance(action.outcome, Blocks):
                yield f"wait for {action.name}", wait_of_caller(action, action.outcome.fair)

    def _progress(self, waits: dict[str, tuple[Wait, Rank]]) -> dict[str, dict[str, Check]]:
        """For each wait, the answers to the conditions that its rank has to meet."""
        answers: dict[str, dict[str, Check]] = {name: {} for name in waits}
        for action in self.problem.moving if waits else ():
            ids = {
                f"leads to/{name}/{action.name} {'lowers' if action.name in wait.fair else 'keeps'}": name
                for name, (wait, _) in waits.items()
            }
            batch = progress_batch(self.problem, action, [(id_, *waits[name]) for id_, name in ids.items()])
            for id_, answer in self._check(batch):
                answers[ids[id_]][id_] = answer
        return answers

    def _ranks_for(self, wait: Wait) -> Iterator[Rank]:
        """A few ranks to try, those from a thorough walk last; the empty one if nothing better is known."""
        found = False
        for guesser in self._guessers():
            inside = waiting_states(self.problem, wait, guesser.walk)
            for rank in islice(guesser.ends(inside, wait.fair), GUESSES):
                found = True
                yield rank
        if not found:
            yield ()

    def _guessers(self) -> Iterator[Guesser]:
        yield self._guesser
        yield self._thorough_guesser

    def _recovery(self, results: dict[str, Result]) -> Iterator[Finding]:
        for promise in self.problem.machine.promises:
            if promise.holds and isinstance(promise.claim, Recoverable):
                yield from self._recoverable(promise.name, promise.claim.goal, results)

    def _recoverable(self, name: str, goal: Expr, results: dict[str, Result]) -> Iterator[Finding]:
        """Settle one location after the other, until no more can be settled."""
        settled: list[Location] = []
        pending = list(self.problem.locations)
        for guesser in self._guessers():
            progress = bool(pending)
            while progress:
                found = {location: self._descent(guesser, name, goal, location, settled) for location in pending}
                proved = {location: result for location, result in found.items() if result is not None}
                for location, (guess, check) in proved.items():
                    id_ = f"recoverable/{name}/{location_name(location)}"
                    detail = _falling(guess.rank)
                    yield id_, Result(results[id_].obligation, Verdict.PROVED, check.rlimit, detail)
                settled.extend(proved)
                pending = [location for location in pending if location not in proved]
                progress = bool(proved and pending)
            if not pending:
                return
        trap = self._diagnostician.trap(self._walk, goal)
        for location in pending:
            id_ = f"recoverable/{name}/{location_name(location)}"
            yield id_, stuck(results[id_].obligation, trap)

    def _descent(
        self, guesser: Guesser, name: str, goal: Expr, location: Location, settled: Collection[Location]
    ) -> tuple[Guess, Check] | None:
        """A rank for one location that the solver confirms."""
        for guess in islice(guesser.descents(guesser.where(goal), location, settled), GUESSES):
            check = self._solver.check(descent_batch(self.problem, name, goal, location, guess, settled))[0]
            if check.proved:
                return guess, check
        return None

    def _witnesses(self, results: dict[str, Result]) -> Iterator[Finding]:
        for item in wanted(self.problem):
            run = item.shown(self._walk)
            obligation = results[item.id].obligation
            if run is not None:
                yield item.id, Result(obligation, Verdict.PROVED, run=run)
            else:
                yield item.id, self._diagnostician.missing(obligation, item.target)

    def _expected_failures(self, results: dict[str, Result]) -> Iterator[Finding]:
        for promise in self.problem.machine.promises:
            if not promise.holds:
                name = f"fails/{promise.name}"
                yield name, self._diagnostician.expected(results[name].obligation, promise, self._walk)


def _all_proved(answers: Iterable[Check]) -> bool:
    return all(answer.proved for answer in answers)


def _falling(rank: Rank) -> str:
    return f"falls: ({', '.join(show(part) for part in rank)})" if rank else ""
