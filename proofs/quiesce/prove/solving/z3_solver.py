"""The one door to Z3: batches checked, cores and models found, Horn clauses solved.

It takes SMT-LIB text and gives plain answers; no Z3 object leaves this file.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeAlias, assert_never

import z3
from quiesce.kernel.batches import Batch
from quiesce.prove.effort import Effort
from quiesce.prove.solving.answers import STEADY, Answer, Check, Model, Modelled, NoModel, Undecided
from quiesce.prove.solving.request import Asked
from quiesce.spec.meaning.totals import UnsupportedTotal

__all__ = ["Answer", "BoundedSolver", "Check", "CoreSolver", "Solution", "Solver"]

Solution: TypeAlias = tuple["str | int | Solution", ...]
"""A term as nested tuples: an operator of SMT-LIB with its arguments."""


_MOST = 2**32 - 1
"""The largest budget that Z3 can be given: it keeps no more bits, and a budget of which none is left has no end."""


def _limit(budget: int) -> int:
    return min(budget, _MOST)


def _plain(term: z3.ExprRef) -> Solution:
    if z3.is_var(term):
        return "argument", z3.get_var_index(term)
    if z3.is_int_value(term):
        return "integer", int(term.as_long())
    if not z3.is_app(term):
        return ("quantifier",)
    return term.decl().name(), *(_plain(child) for child in term.children())


def _text(declarations: Iterable[str], terms: Iterable[str]) -> str:
    return "\n".join((*declarations, *(f"(assert {term})" for term in terms)))


@contextmanager
def _layer(solver: z3.Solver) -> Iterator[z3.Solver]:
    """A context that forgets what is asserted in it, even after an error: no assertion may be left behind."""
    solver.push()
    try:
        yield solver
    finally:
        solver.pop()


class _Reader:
    """Reads terms for one context. What is declared for some of them stays declared for the next, as far as they agree.

    Z3 takes longer to make a parser than to read most questions.
    """

    def __init__(self, context: z3.Context) -> None:
        self._parser = z3.ParserContext(context)
        self._declared: tuple[str, ...] = ()

    def read(self, declarations: tuple[str, ...], terms: Sequence[str]) -> list[z3.BoolRef]:
        """Terms about the symbols of these declarations, and of no others."""
        if declarations != self._declared:
            both = enumerate(zip(declarations, self._declared, strict=False))
            kept = next((at for at, (new, old) in both if new != old), min(len(declarations), len(self._declared)))
            layers = (f"(push)\n{line}" for line in declarations[kept:])
            self._parser.from_string("\n".join((f"(pop {len(self._declared) - kept})", *layers)))
            self._declared = declarations
        found = list(self._parser.from_string(_text((), terms)))
        if len(found) != len(terms):
            raise ValueError(f"{len(terms)} terms were read as {len(found)}")
        return found


class Solver:
    """A solver with a context of its own, a fixed seed and a budget that does not depend on the machine's speed.

    `budget` is what `check` and `falsified` may spend on one condition, where that is not the budget of the effort.
    """

    def __init__(self, effort: Effort, budget: int | None = None) -> None:
        self._context = z3.Context()
        self._effort = effort
        self._budget = effort.budget if budget is None else budget
        self._spent = 0
        self._with_invariants: dict[tuple[str, ...], z3.Solver] = {}
        self._reader: _Reader | None = None
        self._switches: list[z3.BoolRef] = []

    def version(self) -> str:
        """Name and version of the solver."""
        return f"Z3 {z3.get_version_string()}"

    def check(self, batch: Asked) -> tuple[Check, ...]:
        """One answer for each goal.

        All are tried in one query first: if no state breaks any of them, each is proved, and the cost of that query
        stands for each. Otherwise every goal is checked as if it were alone.
        """
        if not batch.goals:
            return ()
        try:
            checks = self._together(batch) if not batch.refused else ()
            checks = checks or self._one_by_one(batch)
        except UnsupportedTotal as error:
            return tuple(Check(Answer.UNKNOWN, 0, str(error)) for _ in batch.goals)
        return checks

    def check_all(self, batches: Sequence[Asked]) -> Iterator[tuple[Check, ...]]:
        """The answers to several batches, one after the other."""
        return map(self.check, batches)

    def _together(self, batch: Asked) -> tuple[Check, ...]:
        """One answer for all goals, if they are proved together."""
        if len(batch.negated_goals) != len(batch.goals):  # that one of none is broken is false, and so proves anything
            raise ValueError(f"{len(batch.goals)} goals came with {len(batch.negated_goals)} negations")
        broken = f"(or {' '.join(batch.negated_goals)})"
        with _layer(self._knowing(batch)) as solver:
            # Premises and goals share a layer: Z3 works through all that it knows before it opens one more.
            solver.add(self._terms(batch, (*batch.assumptions, broken)))
            check = self._check(solver)
        return (check,) * len(batch.negated_goals) if check.proved else ()

    def _one_by_one(self, batch: Asked) -> tuple[Check, ...]:
        terms = self._terms(batch, (*batch.assumptions, *batch.negated_goals))
        premises, negated_goals = terms[: len(batch.assumptions)], terms[len(batch.assumptions) :]
        checks = []
        with _layer(self._knowing(batch)) as solver:
            solver.add(premises)
            for number, negated_goal in enumerate(negated_goals):
                if number in batch.refused:
                    checks.append(Check(Answer.UNKNOWN, 0, batch.refused[number], refused=True))
                    continue
                with _layer(solver):
                    solver.add(negated_goal)
                    checks.append(self._check(solver))
        return tuple(checks)

    def _knowing(self, batch: Asked) -> z3.Solver:
        """A solver that knows the invariants of a batch; one serves all batches with the same."""
        if batch.invariants not in self._with_invariants:
            solver = self._solver()
            solver.add(self._terms(batch, batch.invariants))
            self._with_invariants[batch.invariants] = solver
        return self._with_invariants[batch.invariants]

    def unsatisfiable(self, declarations: Iterable[str], terms: Iterable[str]) -> bool:
        """Whether terms about nothing but their own declarations certainly cannot all hold."""
        solver = self._solver(self._effort.budget)
        solver.add(self._parse(declarations, terms))
        return self._check(solver).proved

    def falsified(self, batch: Batch[object]) -> frozenset[int]:
        """The numbers of goals that do not follow from the premises; in doubt a goal is among them.

        Quicker than `check` where many goals fail, as each model that the solver finds speaks against several.
        """
        try:
            terms = self._terms(batch, (*batch.assumptions, *batch.negated_goals))
        except UnsupportedTotal:
            return frozenset(range(len(batch.goals)))
        negated_goals = dict(enumerate(terms[len(batch.assumptions) :]))
        remaining = set(negated_goals)
        with _layer(self._knowing(batch)) as solver:
            solver.add(terms[: len(batch.assumptions)])
            while remaining:
                with _layer(solver):
                    solver.add(z3.Or([negated_goals[number] for number in sorted(remaining)]))
                    check = self._check(solver)
                    fallen = set() if check.proved else self._true_in_model(solver, negated_goals, remaining)
                if check.proved:
                    break
                remaining -= fallen or remaining
        return frozenset(negated_goals) - remaining

    @staticmethod
    def _true_in_model(solver: z3.Solver, goals: Mapping[int, z3.BoolRef], among: Iterable[int]) -> set[int]:
        """Which goals hold in the model that the solver has at hand, even if it is not sure of it."""
        try:
            model = solver.model()
        except z3.Z3Exception:
            return set()
        return {number for number in among if z3.is_true(model.eval(goals[number], model_completion=True))}

    def core(self, batch: Batch[object], goal: int) -> frozenset[int]:
        """The numbers of invariants that are enough to prove a goal which `check` has proved."""
        names = tuple(f"known.{number}" for number in range(len(batch.invariants)))
        declared = (*batch.declarations, *(f"(declare-const {name} Bool)" for name in names))
        known = (f"(=> {name} {term})" for name, term in zip(names, batch.invariants, strict=True))
        solver = self._solver(self._effort.budget)
        solver.set("core.minimize", True)
        solver.from_string(_text(declared, (*batch.assumptions, batch.negated_goals[goal], *known)))
        self._switches += [z3.Bool(name, self._context) for name in names[len(self._switches) :]]
        if solver.check(*self._switches[: len(names)]) != z3.unsat:
            return frozenset(range(len(names)))
        used = {switch.decl().name() for switch in solver.unsat_core()}
        return frozenset(number for number, name in enumerate(names) if name in used)

    def solution(self, text: str, predicate: str) -> "Solution | None":
        """A meaning of `predicate` for which all Horn clauses of a script hold (Spacer); None if none was found.

        The arguments of the predicate are called `("argument", number)` in the answer.
        """
        solver = z3.SolverFor("HORN", ctx=self._context)
        solver.set("rlimit", _limit(self._effort.horn_clauses))
        solver.set("spacer.global", True)  # finds linear relations on which it would search for ever otherwise
        for seed in ("random_seed", "spacer.random_seed"):
            solver.set(seed, self._effort.seed)
        solver.add(z3.parse_smt2_string(text, ctx=self._context))
        if solver.check() != z3.sat:
            return None
        model = solver.model()
        found = next((model[symbol] for symbol in model.decls() if symbol.name() == predicate), None)
        return None if found is None else _plain(found.else_value())

    def bounded(self) -> "BoundedSolver":
        """A solver for conditions without quantifiers that come piece by piece.

        It has a context of its own, so the models that it finds do not depend on what was asked before.
        """
        return BoundedSolver(Solver(self._effort))

    def _solver(self, budget: int | None = None) -> z3.Solver:
        solver = z3.SimpleSolver(ctx=self._context)
        solver.set("rlimit", _limit(self._budget if budget is None else budget))
        solver.set("random_seed", self._effort.seed)
        for setting, value in STEADY.items():
            solver.set(setting, value)
        return solver

    def _terms(self, batch: Asked, terms: Sequence[str]) -> list[z3.BoolRef]:
        """Terms about the symbols of a batch."""
        return self._read(batch.declarations, terms)

    def _read(self, declarations: tuple[str, ...], terms: Sequence[str]) -> list[z3.BoolRef]:
        """Terms about the symbols of these declarations.

        A reader may keep what it read before it met an error, and add that to what it is asked next. So one that did
        is not used again.
        """
        reader, self._reader = self._reader or _Reader(self._context), None
        found = reader.read(declarations, terms)
        self._reader = reader
        return found

    def _parse(self, declarations: Iterable[str], terms: Iterable[str]) -> list[z3.BoolRef]:
        return list(z3.parse_smt2_string(_text(declarations, terms), ctx=self._context))

    def _check(self, solver: z3.Solver) -> Check:
        result = solver.check()
        answer = Answer(str(result))
        cost = self._cost(solver)
        return Check(answer, cost, solver.reason_unknown() if answer is Answer.UNKNOWN else "")

    def _cost(self, solver: z3.Solver) -> int:
        """The cost of the last check: the statistic counts up over the whole context."""
        counters = solver.statistics()
        numbers = range(len(counters))
        total = next(int(counters[n][1]) for n in reversed(numbers) if counters[n][0] == "rlimit count")
        spent, self._spent = total - self._spent, total
        return spent


class BoundedSolver:
    """Assertions in layers, and a model of them as plain text; `spent` is what all checks have cost so far."""

    def __init__(self, owner: Solver) -> None:
        self._owner = owner
        self._solver = owner._solver()
        self.spent = 0
        self._declarations: dict[str, None] = {}

    def declare(self, lines: Iterable[str]) -> None:
        """Add declarations; one that is there already is the same one."""
        self._declarations.update(dict.fromkeys(lines))

    def add(self, terms: Iterable[str]) -> None:
        """Assert terms for good, or until the layer is left."""
        self._solver.add(self._owner._read(tuple(self._declarations), tuple(terms)))

    def model(self, terms: Iterable[str]) -> Modelled:
        """Values of constants under which all assertions and `terms` hold, if there are any."""
        with _layer(self._solver):
            self.add(terms)
            check = self._owner._check(self._solver)
            self.spent += check.rlimit
            match check.answer:
                case Answer.SATISFIABLE:
                    model = self._solver.model()
                    return Model({constant.name(): str(model[constant]) for constant in model.decls()})
                case Answer.UNSATISFIABLE:
                    return NoModel()
                case Answer.UNKNOWN:
                    return Undecided(check)
                case _:
                    assert_never(check.answer)


class CoreSolver:
    """Premises under names, and which of them a goal needs.

    `patience` is what one attempt to spare a premise may cost. It shares nothing with other solvers, so an answer
    depends on nothing but what was asked before it, in that order.
    """

    def __init__(
        self,
        declarations: Iterable[str],
        known: Iterable[str],
        premises: Mapping[str, str],
        effort: Effort,
        patience: int,
    ) -> None:
        self._context = z3.Context()
        self._budget = effort.budget
        self._first = effort.fewest
        self._patience = patience
        self._solver = z3.SimpleSolver(ctx=self._context)
        self._solver.set("random_seed", effort.seed)
        names = {name: f"premise.{number}" for number, name in enumerate(premises)}
        self._switches = {name: z3.Bool(switch, self._context) for name, switch in names.items()}
        self._order = {name: number for number, name in enumerate(premises)}
        self._named = {switch: name for name, switch in names.items()}
        self._declared = (*declarations, *(f"(declare-const {switch} Bool)" for switch in names.values()))
        self._reader = _Reader(self._context)
        self._add((*known, *(f"(=> {names[name]} {term})" for name, term in premises.items())))

    def core(self, negated_goal: str, first: Collection[str] = ()) -> tuple[str, ...] | None:
        """Premises from which a goal follows, none of which can be spared; None if it was not proved.

        If those in `first` are enough, no other is used. Premises that come earlier are dropped before later ones. One
        that the solver does not prove to be needless, within its patience, stays.
        """
        self._solver.push()
        self._add([negated_goal])
        needed = self._used(first, self._first)
        if needed is None:
            needed = self._used(self._switches, self._budget)
        for name in needed or ():
            if needed is not None and name in needed:
                fewer = self._used([other for other in needed if other != name], self._patience)
                needed = needed if fewer is None else fewer
        self._solver.pop()
        return None if needed is None else tuple(needed)

    def _used(self, premises: Collection[str], budget: int) -> list[str] | None:
        """Some of these premises from which the goal follows; None if the goal is not proved even from all of them."""
        self._solver.set("rlimit", _limit(budget))
        if self._solver.check(*(self._switches[name] for name in premises)) != z3.unsat:
            return None
        used = (self._named[str(switch)] for switch in self._solver.unsat_core())
        return sorted(used, key=self._order.__getitem__)

    def _add(self, terms: Sequence[str]) -> None:
        self._solver.add(self._reader.read(self._declared, terms))
