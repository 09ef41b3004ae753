"""The one door to Z3. It takes SMT-LIB text and gives plain answers; no Z3 object leaves this file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

import z3
from quiesce.prove.queries import Batch
from quiesce.prove.totals import UnsupportedTotal

DEFAULT_BUDGET = 2_000_000
"""Units of Z3's `rlimit` for one condition; those of the flagship need a few thousand each."""


class Answer(Enum):
    """What the solver says of a set of assertions."""

    UNSATISFIABLE = "unsat"
    SATISFIABLE = "sat"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Check:
    """An answer and what it cost in units of `rlimit`; `reason` tells why it is unknown."""

    answer: Answer
    rlimit: int
    reason: str = ""

    @property
    def exhausted(self) -> bool:
        """Whether the solver stopped because its budget was spent."""
        return self.answer is Answer.UNKNOWN and (self.reason == "canceled" or "resource" in self.reason)

    @property
    def proved(self) -> bool:
        """Whether the negated goal contradicts the premises."""
        return self.answer is Answer.UNSATISFIABLE


class Solver:
    """A solver with a context of its own, a fixed seed and a budget that does not depend on the machine's speed."""

    def __init__(self, budget: int = DEFAULT_BUDGET, seed: int = 0) -> None:
        self._context = z3.Context()
        self._budget = budget
        self._seed = seed
        self._spent = 0
        self._with_invariants: dict[tuple[str, ...], z3.Solver] = {}

    def version(self) -> str:
        """Name and version of the solver."""
        return f"Z3 {z3.get_version_string()}"

    def check(self, batch: Batch) -> tuple[Check, ...]:
        """One answer for each goal.

        All are tried in one query first: if no state breaks any of them, each is proved, and the cost of that query
        stands for each. Otherwise every goal is checked as if it were alone.
        """
        if not batch.goals:
            return ()
        try:
            terms = self._parse(batch.declarations, (*batch.assumptions, *batch.negated_goals))
        except UnsupportedTotal as error:
            return tuple(Check(Answer.UNKNOWN, 0, str(error)) for _ in batch.goals)
        premises = len(batch.assumptions)
        solver = self._knowing(batch)
        solver.push()
        solver.add(terms[:premises])
        checks = self._together(solver, terms[premises:]) or self._one_by_one(solver, terms[premises:])
        solver.pop()
        return checks

    def _together(self, solver: z3.Solver, negated_goals: list[z3.BoolRef]) -> tuple[Check, ...]:
        """One answer for all goals, if they are proved together."""
        solver.push()
        solver.add(z3.Or(negated_goals))
        check = self._check(solver)
        solver.pop()
        return (check,) * len(negated_goals) if check.proved else ()

    def _one_by_one(self, solver: z3.Solver, negated_goals: list[z3.BoolRef]) -> tuple[Check, ...]:
        checks = []
        for negated_goal in negated_goals:
            solver.push()
            solver.add(negated_goal)
            checks.append(self._check(solver))
            solver.pop()
        return tuple(checks)

    def _knowing(self, batch: Batch) -> z3.Solver:
        """A solver that knows the invariants of a batch; one serves all batches with the same."""
        if batch.invariants not in self._with_invariants:
            solver = self._solver()
            solver.add(self._parse(batch.declarations, batch.invariants))
            self._with_invariants[batch.invariants] = solver
        return self._with_invariants[batch.invariants]

    def unsatisfiable(self, declarations: Iterable[str], terms: Iterable[str]) -> bool:
        """Whether terms about nothing but their own declarations certainly cannot all hold."""
        solver = self._solver(max(self._budget, DEFAULT_BUDGET))
        solver.add(self._parse(declarations, terms))
        return self._check(solver).proved

    def bounded(self) -> "BoundedSolver":
        """A solver for conditions without quantifiers that come piece by piece."""
        return BoundedSolver(self)

    def _solver(self, budget: int | None = None) -> z3.Solver:
        solver = z3.SimpleSolver(ctx=self._context)
        solver.set("rlimit", self._budget if budget is None else budget)
        solver.set("random_seed", self._seed)
        return solver

    def _parse(self, declarations: Iterable[str], terms: Iterable[str]) -> list[z3.BoolRef]:
        text = "\n".join((*declarations, *(f"(assert {term})" for term in terms)))
        return list(z3.parse_smt2_string(text, ctx=self._context))

    def _check(self, solver: z3.Solver) -> Check:
        result = solver.check()
        answer = Answer(str(result))
        cost = self._cost(solver)
        return Check(answer, cost, solver.reason_unknown() if answer is Answer.UNKNOWN else "")

    def _cost(self, solver: z3.Solver) -> int:
        """What the last check cost: the statistic counts up over the whole context."""
        counters = solver.statistics()
        numbers = range(len(counters))
        total = next(int(counters[n][1]) for n in reversed(numbers) if counters[n][0] == "rlimit count")
        spent, self._spent = total - self._spent, total
        return spent


class BoundedSolver:
    """Assertions in layers, and a model of them as plain text; `spent` is what all checks have cost so far."""

    def __init__(self, owner: Solver) -> None:
        self._owner = owner
        self._solver = owner._solver(max(owner._budget, DEFAULT_BUDGET))
        self.spent = 0
        self._declarations: dict[str, None] = {}

    def declare(self, lines: Iterable[str]) -> None:
        """Add declarations; one that is there already is the same one."""
        self._declarations.update(dict.fromkeys(lines))

    def add(self, terms: Iterable[str]) -> None:
        """Assert terms for good, or until the layer is left."""
        self._solver.add(self._owner._parse(self._declarations, terms))

    def model(self, terms: Iterable[str]) -> Mapping[str, str] | None:
        """Values of constants, by name, under which all assertions and `terms` hold.

        None if there are none, or if the solver does not know.
        """
        self._solver.push()
        try:
            self.add(terms)
            check = self._owner._check(self._solver)
            self.spent += check.rlimit
            if check.answer is not Answer.SATISFIABLE:
                return None
            model = self._solver.model()
            return {constant.name(): str(model[constant]) for constant in model.decls()}
        finally:
            self._solver.pop()
