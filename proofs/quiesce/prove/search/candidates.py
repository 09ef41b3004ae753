"""Candidates for invariants that nobody wrote: short clauses of simple facts that no state of a walk speaks against.

A fact compares a place with a constant of the spec, or with another integer place that the spec brings together with
it; a place is a variable, or a field of one member. A clause says that one of two facts holds, which is how "in this
state, that is zero" is said; a wide one has three. What is guessed here still has to be proved.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import combinations
from typing import assert_never

from quiesce.kernel.problem import Problem
from quiesce.prove.search.closed_set import Fact
from quiesce.prove.search.walk import Walk
from quiesce.spec.effects import ANY_MEMBER
from quiesce.spec.interpreter import Scope, evaluate
from quiesce.spec.model import (
    INT,
    Always,
    Assign,
    Binary,
    BoolType,
    Claim,
    EnabledWhere,
    EnumType,
    Expr,
    FamilyDecl,
    Field,
    Initially,
    IntType,
    LeadsTo,
    Literal,
    Machine,
    Not,
    Op,
    Pristine,
    Recoverable,
    RefusesOrAccepts,
    ScalarType,
    Step,
    Variable,
)
from quiesce.spec.parts_of_actions import statements
from quiesce.spec.record import record
from quiesce.spec.rewrite import conjuncts, either, equal, walk

MOST = 500
"""How many candidates are tried at once; the shortest ones come first."""


@record
class Atom:
    """A claim about some places, and the samples in which it holds, one bit for each.

    A `plain` one is about a finite value, or about being zero.
    """

    claim: Expr
    about: tuple[Expr, ...]
    plain: bool
    holds: int = 0


def candidates(problem: Problem, seen: Walk, *, wide: bool = False) -> tuple[Fact, ...]:
    """Clauses that hold in every state of `seen`; of two facts, or of three if they shall be `wide`."""
    found: list[Fact] = []
    for family in (None, *problem.machine.families):
        samples = tuple(_samples_of_walk(seen, family))
        facts = [_observed_fact(fact, samples) for fact in _facts_of_candidates(problem.machine, family)]
        found.extend(Fact(clause, family) for clause in _shortest_clauses(facts, (1 << len(samples)) - 1, wide=wide))
    return tuple(dict.fromkeys(found))[:MOST]


def _samples_of_walk(seen: Walk, family: FamilyDecl | None) -> Iterator[Scope]:
    """Each state, or each state with each of its members; those that look alike only once."""
    known: set[object] = set()
    for state in seen.states:
        scalars = tuple(state.scalars.values())
        for index, member in enumerate(state.families[family.name] if family is not None else [{}]):
            look = (scalars, tuple(member.values()))
            if look not in known:
                known.add(look)
                yield Scope(state, members={ANY_MEMBER: index})


def _observed_fact(fact: Atom, samples: tuple[Scope, ...]) -> Atom:
    return replace(fact, holds=sum(1 << number for number, scope in enumerate(samples) if evaluate(fact.claim, scope)))


def _shortest_clauses(facts: Iterable[Atom], everywhere: int, *, wide: bool) -> Iterator[Expr]:
    """The shortest disjunctions of facts that hold in every sample."""
    open_facts = []
    for fact in facts:
        if fact.holds == everywhere:
            yield fact.claim
        elif fact.holds:
            open_facts.append(fact)
    open_pairs = []
    for left, right in combinations(open_facts, 2):
        if left.about == right.about or not (left.plain or right.plain):
            continue
        if left.holds | right.holds == everywhere:
            yield _clause_as_claim(left.claim, right.claim)
        elif left.plain and right.plain:
            open_pairs.append((left, right))
    if wide:
        for (first, second), third in ((pair, fact) for pair in open_pairs for fact in open_facts):
            if first.holds | second.holds | third.holds == everywhere and third not in {first, second}:
                yield _clause_as_claim(first.claim, _clause_as_claim(second.claim, third.claim))


def _clause_as_claim(left: Expr, right: Expr) -> Expr:
    """A disjunction, as an implication where that reads better."""
    match left, right:
        case (Binary(Op.NE, place, value), other) | (other, Binary(Op.NE, place, value)):
            return Binary(Op.IMPLIES, Binary(Op.EQ, place, value), other)
        case (Not(fact), other) | (other, Not(fact)):
            return Binary(Op.IMPLIES, fact, other)
        case _:
            return either(left, right)


# --- facts -------------------------------------------------------------------------------------------------------


def _facts_of_candidates(machine: Machine, family: FamilyDecl | None) -> Iterator[Atom]:
    """Facts about variables and, if there is a family, about the fields of its member."""
    places: list[Variable | Field] = [Variable(v.name, v.type) for v in machine.variables]
    if family is not None:
        places += [Field(ANY_MEMBER, family.name, f.name, f.type) for f in family.fields]
    places += [Variable(policy.name, policy.type) for policy in machine.policies]
    constants = sorted(_constants_of_spec(machine))
    for place in places:
        yield from _facts_about_place(place, place.type, constants)
    together = _places_together(machine)
    for left, right in combinations(places, 2):
        if frozenset({_name_of_place(left), _name_of_place(right)}) in together:
            for op in (Op.EQ, Op.LE, Op.GE):
                yield Atom(Binary(op, left, right), (left, right), plain=False)


def _facts_about_place(place: Variable | Field, type_: ScalarType, constants: list[int]) -> Iterator[Atom]:
    match type_:
        case BoolType():
            yield from (Atom(claim, (place,), plain=True) for claim in (place, Not(place)))
        case EnumType(_, values):
            for value in values:
                is_value = equal(place, Literal(value, type_))
                yield Atom(is_value, (place,), plain=True)
                if len(values) > 2:
                    yield Atom(Binary(Op.NE, place, Literal(value, type_)), (place,), plain=True)
        case IntType(low):
            zero = Literal(0, INT)
            yield from (Atom(Binary(op, place, zero), (place,), plain=True) for op in (Op.EQ, Op.GT))
            if low is None:
                yield Atom(Binary(Op.GE, place, zero), (place,), plain=True)
            for constant in constants:
                for op in (Op.EQ, Op.LE, Op.GE):
                    yield Atom(Binary(op, place, Literal(constant, INT)), (place,), plain=False)


def _constants_of_spec(machine: Machine) -> set[int]:
    """The integers that the spec speaks of, but for zero."""
    parts = [part for expr in _expressions_of_spec(machine) for part in walk(expr)]
    found = {int(part.value) for part in parts if isinstance(part, Literal) and isinstance(part.type, IntType)}
    return (found | {int(v.initial) for v in machine.variables if isinstance(v.type, IntType)}) - {0}


def _places_together(machine: Machine) -> set[frozenset[str]]:
    """Pairs of integer places that stand in one expression or promise of the spec, or that one action changes."""
    exprs = [
        *_expressions_of_spec(machine),
        *(part for promise in machine.promises for part in _parts_of_claim(promise.claim)),
    ]
    groups = [{_name_of_place(part) for part in walk(expr) if isinstance(part, Variable | Field)} for expr in exprs]
    for action in machine.actions:
        targets = [s.target for s in statements(action.body) if isinstance(s, Assign)]
        groups.append({_name_of_place(target) for target in targets})
    integers = {v.name for v in machine.variables if isinstance(v.type, IntType)}
    integers |= {f"{y.name}.{f.name}" for y in machine.families for f in y.fields if isinstance(f.type, IntType)}
    return {frozenset(pair) for group in groups for pair in combinations(sorted(group & integers), 2)}


def _parts_of_claim(claim: Claim) -> tuple[Expr, ...]:
    match claim:
        case Always(inner) | Step(inner) | Pristine(inner) | Recoverable(inner):
            return (inner,)
        case RefusesOrAccepts(inner) | EnabledWhere(inner) | Initially(inner):
            return (inner,)
        case LeadsTo(trigger, goal):
            return trigger, goal
        case _:
            assert_never(claim)


def _name_of_place(place: Variable | Field) -> str:
    return place.name if isinstance(place, Variable) else f"{place.family}.{place.name}"


def _expressions_of_spec(machine: Machine) -> Iterator[Expr]:
    """The guards of a machine, and what it assigns, as a comparison of the old value with the new one."""
    for action in machine.actions:
        for claim in action.when:
            yield from conjuncts(claim)
        for statement in statements(action.body):
            if isinstance(statement, Assign):
                yield Binary(Op.EQ, statement.target, statement.value)
