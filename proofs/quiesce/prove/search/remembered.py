"""Shortest runs that were found before: replayed on the interpreter, and only searched for where that fails."""

from functools import cached_property

from quiesce.kernel.problem import Problem
from quiesce.prove.search.bounded import MEMBERS, Found, Search, Target, ends_in
from quiesce.prove.solving.engine import Engine


class Runs:
    """Runs of one machine from its start."""

    def __init__(self, problem: Problem, engine: Engine) -> None:
        self._problem = problem
        self._engine = engine
        self._searched = False

    @cached_property
    def _search(self) -> Search:
        self._searched = True
        return Search(self._problem, self._engine.solver)

    @cached_property
    def _without_members(self) -> Search:
        return Search(self._problem, self._engine.solver, 0)

    def _found(self, target: Target, depth: int) -> Found | None:
        """A shortest run over a few members of each family, or, if there is none, over none at all."""
        found = self._search.shortest(target, depth)
        if found is None and self._problem.machine.families:
            return self._without_members.shortest(target, depth)
        return found

    @cached_property
    def _machine(self) -> str:
        return repr(self._problem.machine)

    @property
    def spent(self) -> int:
        """What the searches so far have cost, in units of `rlimit`."""
        return self._search.spent if self._searched else 0

    def shortest(self, target: Target, depth: int) -> Found | None:
        """A shortest run of at most `depth` steps that reaches the target; None if there is none.

        Raises:
            Disagreement: the interpreter does not confirm the run.
        """
        if target.parameters or not self._engine.remembers:  # of arguments that no step takes, nothing is stored
            return self._found(target, depth)
        machine, cache = self._problem.machine, self._engine.cache
        about = ("a shortest run", self._machine, repr(target), str(depth), str(MEMBERS))
        question = self._engine.question_of("\n".join(about))
        known = cache.refuted(question, machine, lambda run: ends_in(run, target, {}))
        if known is not None:
            return Found(known, {})
        found = self._found(target, depth)
        if found is not None:
            cache.store_refuted(question, machine, found.run, lambda run: ends_in(run, target, {}))
        return found
