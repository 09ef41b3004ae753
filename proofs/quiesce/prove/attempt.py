"""One attempt to prove everything of a problem that a solver can prove, with whatever has to be found for it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from quiesce.kernel.batches import Batch
from quiesce.kernel.hints import Descent, Findings, Location, Rank
from quiesce.kernel.obligations import location_name
from quiesce.kernel.problem import Problem
from quiesce.kernel.progress import Wait, descent_batch, possible_batch, progress_batches, waits_of
from quiesce.kernel.steps import framed, local_batches
from quiesce.prove.search.ranks import Guesser
from quiesce.prove.search.waiting import waiting_states
from quiesce.prove.search.walk import Walk, explore
from quiesce.prove.solving.answers import Answer, Check
from quiesce.prove.solving.engine import Asking
from quiesce.spec.model import Expr, Recoverable

GUESSES = 8
"""How many ranks are tried before a promise about the future is given up."""

NO_RANK = Check(Answer.UNKNOWN, 0, "no falling rank was found")
"""The answer where nothing is left to ask a solver."""


@dataclass(frozen=True)
class Walks:
    """Walks through a few states of a problem, from which ranks and helpers are guessed. Made when first asked for."""

    problem: Problem

    @cached_property
    def quick(self) -> Walk:
        """One that is often enough."""
        return explore(self.problem)

    @cached_property
    def thorough(self) -> Walk:
        """A longer one."""
        return explore(self.problem, thorough=True)


class Attempt:
    """The answers of a solver to every obligation that one can answer, by the obligation's id.

    `framed` names those that are about an action which does not touch what they speak of, with the obligation that
    answers for each, if it needs one. `unranked` are the waits and promises for which no rank was left to try, as runs
    speak against each; `tried` has the last condition that was not confirmed for a location, and `exhausted` an answer
    for each location where the solver spent its budget.
    """

    def __init__(self, problem: Problem, solver: Asking, walks: Walks) -> None:
        self.problem = problem
        self.walks = walks
        self.solver = solver
        self.knows_futures = False
        self.answers: dict[str, Check] = {}
        self.framed: dict[str, str | None] = {}
        self.unranked: set[str] = set()
        self.tried: dict[str, Batch] = {}
        self.exhausted: dict[str, Check] = {}
        self._ranks: dict[str, Rank] = {}
        self._descents: dict[str, tuple[Descent, ...]] = {}
        self._inductions: dict[str, int] = {}

    @property
    def findings(self) -> Findings:
        """What was found, as far as it led to proofs."""
        return Findings(self.problem.helpers, self._inductions, self._ranks, self._descents)

    @property
    def knows_its_invariants(self) -> bool:
        """Whether every invariant is proved, and so holds in every reachable state."""
        names = {invariant.name for invariant in self.problem.invariants}
        return not any(name.startswith(("start/", "step/")) and name.split("/")[-1] in names for name in self.open)

    @property
    def open(self) -> tuple[str, ...]:
        """The obligations that were not proved."""
        return tuple(name for name, check in self.answers.items() if not check.proved)

    def about_steps(self) -> None:
        """Ask for everything that is about one state or one step."""
        self.answers.update(self._check_all([batch for _, batch in local_batches(self.problem)]))
        self.framed = dict(framed(self.problem))
        for name, answering in self.framed.items():
            if answering is None:
                self.answers[name] = FRAMED
            elif answering in self.answers:
                self.answers[name] = self.answers[answering]

    def about_futures(self) -> None:
        """Ask for everything that is about waits that end and goals that stay in reach."""
        self.knows_futures = True
        self._ends()
        self._recovery()

    def settle(self, name: str, looked_back: int, check: Check) -> None:
        """Accept a proof by induction over more than one step."""
        self.answers[name] = check
        self._inductions[name] = looked_back

    def _check(self, batch: Batch) -> Iterator[tuple[str, Check]]:
        """Answers for each goal of a batch."""
        return _named(batch, self.solver.check(batch))

    def _check_all(self, batches: Sequence[Batch]) -> Iterator[tuple[str, Check]]:
        """Answers for each goal of several batches."""
        for batch, checks in zip(batches, self.solver.check_all(batches), strict=True):
            yield from _named(batch, checks)

    # --- waits ---

    def _ends(self) -> None:
        waits = dict(waits_of(self.problem.machine))
        for name, wait in waits.items():
            self.answers.update(self._check(possible_batch(self.problem, name, wait)))
        guesses = {name: self._ranks_for(name, wait) for name, wait in waits.items()}
        while guesses:
            trying = {name: rank for name, ranks in guesses.items() if (rank := next(ranks, None)) is not None}
            answers = self._progress({name: (waits[name], rank) for name, rank in trying.items()})
            for name, rank in trying.items():
                self._ranks[name] = rank
                self.answers.update(answers[name])
            guesses = {name: guesses[name] for name in trying if _worth_another(answers[name].values())}

    def _progress(self, waits: dict[str, tuple[Wait, Rank]]) -> dict[str, dict[str, Check]]:
        """For each wait, the answers to the conditions that its rank has to meet."""
        answers: dict[str, dict[str, Check]] = {name: {} for name in waits}
        for id_, answer in self._check_all([batch for _, batch in progress_batches(self.problem, waits)]):
            answers[id_.split("/")[1]][id_] = answer
        return answers

    def _ranks_for(self, name: str, wait: Wait) -> Iterator[Rank]:
        """A few ranks to try, those from a thorough walk last; the empty one if nothing better is known."""
        found = False
        for guesser in self._guessers():
            inside = waiting_states(self.problem, wait, guesser.walk)
            for rank in islice(guesser.ends(inside, wait.fair), GUESSES):
                found = True
                yield rank
        if not found:
            self.unranked.add(name)
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
                        self.answers[f"recoverable/{name}/{location_name(location)}"] = check
                        settled.append(descent)
                        pending.remove(location)
                        progress = True
            if not pending:
                break
        self._descents[name] = tuple(settled)
        if pending and not any(self._guesses(guesser, goal, pending[0], settled) for guesser in self._guessers()):
            self.unranked.add(name)
        self.answers.update({f"recoverable/{name}/{location_name(location)}": NO_RANK for location in pending})

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
            batch = descent_batch(self.problem, name, goal, descent, settled)
            check = self.solver.check(batch)[0]
            if check.proved:
                return descent, check
            self.tried[batch.goals[0][0]] = batch
            if check.exhausted:
                self.exhausted[batch.goals[0][0]] = check
        return None


FRAMED = Check(Answer.UNSATISFIABLE, 0)
"""The answer where an action does not touch what an invariant speaks of."""


def _named(batch: Batch, checks: tuple[Check, ...]) -> Iterator[tuple[str, Check]]:
    return zip((name for name, _ in batch.goals), checks, strict=True)


def _worth_another(answers: Collection[Check]) -> bool:
    """Whether to try another rank: this one was not confirmed, and not for want of an answer."""
    return not all(answer.proved for answer in answers) and not any(answer.lost for answer in answers)
