"""Random actions: calls with all their outcomes, and steps of the provider and of the world."""

from dataclasses import replace

from hypothesis import strategies as st
from quiesce.spec.effects import effect_of
from quiesce.spec.interpreter import Enumerator
from quiesce.spec.model import (
    FALSE,
    INT,
    Accepts,
    Action,
    ActionKind,
    Assumption,
    Binary,
    Blocks,
    BoolType,
    Expr,
    Fails,
    IntType,
    Literal,
    Machine,
    Not,
    Op,
    Outcome,
    ParameterDecl,
    Statement,
    Type,
)
from quiesce.spec.rewrite import conjunction, walk

from tests.differential.bodies import MOST, NOWHERE, body, names_of
from tests.differential.expressions import Draw, atom, boolean, chance, pick
from tests.differential.spaces import Space, space

GLANCE = 25
"""States of the walk that tells whether an action can happen."""

LARGE = 9
"""Parts of a new value of which no guard says that it is in range: the guard would be larger than the rest."""


def actions(draw: Draw, machine: Machine) -> tuple[Action, ...]:
    """All actions of a machine: steps of several kinds, then one or two calls, whose waits speak of those before."""
    for name in ("tick", "drift")[: draw(st.integers(0, 2))]:
        kind = pick(draw, (ActionKind.INTERNAL, ActionKind.ENVIRONMENT))
        machine = _with(machine, _accepting(draw, machine, name, kind, ()))
    for name in ("open", "close")[: draw(st.integers(1, 2))]:
        machine = _call(draw, machine, name)
    return machine.actions


def _with(machine: Machine, action: Action) -> Machine:
    return replace(machine, actions=(*machine.actions, action))


def _call(draw: Draw, machine: Machine, name: str) -> Machine:
    """The machine with the outcomes of one call. Mostly they leave no state and no arguments out."""
    first = _accepting(draw, machine, name, ActionKind.CALL, (name,))
    machine = _with(machine, first)
    if not first.when:
        return machine
    rest: tuple[Expr, ...] = (Not(conjunction(first.when)),)
    if chance(draw, 30):
        second = _accepting(draw, machine, f"{name}_else", ActionKind.CALL, (name,), first.parameters, rest)
        machine = _with(machine, second)
        rest = (*rest, Not(conjunction(second.when[len(rest) :]))) if len(second.when) > len(rest) else (FALSE,)
    if chance(draw, 90):
        if chance(draw, 15):
            rest = (boolean(draw, names_of(machine, first.parameters), 1),)
        outcome: Outcome = Fails("REFUSED")
        if chance(draw, 35):
            fair = [action.name for action in machine.actions]
            outcome = Blocks(tuple(dict.fromkeys(pick(draw, fair) for _ in range(draw(st.integers(1, 2))))))
        machine = _with(machine, _action(f"{name}_not", ActionKind.CALL, (name,), first.parameters, rest, (), outcome))
    return machine


def _accepting(
    draw: Draw,
    machine: Machine,
    name: str,
    kind: ActionKind,
    calls: tuple[str, ...],
    given: tuple[ParameterDecl, ...] | None = None,
    besides: tuple[Expr, ...] = (),
) -> Action:
    """An action that happens, where `besides` holds. Guards often keep the variables that it changes in range.

    Of a few guards one is preferred with which the action happens in a short walk.
    """
    parameters = _parameters(draw, machine) if given is None else given
    names = names_of(machine, parameters)
    plain = _action(name, kind, calls, parameters, besides, body(draw, machine, names), Accepts())
    if chance(draw, 75):
        plain = replace(plain, when=(*plain.when, *_keeping_in_range(draw, machine, plain)))
    glance = space(machine, 2, GLANCE, lambda _: True)

    def guarded() -> Action:
        when = [atom(draw, names) for _ in range(draw(st.integers(0, 2)))]
        if chance(draw, 15):
            when.append(boolean(draw, names))
        return replace(plain, when=(*plain.when, *when))

    action = _preferably_alive(glance, [guarded() for _ in range(3)])
    if chance(draw, 12):
        trusting = [
            replace(action, assumes=(Assumption(boolean(draw, names, 1), "it is so", NOWHERE),)) for _ in range(3)
        ]
        action = _preferably_alive(glance, trusting)
    return action


def _preferably_alive(glance: Space, candidates: list[Action]) -> Action:
    """The first that happens in some state of a walk; the last if none does."""
    for action in candidates:
        enumerator = Enumerator(replace(glance.machine, actions=(action,)))
        if any(True for state in glance.states for _ in enumerator.enabled(state)):
            return action
    return candidates[-1]


def _action(
    name: str,
    kind: ActionKind,
    calls: tuple[str, ...],
    parameters: tuple[ParameterDecl, ...],
    when: tuple[Expr, ...],
    updates: tuple[Statement, ...],
    outcome: Outcome,
) -> Action:
    return Action(name, kind, calls, parameters, when, updates, outcome, (), "", NOWHERE)


def _parameters(draw: Draw, machine: Machine) -> tuple[ParameterDecl, ...]:
    found: list[ParameterDecl] = []
    if chance(draw, 35):
        types: list[Type] = [BoolType(), IntType(0, 2), IntType(0), IntType(-1, 1), *(e.type for e in machine.enums)]
        found.append(ParameterDecl("given", pick(draw, types), new=False, span=NOWHERE))
    for family in machine.families:
        if chance(draw, 65):
            found.append(ParameterDecl("m", family.member, new=chance(draw, 25), span=NOWHERE))
            if chance(draw, 25):
                found.append(ParameterDecl("other", family.member, new=chance(draw, 20), span=NOWHERE))
    return tuple(found)


def _keeping_in_range(draw: Draw, machine: Machine, action: Action) -> list[Expr]:
    """That integers stay within their types, or not far outside small bounds, after the action."""
    effect = effect_of(machine, action)
    found: list[Expr] = []
    for declared in machine.variables:
        new = effect.scalars.get(declared.name)
        if new is None or isinstance(new, Literal) or not isinstance(declared.type, IntType):
            continue
        if sum(1 for _ in walk(new)) > LARGE:
            continue
        low = declared.type.low if declared.type.low is not None or chance(draw, 20) else -1
        high = declared.type.high if declared.type.high is not None or chance(draw, 20) else MOST
        if low is not None:
            found.append(Binary(Op.GE, new, Literal(low, INT)))
        if high is not None:
            found.append(Binary(Op.LE, new, Literal(high, INT)))
    return found
