"""One attempt to prove everything of a problem by a solver: steps, waits and recovery, with guessed ranks."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice

from quiesce.kernel.batches import Batch, Condition
from quiesce.kernel.hints import Descent, Hints, Rank
from quiesce.kernel.plan import Plan
from quiesce.kernel.problem import Problem
from quiesce.kernel.rules.induction import induction_batches
from quiesce.kernel.rules.steps import framed
from quiesce.kernel.rules.waits import Wait
from quiesce.kernel.subjects import (
    Initial,
    Location,
    Preserved,
    StepKept,
    Stutters,
    Subject,
    Waiting,
    WaitProgress,
    WayDown,
)
from quiesce.prove.search.ranks import Guesser
from quiesce.prove.search.waits_in_walk import waiting_states
from quiesce.prove.search.walk import Walk, explore
from quiesce.prove.solving.answers import Answer, Check
from quiesce.prove.solving.engine import Asking
from quiesce.spec.model import Expr, Recoverable
from quiesce.spec.record import record

GUESSES = 8
"""How many ranks are tried before a promise about the future is given up."""

NO_RANK = Check(Answer.UNKNOWN, 0, "no falling rank was found")
"""The answer where nothing is left to ask a solver."""


@record
class Walks:
    """Walks through a few states of a problem, from which ranks and helpers are guessed. Made when first asked for."""

    problem: Problem

    @cached_property
    def quick(self) -> Walk:
        """A short walk, which is often enough."""
        return explore(self.problem)

    @cached_property
    def thorough(self) -> Walk:
        """A longer walk."""
        return explore(self.problem, thorough=True)


class Attempt:
    """The answers of a solver to every obligation that one can answer, by what the obligation is about.

    `confirmed` are the conditions that the solver proved. `framed` names the obligations that are about an action which
    does not touch what they speak of, with the one that answers for each, if it needs one. `unranked` are the waits and
    promises for which no rank was left to try, as runs speak against each; `tried` has the last condition that was not
    confirmed for a location, and `exhausted` an answer for each location where the solver spent its budget.
    """

    def __init__(self, problem: Problem, solver: Asking, walks: Walks) -> None:
        self.problem = problem
        self.plan = Plan(problem)
        self.walks = walks
        self.solver = solver
        self.knows_futures = False
        self.answers: dict[Subject, Check] = {}
        self.confirmed: set[Condition] = set()
        self.framed: dict[Preserved | StepKept, Stutters | None] = {}
        self.unranked: set[Waiting | str] = set()
        self.tried: dict[Subject, Batch[Subject]] = {}
        self.exhausted: dict[Subject, Check] = {}
        self._ranks: dict[Waiting, Rank] = {}
        self._descents: dict[str, tuple[Descent, ...]] = {}
        self._inductions: dict[Preserved | StepKept, int] = {}

    @property
    def hints(self) -> Hints:
        """The hints that were found, as far as they led to proofs."""
        return Hints(self.problem.helpers, self._inductions, self._ranks, self._descents)

    @property
    def open_premises(self) -> frozenset[str]:
        """The invariants that proofs rest on although they are not proved themselves, by name."""
        names = {invariant.name for invariant in self.problem.premises}
        unproved = (about.claim for about in self.open if isinstance(about, Initial | Preserved))
        return frozenset(names.intersection(unproved))

    @property
    def open(self) -> tuple[Subject, ...]:
        """The obligations that were not proved."""
        return tuple(about for about, check in self.answers.items() if not check.proved)

    def about_steps(self) -> None:
        """Ask the solver about every obligation about one state or one step."""
        self.answers.update(self._check_all([batch for _, batch in self.plan.local]))
        self.framed = dict(framed(self.problem))
        for about, answering in self.framed.items():
            if answering is None:
                self.answers[about] = FRAMED
            elif answering in self.answers:
                self.answers[about] = self.answers[answering]

    def about_futures(self) -> None:
        """Ask for everything that is about waits that end and goals that stay in reach."""
        self.knows_futures = True
        self._ends()
        self._recovery()

    def look_back(self, inductions: Mapping[Preserved | StepKept, int]) -> None:
        """Try proofs by induction that were found for an earlier attempt, where this one has no proof yet."""
        for about, depth in inductions.items():
            if about in self.answers and not self.answers[about].proved:
                self.settle(about, depth, [batch for _, batch in induction_batches(self.problem, about, depth)])

    def settle(self, about: Preserved | StepKept, looked_back: int, batches: Sequence[Batch[Subject]]) -> bool:
        """Whether the solver proves an obligation by these conditions, which are about more than one step."""
        spent = 0
        for batch in batches:
            checks = [check for _, check in self._check(batch)]
            spent += sum(check.rlimit for check in checks)
            if not all(check.proved for check in checks):
                return False
        self.answers[about] = Check(Answer.UNSATISFIABLE, spent)
        self._inductions[about] = looked_back
        return True

    def confirm(self, batches: Iterable[Batch[Subject]]) -> bool:
        """Whether the solver proves all of these conditions."""
        return all(check.proved for _, check in self._check_all(list(batches)))

    def confirm_all(self, hints: Hints) -> None:
        """Ask for each condition of the whole proof that only stood beside others when it was asked.

        What is known of sums and counts depends on all goals of a batch, and some were asked in other company: ranks of
        which a later one was needed, goals beside one that induction proves.
        """
        for _, batch in self.plan.batches(hints):
            if not self.confirmed.issuperset(batch.conditions):
                answers = [self.answers.get(about) for about, _ in batch.goals]
                if all(answer is not None and answer.proved for answer in answers):
                    self.confirm([batch])

    def _check(self, batch: Batch[Subject]) -> Iterator[tuple[Subject, Check]]:
        """Answers for each goal of a batch."""
        return self._noted(batch, self.solver.check(batch))

    def _check_all(self, batches: Sequence[Batch[Subject]]) -> Iterator[tuple[Subject, Check]]:
        """Answers for each goal of several batches."""
        for batch, checks in zip(batches, self.solver.check_all(batches), strict=True):
            yield from self._noted(batch, checks)

    def _noted(self, batch: Batch[Subject], checks: tuple[Check, ...]) -> Iterator[tuple[Subject, Check]]:
        """Each goal with its answer. A confirmed condition is noted under its own text."""
        if any(check.proved for check in checks):
            answered = zip(batch.conditions, checks, strict=True)
            self.confirmed.update(condition for condition, check in answered if check.proved)
        return zip((about for about, _ in batch.goals), checks, strict=True)

    # --- waits ---

    def _ends(self) -> None:
        self.answers.update(self._check_all([batch for _, batch in self.plan.possible]))
        guesses = {waiting: self._ranks_for(waiting, wait) for waiting, wait in self.plan.waits.items()}
        while guesses:
            trying = {waiting: rank for waiting, ranks in guesses.items() if (rank := next(ranks, None)) is not None}
            answers = self._progress(trying)
            for waiting, rank in trying.items():
                self._ranks[waiting] = rank
                self.answers.update(answers[waiting])
            guesses = {
                waiting: guesses[waiting] for waiting in trying if _is_another_rank_worth(answers[waiting].values())
            }

    def _progress(self, ranks: dict[Waiting, Rank]) -> dict[Waiting, dict[Subject, Check]]:
        """For each wait, the answers to the conditions that its rank has to meet."""
        answers: dict[Waiting, dict[Subject, Check]] = {waiting: {} for waiting in ranks}
        for about, answer in self._check_all([batch for _, batch in self.plan.progress(ranks)]):
            if isinstance(about, WaitProgress):
                answers[about.wait][about] = answer
        return answers

    def _ranks_for(self, waiting: Waiting, wait: Wait) -> Iterator[Rank]:
        """A few ranks to try, those from a thorough walk last; the empty one if nothing better is known."""
        found = False
        for guesser in self._guessers():
            inside = waiting_states(self.problem, wait, guesser.walk)
            for rank in islice(guesser.ends(inside, wait.fair), GUESSES):
                found = True
                yield rank
        if not found:
            self.unranked.add(waiting)
            yield ()

    def _guessers(self) -> Iterator[Guesser]:
        yield self._guesser
        yield self._thorough_guesser

    @cached_property
    def _guesser(self) -> Guesser:
        return Guesser(self.problem, self.walks.quick)

    @cached_property
    def _thorough_guesser(self) -> Guesser:
        return Guesser(self.problem, self.walks.thorough)

    # --- recovery ---

    def _recovery(self) -> None:
        for promise in self.problem.machine.promises:
            if promise.holds and isinstance(promise.claim, Recoverable):
                self._recoverable(promise.name, promise.claim.goal)

    def _recoverable(self, name: str, goal: Expr) -> None:
        """Settle one location after the other, until no more can be settled."""
        settled: list[Descent] = []
        pending = list(self.problem.locations)
        for guesser in self._guessers():
            progress = bool(pending)
            while progress:
                progress = False
                for location in tuple(pending):
                    found = self._descent(guesser, name, goal, location, [descent.location for descent in settled])
                    if found is not None:
                        descent, check = found
                        self.answers[WayDown(name, location)] = check
                        settled.append(descent)
                        pending.remove(location)
                        progress = True
            if all(WayDown(name, location) in self.exhausted for location in pending):
                break
        self._descents[name] = tuple(settled)
        if pending and not any(self._guesses(guesser, goal, pending[0], settled) for guesser in self._guessers()):
            self.unranked.add(name)
        self.answers.update({WayDown(name, location): NO_RANK for location in pending})

    @staticmethod
    def _guesses(guesser: Guesser, goal: Expr, location: Location, settled: Iterable[Descent]) -> bool:
        """Whether there is anything to try for a location."""
        known = [descent.location for descent in settled]
        return next(guesser.descents(guesser.where(goal), location, known), None) is not None

    def _descent(
        self, guesser: Guesser, name: str, goal: Expr, location: Location, settled: Collection[Location]
    ) -> tuple[Descent, Check] | None:
        """A rank for one location that the solver confirms."""
        for guess in islice(guesser.descents(guesser.where(goal), location, settled), GUESSES):
            descent = Descent(location, guess.rank, tuple(sorted(guess.helpful)))
            batch = self.plan.descent(name, descent, settled)
            for about, check in self._check(batch):
                if check.proved:
                    return descent, check
                self.tried[about] = batch
                if check.exhausted:
                    self.exhausted[about] = check
        return None


FRAMED = Check(Answer.UNSATISFIABLE, 0)
"""The answer where an action does not touch what an invariant speaks of."""


def _is_another_rank_worth(answers: Collection[Check]) -> bool:
    """Whether to try another rank: this one was not confirmed, and not for want of an answer."""
    return any(not (answer.proved or answer.hopeless) for answer in answers) and not any(a.lost for a in answers)
