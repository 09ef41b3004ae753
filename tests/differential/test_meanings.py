"""Statements run by the interpreter, and the simultaneous updates and claims that proofs are made of, mean the same."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from enum import Enum
from pathlib import PurePosixPath

import pytest
from quiesce.kernel import problem as claims
from quiesce.spec.arguments import argument_scopes
from quiesce.spec.effects import ANY_MEMBER, Effect, effect_of
from quiesce.spec.interpreter import evaluate, is_enabled, step
from quiesce.spec.meaning.formulas import after, compared_totals, guard, totals_in
from quiesce.spec.meaning.totals import facts, is_closed, split
from quiesce.spec.model import INT, Action, Expr, If, IntType, Machine, Not, ParameterDecl, Total
from quiesce.spec.reader import read_text
from quiesce.spec.rewrite import walk
from quiesce.spec.state import State

from tests.differential.reference import lifecycle as reference
from tests.differential.reference.exploring import arguments, explore
from tests.differential.reference.lifecycle import Lifecycle
from tests.differential.reference.loading import load
from tests.differential.spaces import INTEGERS, Edge
from tests.differential.steps import STATES, Steps, steps_of, steps_of_machines, texts

pytestmark = pytest.mark.slow


@pytest.fixture
def machines() -> Iterator[Steps]:
    return steps_of_machines()


def _mix_up_arms(machine: Machine, action: Action) -> Effect:
    body = tuple(replace(s, condition=Not(s.condition)) if isinstance(s, If) else s for s in action.body)
    return effect_of(machine, replace(action, body=body))


def updated(steps: Steps, edge: Edge) -> State:
    """The state after a step, by one simultaneous update."""
    effect, scope = steps.problem.effects[edge.action.name], steps.scope(edge)
    before = scope.now
    scalars = {name: evaluate(value, scope) for name, value in effect.scalars.items()}
    fields = {
        family: [
            {
                n: evaluate(value, scope.bind(ANY_MEMBER, index))
                for (f, n), value in effect.fields.items()
                if f == family
            }
            for index in range(len(members))
        ]
        for family, members in before.families.items()
    }
    return State(
        {**before.scalars, **scalars},
        {
            family: tuple({**member, **new} for member, new in zip(members, fields[family], strict=True))
            for family, members in before.families.items()
        },
    )


def wrong_updates(machines: Iterator[Steps]) -> Iterator[tuple[str, Edge]]:
    """Steps that the update describes differently."""
    for steps in machines:
        for edge in steps.edges:
            if updated(steps, edge) != steps.states[edge.after]:
                yield steps.text, edge


def test_statements_are_one_simultaneous_update(machines: Iterator[Steps]) -> None:
    assert next(wrong_updates(machines), None) is None


def test_a_wrong_update_is_noticed(machines: Iterator[Steps], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "effect_of", _mix_up_arms)
    assert next(wrong_updates(machines), None) is not None


def test_a_guard_holds_exactly_where_the_action_can_happen(machines: Iterator[Steps]) -> None:
    """Arguments outside their types included."""
    for steps in machines:
        machine = steps.problem.machine
        for action in machine.actions:
            claim, anything = guard(machine, action), tuple(map(_of_any_size, action.parameters))
            for state in steps.states:
                for scope in argument_scopes(machine, state, anything, (*INTEGERS, 3)):
                    possible = is_enabled(machine, state, action, {**scope.parameters, **scope.members})
                    assert evaluate(claim, scope) == possible, (steps.text, action.name, scope)


def _of_any_size(parameter: ParameterDecl) -> ParameterDecl:
    return replace(parameter, new=False, type=INT if isinstance(parameter.type, IntType) else parameter.type)


def test_a_claim_moved_before_a_step_says_what_holds_after_it(machines: Iterator[Steps]) -> None:
    for steps in machines:
        for edge in steps.edges:
            scope = steps.scope(edge)
            later = replace(scope, now=steps.states[edge.after], old=scope.now)
            for claim in steps.claims(edge):
                early = after(steps.problem.effects[edge.action.name], claim)
                truth = evaluate(claim, later)
                assert evaluate(early, scope) == truth, (steps.text, edge.action.name, claim)
                assert evaluate(split(early), scope) == truth, (steps.text, edge.action.name, claim)


def facts_before(steps: Steps, edge: Edge, *, in_range: bool) -> Iterator[tuple[Expr, bool]]:
    """What is assumed of totals before a step, and whether it is true there.

    A claim with a total that the prover cannot handle is refused as a whole, so nothing is assumed for it.
    """
    scope, effect = steps.scope(edge), steps.problem.effects[edge.action.name]
    handled = [claim for claim in steps.claims(edge) if all(map(is_closed, totals_before(effect, claim)))]
    totals = {total for claim in handled for total in totals_before(effect, claim)}
    pairs = compared_totals(effect, totals_in(handled))
    named = [(family, name) for name, family in steps.families(edge).items()]
    for fact in facts(sorted(totals, key=repr), pairs, named, in_range=in_range):
        yield fact, bool(evaluate(fact, scope))


def totals_before(effect: Effect, claim: Expr) -> list[Total]:
    """The totals in what a claim about the state after a step says of the state before."""
    return [part for part in walk(split(after(effect, claim))) if isinstance(part, Total)]


def is_in_range(steps: Steps, edge: Edge) -> bool:
    """Whether a step begins where every integer is within its declared bounds."""
    ranges = [i.claim for i in steps.problem.invariants if i.name.endswith(" in range")]
    return all(evaluate(claim, steps.scope(edge)) for claim in ranges)


@pytest.mark.slow
def test_what_is_assumed_of_totals_is_true_in_every_state(machines: Iterator[Steps]) -> None:
    """Where something is out of range, no more is assumed than what needs no ranges."""
    seen = Counter[bool]()
    for steps in machines:
        for edge in steps.edges:
            for in_range in {False, is_in_range(steps, edge)}:
                for fact, is_true in facts_before(steps, edge, in_range=in_range):
                    assert is_true, (steps.text, edge.action.name, fact)
                    seen[in_range] += 1
    assert seen[False] > 100
    assert seen[True] > 50


BELOW_ZERO = """
from quiesce.spec import Family, Machine, Member, Nat, always, environment


