"""The engine that answers questions: from a cache, by worker processes, or by a solver that is loaded when needed."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol

from quiesce.kernel.batches import Batch, Condition
from quiesce.prove.effort import Effort
from quiesce.prove.solving.answers import Answer, Check
from quiesce.prove.solving.cache import NO_CACHE, Cache, CachingSolver, Checker, NoCache, Question
from quiesce.prove.solving.request import text_of
from quiesce.spec.meaning.totals import UnsupportedTotal

if TYPE_CHECKING:
    from quiesce.prove.solving.z3_solver import Solver


class Asking(Checker, Protocol):
    """Anything that answers batches: a solver, or several."""

    def check_all(self, batches: Sequence[Batch[object]], /) -> Iterator[tuple[Check, ...]]:
        """The answers to each of several batches, in their order."""


class Engine:
    """Answers to batches. Each is looked up first; what the cache does not know, a solver is asked.

    With more than one of an effort's `jobs`, the batches that `check_all` is given are asked in as many processes. A
    batch whose process timed out or died is answered with `lost` checks, never dropped.
    """

    def __init__(self, effort: Effort, cache: Cache = NO_CACHE) -> None:
        self.cache = cache
        self.effort = effort
        self._caching = CachingSolver(cache, partial(_made, effort), effort)

    @property
    def solver(self) -> "Solver":
        """The solver of this process, for all that is not cached."""
        return self._caching.solver

    @property
    def remembers(self) -> bool:
        """Whether there is a cache."""
        return not isinstance(self.cache, NoCache)

    def question_of(self, script: str) -> Question:
        """The key of a question of any kind in the cache."""
        return self._caching.question_of(script)

    def confirms(self, condition: Condition) -> bool:
        """Whether the solver confirms a condition that stands alone."""
        return self.solver.unsatisfiable(condition.declarations, (*condition.premises, condition.negated_goal))

    def check(self, batch: Batch[object]) -> tuple[Check, ...]:
        """One answer for each goal."""
        return self._caching.check(batch) if self.remembers else self.solver.check(batch)

    def check_all(self, batches: Sequence[Batch[object]]) -> Iterator[tuple[Check, ...]]:
        """The answers to each of several batches, in their order."""
        return map(self.check, batches) if self.effort.jobs == 1 else iter(self._in_workers(batches))

    def _in_workers(self, batches: Sequence[Batch[object]]) -> list[tuple[Check, ...]]:
        from quiesce.prove.solving.parallel import Task, answered  # noqa: PLC0415 -- loads the solver, seldom needed

        answers: list[tuple[Check, ...] | None] = [None] * len(batches)
        places: list[int] = []
        questions: list[Question] = []
        tasks: list[Task] = []
        for place, batch in enumerate(batches):
            try:
                question, text = self._caching.question(batch), text_of(batch)
            except UnsupportedTotal as error:
                answers[place] = (Check(Answer.UNKNOWN, 0, str(error)),) * len(batch.goals)
                continue
            answers[place] = self._caching.known(question, batch) if batch.goals else ()
            if answers[place] is None:
                places.append(place)
                questions.append(question)
                tasks.append(Task(text, self.effort))
        for number, checks in answered(tasks, self.effort.jobs, self.effort.timeout) if tasks else ():
            answers[places[number]] = checks
            self._caching.keep(questions[number], checks)
        return [_given(checks, batch) for checks, batch in zip(answers, batches, strict=True)]


def _made(effort: Effort) -> "Solver":
    """A solver. No method of an engine makes it: the two would hold each other, and with them all that Z3 has read."""
    from quiesce.prove.solving.z3_solver import Solver  # noqa: PLC0415 -- not needed where the cache knows every answer

    return Solver(effort)


def _given(checks: tuple[Check, ...] | None, batch: Batch[object]) -> tuple[Check, ...]:
    """The answers to a batch, even if no process gave any: nothing is ever dropped."""
    lost = Check(Answer.UNKNOWN, 0, "no process answered", lost=True)
    return (lost,) * len(batch.goals) if checks is None else checks
