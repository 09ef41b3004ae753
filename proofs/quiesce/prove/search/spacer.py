"""Invariants of machines without families, asked of Z3's engine for Horn clauses.

The machine is written as Horn clauses over one unknown predicate, its invariant (Komuravelli, Gurfinkel and Chaki,
"SMT-based model checking for recursive programs", CAV 2014). The answer is only a suggestion: it is proved like any
other.
"""

from collections.abc import Iterable, Mapping

from quiesce.kernel.problem import Problem
from quiesce.prove.solving.z3_solver import Solution, Solver
from quiesce.spec.meaning import symbols
from quiesce.spec.meaning.formulas import guard, initial_claim
from quiesce.spec.meaning.smtlib import encode, enum_declarations, scalars, sort
from quiesce.spec.meaning.totals import TotalNames
from quiesce.spec.meaning.unbounded import unbounded_frame
from quiesce.spec.model import (
    BOOL,
    INT,
    Action,
    Binary,
    Expr,
    Literal,
    MemberType,
    Not,
    Op,
    PolicyDecl,
    Scale,
    Variable,
    VariableDecl,
)
from quiesce.spec.rewrite import conjunction, conjuncts, disjunction, equal

_INVARIANT = "invariant"


def scalar_invariants(problem: Problem, solver: Solver) -> tuple[Expr, ...]:
    """Conjuncts of an invariant that carries every promise about states; none if there is no answer."""
    if problem.machine.families or problem.has_totals:
        return ()
    found = solver.solution(_horn_clauses(problem), _INVARIANT)
    if found is None:
        return ()
    try:
        claim = _SolutionReading(problem).claim(found)
    except _NotInTheLanguage:
        return ()
    return tuple(part for part in conjuncts(claim) if part not in problem.assumed and not isinstance(part, Literal))


def _horn_clauses(problem: Problem) -> str:
    machine = problem.machine
    places = scalars(machine)
    frame = unbounded_frame((), TotalNames())
    names = [f"self.{place.name}" for place in places]
    here = f"({_INVARIANT} {' '.join(names)})"
    state = " ".join(f"(self.{place.name} {sort(place.type)})" for place in places)
    start = conjunction([initial_claim(machine, persistent=True), *_policy_claims(problem)])
    wanted = conjunction(invariant.claim for invariant in problem.invariants)
    lines = [
        *enum_declarations(machine),
        f"(declare-fun {_INVARIANT} ({' '.join(sort(place.type) for place in places)}) Bool)",
        f"(assert (forall ({state}) (=> {encode(start, frame)} {here})))",
        *(_clause_of_step(problem, action, state, here, names) for action in problem.moving),
        f"(assert (forall ({state}) (=> (and {here} (not {encode(wanted, frame)})) false)))",
    ]
    return "\n".join(lines)


def _policy_claims(problem: Problem) -> Iterable[Expr]:
    return (
        disjunction(
            equal(Variable(policy.name, policy.type), Literal(value, policy.type)) for value in policy.alternatives
        )
        for policy in problem.machine.policies
    )


def _clause_of_step(problem: Problem, action: Action, state: str, here: str, names: list[str]) -> str:
    frame = unbounded_frame(action.parameters, TotalNames())
    values = {f"self.{name}": encode(value, frame) for name, value in problem.effects[action.name].scalars.items()}
    after = " ".join(values.get(name, name) for name in names)
    arguments = " ".join(
        f"(arg.{p.name} {sort(p.type)})" for p in action.parameters if not isinstance(p.type, MemberType)
    )
    condition = f"(and {here} {encode(guard(problem.machine, action), frame)})"
    return f"(assert (forall ({state} {arguments}) (=> {condition} ({_INVARIANT} {after}))))"


# --- reading the answer ------------------------------------------------------------------------------------------


class _NotInTheLanguage(Exception):
    """The solver's answer says something that specs have no words for."""


_OPERATORS: Mapping[str, Op] = {
    "and": Op.AND,
    "or": Op.OR,
    "=>": Op.IMPLIES,
    "=": Op.EQ,
    "<=": Op.LE,
    ">=": Op.GE,
    "<": Op.LT,
    ">": Op.GT,
    "+": Op.ADD,
    "-": Op.SUB,
}


class _SolutionReading:
    def __init__(self, problem: Problem) -> None:
        self._places: tuple[VariableDecl | PolicyDecl, ...] = scalars(problem.machine)
        self._values = {
            symbols.value(enum.type.name, value): Literal(value, enum.type)
            for enum in problem.machine.enums
            for value in enum.type.values
        }

    def claim(self, found: Solution) -> Expr:
        match found:
            case ("argument", int(number)):
                place = self._places[number]
                return Variable(place.name, place.type)
            case ("integer", int(value)):
                return Literal(value, INT)
            case ("true" | "false" as word,):
                return Literal(word == "true", BOOL)
            case (str(name),) if name in self._values:
                return self._values[name]
            case ("not", tuple(inner)):
                return Not(self.claim(inner))
            case ("-", tuple(inner)):
                return Scale(-1, self.claim(inner))
            case ("*", ("integer", int(factor)), tuple(inner)):
                return Scale(factor, self.claim(inner))
            case ("is", tuple(inner)):
                raise _NotInTheLanguage(str(inner))
            case (str(name), tuple(first), *others) if name in _OPERATORS and others:
                result = self.claim(first)
                for other in others:
                    if not isinstance(other, tuple):
                        raise _NotInTheLanguage(name)
                    result = self._joined(_OPERATORS[name], result, self.claim(other))
                return result
            case _:
                raise _NotInTheLanguage(str(found))

    @staticmethod
    def _joined(op: Op, left: Expr, right: Expr) -> Expr:
        return Binary(op, left, right)