class Jar(Member):
    left: Nat = 0


class Shelf(Machine):
    jars: Family[Jar]

    @environment
    def take(self, jar: Jar) -> None:
        jar.left -= 1

    @always
    def nothing_is_left(self) -> bool:
        return sum(jar.left for jar in self.jars) <= 0
"""


def test_what_rests_on_ranges_is_false_outside_of_them() -> None:
    steps = steps_of(BELOW_ZERO)
    outside = [edge for edge in steps.edges if not is_in_range(steps, edge)]
    assert any(not is_true for edge in outside for _, is_true in facts_before(steps, edge, in_range=True))


# --- against the text itself -------------------------------------------------------------------------------------


def told_apart(text: str) -> Iterator[str]:
    """Steps that the interpreter and the text, run as the Python that it is, do not have in common."""
    return told_apart_from(text, text)


def told_apart_from(text: str, other: str) -> Iterator[str]:
    """The same of two texts, the first of which the interpreter is given."""
    machine = read_text(text, PurePosixPath("random.py"))
    for life in load(other):
        found = explore(life, (2,) * len(life.families), STATES)
        for number in found.expanded:
            before = shown(life, found.states[number])
            taken = {(a.name, frozenset(given.items())): took for a, given, took in found.tried[number]}
            for own in life.actions:
                for given in arguments(life, found.states[number], own.parameters):
                    action = machine.actions_by_name[own.name]
                    values = {name: value.name if isinstance(value, Enum) else value for name, value in given.items()}
                    took = taken.get((own.name, frozenset(given.items())))
                    if is_enabled(machine, before, action, values) != (took is not None and not took.distrusted):
                        yield f"{own.name} {values} in {before}"
                    elif took is None or took.distrusted:
                        continue
                    elif step(machine, before, action, values) != shown(life, took.state):
                        yield f"{own.name} {values} leads from {before} elsewhere"


def shown(life: Lifecycle, state: reference.State) -> State:
    """A state of the reference as the interpreter has it."""

    def plain(value: reference.Value) -> bool | int | str:
        return value.name if isinstance(value, Enum) else value

    scalars = {name: plain(value) for (name, _), value in zip(life.scalars, state.scalars, strict=True)}
    return State(
        {**scalars, **{name: plain(value) for name, value in life.policies.items()}},
        {
            family.name: tuple(
                {f.name: plain(value) for f, value in zip(family.fields, member, strict=True)} for member in members
            )
            for family, members in zip(life.families, state.families, strict=True)
        },
    )


def test_the_interpreter_does_what_the_text_does() -> None:
    for text in texts():
        assert list(told_apart(text)) == [], text


def test_another_text_is_told_apart() -> None:
    assert any(list(told_apart_from(text, text.replace(" += 1", " += 2"))) for text in texts())
