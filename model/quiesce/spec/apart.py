"""Members that claims bind, named apart from the parameters of actions: `s~` for `s`.

Without distinct names, an update of an action's parameter `s` could be mistaken for a claim about every `s`.
"""

from dataclasses import replace
from typing import assert_never

from quiesce.spec.model import (
    Action,
    Always,
    Claim,
    EnabledWhere,
    Expr,
    Initially,
    LeadsTo,
    LowerCall,
    Pristine,
    Quantified,
    Recoverable,
    RefusesOrAccepts,
    Step,
    Total,
)
from quiesce.spec.rewrite import rename_member, substitute


def action_apart(action: Action) -> Action:
    """`action` with the members that its claims bind named apart."""
    return replace(
        action,
        when=tuple(named_apart(claim) for claim in action.when),
        assumes=tuple(replace(assumption, claim=named_apart(assumption.claim)) for assumption in action.assumes),
        preconditions=tuple(
            replace(precondition, claim=named_apart(precondition.claim)) for precondition in action.preconditions
        ),
        lower_calls=tuple(_call_apart(call) for call in action.lower_calls),
    )


def _call_apart(call: LowerCall) -> LowerCall:
    given = tuple((name, named_apart(value)) for name, value in call.given)
    return replace(call, asking=named_apart(call.asking), given=given)


def claim_apart(claim: Claim) -> Claim:
    """`claim` with the members that it binds named apart."""
    match claim:
        case Always(inner):
            return Always(named_apart(inner))
        case Step(inner):
            return replace(claim, claim=named_apart(inner))
        case Pristine(released):
            return Pristine(named_apart(released))
        case Recoverable(goal):
            return Recoverable(named_apart(goal))
        case LeadsTo(trigger, goal, fair):
            return LeadsTo(named_apart(trigger), named_apart(goal), fair)
        case RefusesOrAccepts(inner) | EnabledWhere(inner):
            return replace(claim, claim=named_apart(inner))
        case Initially(inner):
            return Initially(named_apart(inner))
        case _:
            assert_never(claim)


def named_apart(expr: Expr) -> Expr:
    """`expr` with bound members named as no parameter can be: `s~` for `s`."""

    def apart(part: Expr) -> Expr | None:
        match part:
            case Quantified(quantifier, bound, family, body):
                return Quantified(quantifier, f"{bound}~", family, named_apart(rename_member(body, bound, f"{bound}~")))
            case Total(bound, family, term):
                return Total(f"{bound}~", family, named_apart(rename_member(term, bound, f"{bound}~")))
            case _:
                return None

    return substitute(expr, apart)
