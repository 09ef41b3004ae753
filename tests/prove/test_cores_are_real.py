"""A core is enough for its proof, and without any part of it the step is no longer proved."""

from collections.abc import Container
from dataclasses import replace
from typing import TypeGuard

import pytest
from quiesce.cores.minimal import cores
from quiesce.cores.parts import Argument, Assumed, Condition, Guard, Initial, Kept, Part, Promised, Ranged, Update
from quiesce.cores.premises import argument_claims, guards, invariant_parts, resets, update
from quiesce.cores.relation import relation
from quiesce.cores.step_questions import start_question, step_question
from quiesce.cores.switches import switched
from quiesce.kernel import subjects
from quiesce.kernel.batches import Batch
from quiesce.kernel.kinds import promise_of
from quiesce.kernel.problem import Problem, problem_of
from quiesce.kernel.subjects import Preserved
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.prove.results import Verdict
from quiesce.prove.solving.z3_solver import Solver
from quiesce.spec.effects import Effect, effect_of
from quiesce.spec.meaning.formulas import compared_totals, inhabited, kept, totals_in
from quiesce.spec.meaning.totals import split
from quiesce.spec.model import (
    INT,
    Action,
    Assign,
    Expr,
    ForEach,
    If,
    IfElse,
    IntType,
    Machine,
    MemberType,
    Parameter,
    ParameterDecl,
    Retire,
    Statement,
    Variable,
)
from quiesce.spec.reader import read_file
from quiesce.spec.rewrite import map_children
from quiesce.spec.show import show

from tests.by_day import by_day
from tests.prove.booked import booked
from tests.prove.test_cores import FLAGSHIP
from tests.prove.test_relations import problem_in
from tests.reports import verdicts_by_id
from tests.twins import GOOD

pytestmark = pytest.mark.slow


def known_before(problem: Problem, action: Action) -> dict[Part, Expr]:
    """What each part says of the state before a step."""
    found: dict[Part, Expr] = dict(invariant_parts(problem))
    found |= dict(guards(action))
    for number, assumption in enumerate(action.assumes):
        found[Assumed(action.name, number, show(assumption.claim), assumption.span)] = assumption.claim
    for text, claim, span in argument_claims(problem.machine, action.parameters):
        found[Argument(action.name, text, span)] = claim
    return found


def resting_on(machine: Machine, action: Action, parts: Container[Part]) -> Action:
    """The action with any value at all, of the type without bounds, where no part says what the value is."""
    listed: list[Statement] = []
    extra: list[ParameterDecl] = []
    for statement in action.body:
        assert isinstance(statement, Assign | Retire)
        for assign in resets(machine, statement) if isinstance(statement, Retire) else [statement]:
            number = len(listed)
            known = update(action, number, statement, assign.target) in parts
            listed.append(assign if known else anything(assign, extra))
    written = {assign.target for assign in listed if isinstance(assign, Assign)}
    for variable in machine.variables:
        place = Variable(variable.name, variable.type)
        if place not in written and Kept(action.name, f"self.{variable.name}", action.span) not in parts:
            listed.append(anything(Assign(place, place, action.span), extra))
    return replace(action, parameters=(*action.parameters, *extra), body=tuple(listed))


def anything(assign: Assign, extra: list[ParameterDecl]) -> Assign:
    type_ = INT if isinstance(assign.target.type, IntType) else assign.target.type
    name = f"anything.{len(extra)}"
    extra.append(ParameterDecl(name, type_, new=False, span=assign.span))
    return replace(assign, value=Parameter(name, type_))


def with_switches(problem: Problem, action: Action, parts: Container[Part]) -> tuple[Problem, Action, Effect]:
    """The same for an action with loops and conditions: with any values where the switch of a part is off."""
    wired = switched(problem)
    on = {name for part, name in wired.switches.items() if part in parts}
    extra: list[ParameterDecl] = []
    kept_places = {part.place for part in relation(problem.machine, action).premises if is_kept(part) and part in parts}
    written = effect_of(problem.machine, action).scalars
    listed = [
        anything(Assign(place, place, action.span), extra)
        for place in (Variable(variable.name, variable.type) for variable in problem.machine.variables)
        if place.name not in written and f"self.{place.name}" not in kept_places
    ]
    changed = wired.problem.machine.actions_by_name[action.name]
    resting = replace(changed, parameters=(*action.parameters, *extra), body=(*changed.body, *listed))
    effect = effect_of(wired.problem.machine, resting)
    scalars = {place: switched_on(value, on) for place, value in effect.scalars.items()}
    fields = {place: switched_on(value, on) for place, value in effect.fields.items()}
    return wired.problem, resting, replace(effect, scalars=scalars, fields=fields)


