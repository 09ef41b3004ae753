"""Answers that need not be found twice: a solver that looks into a cache of proofs first.

Two answers are kept: *proved*, which is a solver's `unsat`, and *refuted* with a run that is replayed on each hit. What
depends on patience, chance or trouble (unknown, timeouts, errors) never is, nor what decides nothing by itself
(satisfiable).

What could make a hit wrong, and what prevents it:

- The query is another one. The key is a digest of its whole text, and of all else that the answer may depend on.
- The answer holds under other options only. A proof holds whatever the budget and the seed were, yet both are part of
  the key: a hit shall say no more than the solver itself would have said.
- The solver was wrong. Its name and version are part of the key, so an upgrade asks again. The version is that of the
  installed distribution; who replaces the library behind its back has to clear the cache.
- The same text comes to mean something else, as when goals are put together otherwise. Then `ENCODER` is raised.
- The entry is damaged, belongs elsewhere, or was forged. See `stores`: it is ignored, with a warning, and asked for
  again.
- The spec changed under a run. The run has to begin in a start of the machine, to replay step by step on the
  interpreter, and to break still what it broke.

The key of a refutation only has to tell where to look, as nothing but the replay is believed. A run that was a shortest
one need not be that for ever.
"""

from collections.abc import Callable
from dataclasses import astuple
from functools import cached_property
from typing import Generic, Protocol, TypeVar

from quiesce.kernel.batches import Batch
from quiesce.prove.effort import Effort
from quiesce.prove.solving.answers import STEADY, Answer, Check
from quiesce.prove.solving.installed import noted_versions
from quiesce.spec.meaning.totals import UnsupportedTotal
from quiesce.spec.model import Machine
from quiesce.spec.record import record
from quiesce.spec.state import Run

ENCODER = 1
"""Raised when the answer to a text comes to mean something else, without a change of the text."""

Breaks = Callable[[Run], bool]
"""Whether a run is what a refutation needs."""


@record
class Question:
    """Everything that an answer may depend on: the complete text of the query, the solver, and its options."""

    script: str
    solver: str
    version: str
    budget: int
    seed: int
    encoder: int = ENCODER

    @cached_property
    def key(self) -> str:
        """A digest of every field."""
        import json  # noqa: PLC0415 -- only needed where there is a cache
        from hashlib import sha256  # noqa: PLC0415

        return sha256(json.dumps(astuple(self)).encode()).hexdigest()


class Cache(Protocol):
    """A memory of proofs, asked before a solver is."""

    def proved(self, question: Question, goals: int) -> tuple[int, ...] | None:
        """The cost of proving each of the goals, in units of `rlimit`; None if the goals are not known to be proved."""

    def store_proved(self, question: Question, checks: tuple[Check, ...]) -> None:
        """Keep a proof of every goal of a query."""

    def refuted(self, question: Question, machine: Machine, breaks: Breaks) -> Run | None:
        """A run from a start of the machine, replayed, that breaks what it shall break; None if none is known."""

    def store_refuted(self, question: Question, machine: Machine, run: Run, breaks: Breaks) -> None:
        """Keep a run that refutes."""


class NoCache:
    """Knows nothing and keeps nothing."""

    def proved(self, question: Question, goals: int) -> None:
        """Nothing is known."""

    def store_proved(self, question: Question, checks: tuple[Check, ...]) -> None:
        """Nothing is kept."""

    def refuted(self, question: Question, machine: Machine, breaks: Breaks) -> None:
        """Nothing is known."""

    def store_refuted(self, question: Question, machine: Machine, run: Run, breaks: Breaks) -> None:
        """Nothing is kept."""


NO_CACHE = NoCache()


class Checker(Protocol):
    """The part of a solver whose answers are cached."""

    def check(self, batch: Batch[object]) -> tuple[Check, ...]:
        """One answer for each goal."""


AnySolver = TypeVar("AnySolver", bound=Checker)


SOLVER = " ".join(("z3", *(f"{setting}={value}" for setting, value in STEADY.items())))
"""The solver's name with the settings that are always the same."""


class CachingSolver(Generic[AnySolver]):
    """A solver that is made, and its library loaded, only when a query comes up whose answer is not known.

    A batch is kept as a whole, if all of its goals are proved; any other is asked again each time.
    """

    def __init__(
        self, cache: Cache, make: Callable[[], AnySolver], effort: Effort, solver_version: str | None = None
    ) -> None:
        self._cache = cache
        self._make = make
        self._effort = effort
        self._given_version = solver_version

    @cached_property
    def version(self) -> str:
        """The version of the solver."""
        return z3_version() if self._given_version is None else self._given_version

    @cached_property
    def solver(self) -> AnySolver:
        """The solver itself, for all that is not cached."""
        return self._make()

    def question(self, batch: Batch[object]) -> Question:
        """The text of the question about a batch.

        Raises:
            UnsupportedTotal: the batch has no text.
        """
        return self.question_of(batch.named("").text())

    def question_of(self, script: str) -> Question:
        """The question that a text asks of this solver."""
        return Question(script, SOLVER, self.version, self._effort.budget, self._effort.seed)

    def check(self, batch: Batch[object]) -> tuple[Check, ...]:
        """One answer for each goal, with what it cost when it was found."""
        if not batch.goals:
            return ()
        try:
            question = self.question(batch)
        except UnsupportedTotal:
            return self.solver.check(batch)
        known = self.known(question, batch)
        if known is not None:
            return known
        checks = self.solver.check(batch)
        self.keep(question, checks)
        return checks

    def known(self, question: Question, batch: Batch[object]) -> tuple[Check, ...] | None:
        """The answers to a batch that the cache has, if it has them."""
        costs = self._cache.proved(question, len(batch.goals))
        return None if costs is None else tuple(Check(Answer.UNSATISFIABLE, rlimit) for rlimit in costs)

    def keep(self, question: Question, checks: tuple[Check, ...]) -> None:
        """Store answers, if each is a proof."""
        if checks and all(check.proved for check in checks):
            self._cache.store_proved(question, checks)


def z3_version() -> str:
    """The version of the installed Z3, found without loading it: by the name of the folder in which pip notes it.

    Where there is not one such folder, `importlib.metadata` is asked, which takes as long to load as a small proof.
    """
    match noted_versions("z3_solver"):
        case [[note], *_]:
            return note.removeprefix("z3_solver-").removesuffix(".dist-info")
        case _:
            pass
    from importlib.metadata import version  # noqa: PLC0415 -- slow to load, and seldom needed

    return version("z3-solver")
