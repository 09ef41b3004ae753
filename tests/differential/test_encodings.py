"""What a solver is told of a step means what the interpreter does, in each of the three vocabularies."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import pytest
from quiesce.kernel import smtlib as smt
from quiesce.kernel.problem import after, guard
from quiesce.kernel.smtlib import (
    Bounded,
    Frame,
    Known,
    encode,
    enum_declarations,
    integer,
    literal,
    scalars,
    sort,
    unbounded_declarations,
    unbounded_frame,
    unbounded_parameters,
)
from quiesce.kernel.totals import is_closed, split
from quiesce.prove.solving.z3_solver import Solver
from quiesce.spec.effects import ANY_MEMBER
from quiesce.spec.interpreter import evaluate
from quiesce.spec.model import BOOL, Expr, MemberType, Op, ScalarType, Total, Value
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
        state = Known(steps.problem.machine, steps.states[edge.before])
        for expr, about, value, type_ in results(steps, edge):
            frame = Frame(state, None, parameters, {**members, **{name: str(i) for name, i in about.items()}})
            terms.append(f"(= {encode(expr, frame)} {literal(value, type_)})")
    return Solver().unsatisfiable(enum_declarations(steps.problem.machine), [f"(not (and true {' '.join(terms)}))"])


def agrees_on_bounded_runs(steps: Steps) -> bool:
    """Whether a solver that knows variables of a search, and is given members by number, does so, too."""
    machine = steps.problem.machine
    lines, known, terms = list(enum_declarations(machine)), [], []
    for time, edge in enumerate(steps.edges[:ASKED]):
        state, now = Bounded(time, 2, frozenset()), steps.states[edge.before]
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
    return Solver().unsatisfiable(lines, [*known, f"(not (and true {' '.join(terms)}))"])


def agrees_without_bounds(steps: Steps, edge: Edge) -> bool:
    """Whether a solver that knows which members there are finds claims after a step as true as they are."""
    machine, scope = steps.problem.machine, steps.scope(edge)
    later = replace(scope, now=steps.states[edge.after], old=scope.now)
    totals: dict[Total, str] = {}
    frame = unbounded_frame(edge.action.parameters, totals)
    terms = []
    for claim in steps.claims(edge):
        early = split(after(steps.problem.effects[edge.action.name], claim))
        if all(is_closed(part) for part in walk(early) if isinstance(part, Total)):
            terms.append(f"(= {encode(early, frame)} {literal(bool(evaluate(claim, later)), BOOL)})")
    lines = [*unbounded_declarations(machine), *unbounded_parameters(machine, edge.action.parameters)]
    known = [f"(= self.{s.name} {literal(scope.now.scalars[s.name], s.type)})" for s in scalars(machine)]
    for family in machine.families:
        members = scope.now.families[family.name]
        lines += [f"(declare-const {family.name}.{index} member.{family.name})" for index in range(len(members))]
        names = [f"{family.name}.{index}" for index in range(len(members))]
        known.append(f"(distinct {' '.join(names)})")
        known.append(f"(forall ((x member.{family.name})) (or {' '.join(f'(= x {name})' for name in names)}))")
        for name, member in zip(names, members, strict=True):
            known += [f"(= ({family.name}.{f.name} {name}) {literal(member[f.name], f.type)})" for f in family.fields]
    parameters, given = arguments_of(steps, edge)
    known += [f"(= arg.{name} {value})" for name, value in parameters.items()]
    families = steps.families(edge)
    known += [f"(= arg.{name} {families[name]}.{index})" for name, index in given.items()]
    lines += [f"(declare-const {name} Int)" for name in totals.values()]
    known += [f"(= {name} {integer(int(evaluate(total, scope)))})" for total, name in totals.items()]
    return Solver().unsatisfiable(lines, [*known, f"(not (and true {' '.join(terms)}))"])


def test_a_solver_computes_steps_of_known_states_as_the_interpreter_does(machines: Iterator[Steps]) -> None:
    for steps in machines:
        assert agrees_on_known_states(steps), steps.text


def test_a_solver_computes_steps_of_a_search_as_the_interpreter_does(machines: Iterator[Steps]) -> None:
    for steps in machines:
        assert agrees_on_bounded_runs(steps), steps.text


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