def is_kept(part: Part) -> TypeGuard[Kept]:
    return isinstance(part, Kept)


def switched_on(expr: Expr, on: Container[str]) -> Expr:
    match expr:
        case IfElse(Variable(name), then, _) if name in on:
            return switched_on(then, on)
        case _:
            return map_children(expr, lambda child: switched_on(child, on))


def is_told_apart(problem: Problem, part: Part) -> bool:
    """Whether the prover's condition can do without a part.

    It says of no action that fields stay as they are, and takes for granted what totals owe to the ranges of fields.
    """
    match part:
        case Kept(_, place):
            return place.startswith("self.")
        case Ranged(place):
            return place.startswith("self.") or not problem.has_totals
        case _:
            return True


def is_proved(problem: Problem, action: Action, parts: Container[Part], goal: Expr) -> bool:
    """Whether the prover's condition holds if nothing but these parts, and what stays as it is, may be used."""
    if any(isinstance(statement, If | ForEach) for statement in action.body):
        asked, resting, effect = with_switches(problem, action, parts)
    else:
        asked, resting = problem, resting_on(problem.machine, action, parts)
        effect = effect_of(problem.machine, resting)
    there = (
        inhabited(asked.machine.family_of(p.type).name) for p in resting.parameters if isinstance(p.type, MemberType)
    )
    known = (split(claim) for part, claim in known_before(problem, action).items() if part in parts)
    premises = (*there, *known)
    goals = (("goal", kept(effect, goal)),)
    comparable = compared_totals(effect, totals_in((goal,)))
    batch = Batch(asked, resting.parameters, premises, goals, comparable, reachable=False)
    return Solver(Effort()).check(batch)[0].proved


SMALL = {"Group", "Patience", "Reception", "Tokens"}
"""Good specs too small to need every kind of part."""


@pytest.mark.slow
@pytest.mark.parametrize(
    "machine", by_day([booked(), *(read_file(path) for path in GOOD.values())], 3), ids=lambda machine: machine.name
)
def test_a_core_is_enough_and_without_any_part_of_it_the_step_is_no_longer_proved(machine: Machine) -> None:
    problem = problem_of(machine)
    goals = {invariant.name: invariant.claim for invariant in problem.invariants}
    goals |= {promise.name: claim.claim for promise, claim in problem.step_promises}
    tried = set()
    for action in problem.moving:
        for about, core in cores(step_question(problem, action), Effort()).items():
            goal = goals[str(promise_of(about))]
            assert core is not None
            assert is_proved(problem, action, core, goal), about
            for part in core:
                if is_told_apart(problem, part):
                    assert not is_proved(problem, action, core - {part}, goal), (about, part)
                    tried.add(type(part))
    assert {Guard, Update, Ranged, Promised} <= tried or machine.name in SMALL


def test_the_start_rests_on_the_initial_values_that_it_needs() -> None:
    found_cores = cores(start_question(problem_of(booked())), Effort())
    core = found_cores[subjects.Initial("seats_are_paid_for")]
    assert core is not None
    assert {part.place for part in core if isinstance(part, Initial)} == {"self.taken", "self.paid"}
    for before, now in (("taken: Nat = 0", "taken: Nat = 9"), ("paid: Nat = 0", "taken_: Nat = 0\n    paid: Nat = 0")):
        weaker = booked((before, now))
        verdict = verdicts_by_id(verify(weaker))
        assert (verdict["start/seats_are_paid_for"] is Verdict.REFUTED) == (now == "taken: Nat = 9")


def test_what_does_not_follow_has_no_core() -> None:
    broken = problem_of(booked(('        assume(price > 0, "nobody books for nothing")\n', "")))
    answers = cores(step_question(broken, broken.machine.actions_by_name["book"]), Effort())
    assert answers[Preserved("book", "seats_are_paid_for")] is None


def test_nothing_is_found_within_no_budget() -> None:
    problem = problem_of(booked())
    answers = cores(step_question(problem, problem.machine.actions_by_name["book"]), Effort(budget=1))
    assert answers[Preserved("book", "seats_are_paid_for")] is None


def test_both_ways_of_looking_know_the_same_parts() -> None:
    for path in (*GOOD.values(), FLAGSHIP):
        problem = problem_in(path)
        premises = {part for action in problem.machine.actions for part in relation(problem.machine, action).premises}
        wired = {part for part in premises if isinstance(part, Guard | Assumed | Condition | Update)}
        assert wired == set(switched(problem).switches)
