"""Random promises, with a bias: a short walk tells which candidates are true at first, or almost."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hypothesis import strategies as st
from quiesce.spec.interpreter import holds
from quiesce.spec.model import (
    TRUE,
    Accepts,
    Action,
    Always,
    Answers,
    Binary,
    Blocks,
    Expr,
    Fails,
    Field,
    Initially,
    LeadsTo,
    Machine,
    Op,
    Parameter,
    ParameterDecl,
    Possible,
    Pristine,
    Promise,
    Quantified,
    Quantifier,
    Recoverable,
    Same,
    Step,
    Total,
)
from quiesce.spec.rewrite import conjunction, conjuncts, either, walk

from tests.differential.bodies import NOWHERE, names_of
from tests.differential.expressions import Draw, Names, atom, boolean, chance, own_atom, pick
from tests.differential.outcomes import ids_of, is_broken
from tests.differential.spaces import Edge, Space, space

GLANCE = 40
"""States of the walk."""

CANDIDATES = 6
"""Claims among which one is chosen."""


def promises(draw: Draw, machine: Machine) -> tuple[Promise, ...]:
    """One to four promises of any kind."""
    glance = space(machine, 2, GLANCE, lambda _: True)
    common = ("outcome", "always", "step")
    kinds = (*common, "recoverable", "leads to", *common, "pristine", "initially")
    return tuple(
        _promise(draw, machine, glance, f"promise_{number}", pick(draw, kinds))
        for number in range(1, 1 + draw(st.integers(1, 4)))
    )


def _promise(draw: Draw, machine: Machine, glance: Space, name: str, kind: str) -> Promise:
    names = names_of(machine)
    match kind:
        case "always":
            claim, seen_false = _chosen(draw, lambda: _claim(draw, names), lambda claim: _breaks_state(glance, claim))
            return _finished(draw, machine, name, Always(claim), seen_false=seen_false)
        case "step":
            return _step(draw, machine, glance, name)
        case "pristine":
            claim, _ = _chosen(draw, lambda: atom(draw, names), lambda claim: _spoils(machine, glance, claim))
            return Promise(name, Pristine(claim), True, (), "", NOWHERE)
        case "outcome":
            return _about_outcomes(draw, machine, glance, name)
        case "initially":
            claim, _ = _chosen(draw, lambda: _claim(draw, names), lambda claim: _breaks_start(glance, claim))
            return Promise(name, Initially(claim), True, (), "", NOWHERE)
        case "recoverable":
            goal, seen_false = _chosen(draw, lambda: atom(draw, names), lambda claim: _strands(glance, claim))
            return _finished(draw, machine, name, Recoverable(goal), seen_false=seen_false)
        case _:
            fair = tuple(
                action.name for action in machine.actions if isinstance(action.outcome, Accepts) and chance(draw, 60)
            ) or (machine.actions[0].name,)
            leads = LeadsTo(atom(draw, names), atom(draw, names), fair)
            return _finished(draw, machine, name, leads, seen_false=chance(draw, 30))


def _finished(
    draw: Draw, machine: Machine, name: str, claim: Always | Step | Recoverable | LeadsTo, *, seen_false: bool
) -> Promise:
    """A promise; often declared false where it is seen to be, and seldom otherwise."""
    is_to_hold = not chance(draw, 35 if seen_false else 4)
    trusts = is_to_hold or not any(action.assumes for action in machine.actions) or chance(draw, 50)
    return Promise(name, claim, is_to_hold, (), "", NOWHERE, trusts)


def _claim(draw: Draw, names: Names) -> Expr:
    """What a state, or a step, may be claimed to be like."""
    shapes = ["implies", "implies", "any"]
    if names.families:
        shapes += ["members", "members"]
    match pick(draw, shapes):
        case "implies":
            return Binary(Op.IMPLIES, atom(draw, names), atom(draw, names))
        case "members":
            family = pick(draw, names.families)
            bound = names.binding(family)
            if bound is None:
                return boolean(draw, names)
            name, inner = bound
            body = Binary(Op.IMPLIES, own_atom(draw, inner, name), atom(draw, inner))
            return Quantified(Quantifier.ALL, name, family.name, body)
        case _:
            return boolean(draw, names)


def _step(draw: Draw, machine: Machine, glance: Space, name: str) -> Promise:
    moving = [action for action in machine.actions if isinstance(action.outcome, Accepts)]
    only = tuple(action for action in moving if chance(draw, 50)) if chance(draw, 35) else ()
    given: tuple[ParameterDecl, ...] = ()
    if only:
        unless = tuple(action.name for action in machine.actions if action not in only)
        given = tuple(p for p in only[0].parameters if not p.new and all(p in a.parameters for a in only))
    else:
        unless = tuple(action.name for action in machine.actions if chance(draw, 20))
    names = names_of(machine, given, old=True)
    claim, seen_false = _chosen(
        draw, lambda: _claim(draw, names), lambda claim: _breaks_step(glance, Step(claim, unless, given))
    )
    return _finished(draw, machine, name, Step(claim, unless, given), seen_false=seen_false)


def _about_outcomes(draw: Draw, machine: Machine, glance: Space, name: str) -> Promise:
    """What calls are answered, or that actions are possible: often where their guards hold, or where a part does."""
    answering = [action for action in machine.actions if action.calls and not isinstance(action.outcome, Blocks)]
    contested = [action for action in answering if _has_other_answers(machine, action)]
    moving = [action for action in machine.actions if isinstance(action.outcome, Accepts)]
    if answering and not chance(draw, 35 if contested else 80):
        action = pick(draw, contested or answering)
        error = action.outcome.error if isinstance(action.outcome, Fails) else None
        others = [call for call in machine.calls if call not in action.calls and machine.answering(call, error)]
        calls = (*action.calls, *(call for call in others if chance(draw, 35)))
        alike = [other for call in calls for other in machine.answering(call, error)]
        claim: Answers | Possible = Answers(TRUE, calls, error, _common(draw, alike))
    else:
        action = pick(draw, [action for action in moving if action.when] or moving)
        alike = [other for other in moving if other == action or chance(draw, 25)]
        claim = Possible(TRUE, tuple(other.name for other in alike), _common(draw, alike))
    reason, _ = _chosen(
        draw,
        lambda: _reason(draw, machine, alike, claim.parameters),
        lambda reason: _breaks_outcomes(glance, replace(claim, claim=reason)),
    )
    return Promise(name, replace(claim, claim=reason), True, (), "", NOWHERE)


def _has_other_answers(machine: Machine, action: Action) -> bool:
    return any(other.outcome != action.outcome for call in action.calls for other in machine.calls[call])


def _common(draw: Draw, actions: Sequence[Action]) -> tuple[ParameterDecl, ...]:
    """Parameters that all of some actions have, and that a promise may speak of; seldom fewer than there are."""
    first, *others = actions
    shared = [p for p in first.parameters if not p.new and all(p in other.parameters for other in others)]
    return tuple(p for p in shared if not chance(draw, 15))


def _reason(draw: Draw, machine: Machine, actions: Sequence[Action], given: tuple[ParameterDecl, ...]) -> Expr:
    """Parts of what the actions ask for that can be said with what is `given`, and more, or less, than these."""
    readable = {p.name for p in given}
    guards = [part for action in actions for claim in action.when for part in conjuncts(claim)]
    parts = [part for part in dict.fromkeys(guards) if _names_in(part) <= readable and not chance(draw, 30)]
    other = atom(draw, names_of(machine, given))
    match pick(draw, ("wider", "narrower", "other", "alike")):
        case "narrower":
            return conjunction([*parts, other])
        case "wider" if parts:
            return either(conjunction(parts), other)
        case "alike" if parts:
            return conjunction(parts)
        case _:
            return other


def _names_in(claim: Expr) -> set[str]:
    """The parameters that a claim reads, members included; of those that it binds itself, none."""
    bound = {part.bound for part in walk(claim) if isinstance(part, Quantified | Total)}
    read = {part.name for part in walk(claim) if isinstance(part, Parameter)}
    read |= {part.member for part in walk(claim) if isinstance(part, Field)}
    read |= {name for part in walk(claim) if isinstance(part, Same) for name in (part.left, part.right)}
    return read - bound


# --- the choice --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Seen:
    """In how many states or steps of a walk a claim fails, the first of them, and how many there are."""

    failures: int
    first: int
    all: int


def _chosen(draw: Draw, make: Callable[[], Expr], look: Callable[[Expr], _Seen]) -> tuple[Expr, bool]:
    """One of some candidates, and whether it is seen to be false."""
    mood = pick(draw, ("any", "true", "true", "late", "late"))
    candidates = [make() for _ in range(1 if mood == "any" else CANDIDATES)]
    rated = [(look(claim), claim) for claim in candidates]
    match mood:
        case "true":
            seen, claim = min(rated, key=lambda pair: pair[0].failures)
        case "late":
            false = [pair for pair in rated if pair[0].failures] or rated
            seen, claim = max(false, key=lambda pair: pair[0].first)
        case _:
            seen, claim = rated[0]
    return claim, seen.failures > 0


def _seen(fails: Sequence[bool]) -> _Seen:
    return _Seen(sum(fails), fails.index(True) if True in fails else len(fails), len(fails))


def _breaks_state(glance: Space, claim: Expr) -> _Seen:
    return _seen([not holds(claim, state) for state in glance.states])


def _breaks_start(glance: Space, claim: Expr) -> _Seen:
    return _seen([not holds(claim, state) for state in glance.states[: glance.starts]])


def _breaks_step(glance: Space, claim: Step) -> _Seen:
    def broken(edge: Edge) -> bool:
        before, after = glance.states[edge.before], glance.states[edge.after]
        return not holds(claim.claim, after, before, claim.parameters, edge.arguments)

    return _seen([edge.action.name not in claim.unless and broken(edge) for edge in glance.edges])


def _breaks_outcomes(glance: Space, claim: Answers | Possible) -> _Seen:
    promise = Promise("", claim, True, (), "", NOWHERE)
    ids = tuple(ids_of(promise))
    return _seen([any(is_broken(glance.machine, promise, id_, state) for id_ in ids) for state in glance.states])


def _spoils(machine: Machine, glance: Space, released: Expr) -> _Seen:
    """Where a claim holds although something is not as it was at the start."""
    start = glance.states[0]
    kept = [declared.name for declared in machine.variables if not declared.persistent]

    return _seen(
        [
            holds(released, state) and any(state.scalars[name] != start.scalars[name] for name in kept)
            for state in glance.states
        ]
    )


def _strands(glance: Space, goal: Expr) -> _Seen:
    """A goal that is always there is dull; one that comes and goes is not."""
    there = [holds(goal, state) for state in glance.states]
    return _Seen(0 if True in there and False in there else 1, sum(there), len(there))
