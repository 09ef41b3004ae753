"""What a solver is told of a step means what the interpreter does, in each of the three vocabularies."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import pytest
from quiesce.prove.effort import Effort
from quiesce.prove.solving.z3_solver import Solver
from quiesce.spec.effects import ANY_MEMBER
from quiesce.spec.interpreter import evaluate
from quiesce.spec.meaning import lets, symbols
from quiesce.spec.meaning import smtlib as smt
from quiesce.spec.meaning.few_members import FewMembers
from quiesce.spec.meaning.formulas import after, guard
from quiesce.spec.meaning.known_state import KnownState
from quiesce.spec.meaning.smtlib import Frame, encode, enum_declarations, integer, literal, scalars, sort
from quiesce.spec.meaning.totals import TotalNames, is_closed, split
from quiesce.spec.meaning.unbounded import Unbounded, unbounded_declarations, unbounded_frame, unbounded_parameters
from quiesce.spec.model import (
    BOOL,
    INT,
    Binary,
    Expr,
    Field,
    Literal,
    MemberType,
    Op,
    Quantified,
    Quantifier,
    ScalarType,
    Total,
    Value,
)
from quiesce.spec.rewrite import walk

from tests.differential.spaces import Edge
from tests.differential.steps import Steps, steps_of_machines

ASKED = 6
"""Steps of a machine about which a solver is asked."""


@pytest.fixture
def machines() -> Iterator[Steps]:
    return steps_of_machines()


def results(steps: Steps, edge: Edge) -> Iterator[tuple[Expr, Mapping[str, int], Value, ScalarType]]:
    """Each new value of a step with the members that it is about, and what it is; first of all, the guard is true."""
    machine, now = steps.problem.machine, steps.states[edge.after]
    effect = steps.problem.effects[edge.action.name]
    yield guard(machine, edge.action), {}, True, BOOL
    for variable in machine.variables:
        if variable.name in effect.scalars:
            yield effect.scalars[variable.name], {}, now.scalars[variable.name], variable.type
    for family in machine.families:
        for declared in family.fields:
            for index, member in enumerate(now.families[family.name]):
                if (value := effect.fields.get((family.name, declared.name))) is not None:
                    yield value, {ANY_MEMBER: index}, member[declared.name], declared.type


def arguments_of(steps: Steps, edge: Edge) -> tuple[dict[str, str], dict[str, str]]:
    """What the action is given, as text: scalars and members."""
    scope = steps.scope(edge)
    types = {p.name: p.type for p in edge.action.parameters if not isinstance(p.type, MemberType)}
    return (
        {name: literal(scope.parameters[name], type_) for name, type_ in types.items()},
        {name: str(index) for name, index in scope.members.items()},
    )


def agrees_on_known_states(steps: Steps) -> bool:
    """Whether a solver that is told of each state in full comes to what the interpreter does."""
    terms = []
    for edge in steps.edges[:ASKED]:
        parameters, members = arguments_of(steps, edge)
        state = KnownState(steps.problem.machine, steps.states[edge.before])
        for expr, about, value, type_ in results(steps, edge):
            frame = Frame(state, None, parameters, {**members, **{name: str(i) for name, i in about.items()}})
            terms.append(f"(= {encode(expr, frame)} {literal(value, type_)})")
    return Solver(Effort()).unsatisfiable(
        enum_declarations(steps.problem.machine), [f"(not (and true {' '.join(terms)}))"]
    )


def agrees_on_bounded_runs(steps: Steps) -> bool:
    """Whether a solver that knows variables of a search, and is given members by number, does so, too."""
    machine = steps.problem.machine
    lines, known, terms = list(enum_declarations(machine)), [], []
    for time, edge in enumerate(steps.edges[:ASKED]):
        state, now = FewMembers(time, 2, frozenset()), steps.states[edge.before]
        values = [(state.variable(s.name), s.type, now.scalars[s.name]) for s in scalars(machine)]
        for family in machine.families:
            for index, member in enumerate(now.families[family.name]):
                values += [
                    (state.field(family.name, f.name, str(index)), f.type, member[f.name]) for f in family.fields
                ]
        lines += [f"(declare-const {name} {sort(type_)})" for name, type_, _ in values]
        known += [f"(= {name} {literal(value, type_)})" for name, type_, value in values]
        parameters, members = arguments_of(steps, edge)
        lines += [f"(declare-const {name}@{time} Int)" for name in members]
        known += [f"(= {name}@{time} {index})" for name, index in members.items()]
        for expr, about, value, type_ in results(steps, edge):
            named = {name: f"{name}@{time}" for name in members}
            frame = Frame(state, None, parameters, {**named, **{name: str(i) for name, i in about.items()}})
            terms.append(f"(= {encode(expr, frame)} {literal(value, type_)})")
    return Solver(Effort()).unsatisfiable(lines, [*known, f"(not (and true {' '.join(terms)}))"])


def agrees_without_bounds(steps: Steps, edge: Edge) -> bool:
    """Whether a solver that knows which members there are finds claims after a step as true as they are."""
    machine, scope = steps.problem.machine, steps.scope(edge)
    later = replace(scope, now=steps.states[edge.after], old=scope.now)
    totals = TotalNames()
    frame = unbounded_frame(edge.action.parameters, totals)
    terms = []
    for claim in steps.claims(edge):
        early = split(after(steps.problem.effects[edge.action.name], claim))
        if all(is_closed(part) for part in walk(early) if isinstance(part, Total)):
            terms.append(f"(= {encode(early, frame)} {literal(bool(evaluate(claim, later)), BOOL)})")
    lines = [*unbounded_declarations(machine), *unbounded_parameters(machine, edge.action.parameters)]
    known = [f"(= {symbols.variable(s.name)} {literal(scope.now.scalars[s.name], s.type)})" for s in scalars(machine)]
    for family in machine.families:
        members, sort_of_members = scope.now.families[family.name], symbols.member_sort(family.name)
        names = [f"{family.name}.{index}" for index in range(len(members))]
        lines += [f"(declare-const {name} {sort_of_members})" for name in names]
        some = symbols.inhabited(family.name)
        known.append(some if members else f"(not {some})")
        if members:
            known.append(f"(distinct {' '.join(names)})")
            known.append(f"(forall ((x {sort_of_members})) (or {' '.join(f'(= x {name})' for name in names)}))")
        for name, member in zip(names, members, strict=True):
            places = ((f"({symbols.field(family.name, f.name)} {name})", f) for f in family.fields)
            known += [f"(= {place} {literal(member[f.name], f.type)})" for place, f in places]
    parameters, given = arguments_of(steps, edge)
    known += [f"(= {symbols.argument(name)} {value})" for name, value in parameters.items()]
    families = steps.families(edge)
    known += [f"(= {symbols.argument(name)} {families[name]}.{index})" for name, index in given.items()]
    lines += [f"(declare-const {name} Int)" for name in totals.symbols]
    known += [
        f"(= {name} {integer(int(evaluate(total, scope)))})"
        for total, name in zip(totals.met, totals.symbols, strict=True)
    ]
    return Solver(Effort()).unsatisfiable(lines, [*known, f"(not (and true {' '.join(terms)}))"])


@pytest.mark.slow
def test_a_solver_computes_steps_of_known_states_as_the_interpreter_does(machines: Iterator[Steps]) -> None:
    for steps in machines:
        assert agrees_on_known_states(steps), steps.text


@pytest.mark.slow
def test_a_solver_computes_steps_of_a_search_as_the_interpreter_does(machines: Iterator[Steps]) -> None:
    for steps in machines:
        assert agrees_on_bounded_runs(steps), steps.text


@pytest.mark.slow
def test_a_solver_judges_claims_as_the_interpreter_does(machines: Iterator[Steps]) -> None:
    for steps in machines:
        for edge in steps.edges[-2:]:
            assert agrees_without_bounds(steps, edge), (steps.text, edge.action.name, edge.arguments)


@pytest.mark.parametrize("agrees", [agrees_on_known_states, agrees_on_bounded_runs])
def test_a_wrong_encoding_is_noticed(
    agrees: Callable[[Steps], bool], machines: Iterator[Steps], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smt, "SMT_OPERATORS", {**smt.SMT_OPERATORS, Op.LE: "<"})
    assert not all(agrees(steps) for steps in machines)


@pytest.mark.parametrize("agrees", [agrees_on_known_states, agrees_on_bounded_runs])
def test_a_large_term_means_what_a_small_one_does(
    agrees: Callable[[Steps], bool], machines: Iterator[Steps], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smt, "LARGEST", 0)
    for steps in machines:
        assert agrees(steps), steps.text


@pytest.mark.slow
def test_a_claim_with_names_for_its_parts_is_judged_as_one_without(
    machines: Iterator[Steps], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smt, "LARGEST", 0)
    monkeypatch.setattr(lets, "HIGHEST", 1)  # so that almost every part has a name
    for steps in machines:
        for edge in steps.edges[-2:]:
            assert agrees_without_bounds(steps, edge), (steps.text, edge.action.name, edge.arguments)


def test_a_name_that_is_kept_where_a_member_is_another_one_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """`x` is bound twice, and one part speaks of it in both places: of two members that need not be the same."""
    part = Binary(Op.ADD, Field("x", "ss", "a", INT), Field("x", "ss", "a", INT))
    high = Binary(Op.GT, part, Literal(2, INT))
    claim = Quantified(Quantifier.ALL, "x", "ss", Binary(Op.OR, high, Quantified(Quantifier.ANY, "x", "ss", high)))
    plain = encode(claim, Frame(Unbounded(TotalNames())))
    monkeypatch.setattr(smt, "LARGEST", 0)
    named = encode(claim, Frame(Unbounded(TotalNames())))
    assert "let.1" in named
    lines = ["(declare-sort member.ss 0)", "(declare-const some.ss Bool)", "(declare-fun field.ss.a (member.ss) Int)"]
    assert Solver(Effort()).unsatisfiable(lines, [f"(distinct {plain} {named})"])
    right_body = smt._body

    def keeping_all_names(body: Expr, bound: str, frame: Frame, depth: int) -> smt.Body:
        if frame.named is None:
            return right_body(body, bound, frame, depth)
        named = replace(frame.named, known=frame.named.known | {bound})
        return lambda member: smt._with_names(
            body, replace(frame, members={**frame.members, bound: member}, named=named)
        )

    monkeypatch.setattr(smt, "_body", keeping_all_names)
    wrong = encode(claim, Frame(Unbounded(TotalNames())))
    assert not Solver(Effort()).unsatisfiable(lines, [f"(distinct {plain} {wrong})"])
