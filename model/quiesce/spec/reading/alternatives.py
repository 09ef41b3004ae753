"""A promise that holds under some alternatives of a policy, and is declared false under others, is several promises.

A policy has one value in all states of a run. So what a claim says of the runs under some alternatives can be said with
the choice as a part of the claim, of every kind of claim:

- `always`, `step` and `initially` say nothing where an implication's premise, the choice, fails.
- `pristine`, `accepts`, `refuses` and `enabled` speak of the states where their predicate and the choice hold.
- `leads_to` speaks of the runs that reach its trigger under the choice. These are the runs under the choice that reach
  the trigger, and each state of such a run is under it too, so the goal stays as it is.
- `recoverable` takes as a goal whatever is not under the choice. From a state that is not, nothing is asked; from one
  that is, no run leads to a state that is not, so it asks for the goal itself.

A run that breaks a claim made so is a run under the choice that breaks the claim itself, and the other way round.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import assert_never

from quiesce.spec.model import (
    Always,
    Binary,
    Claim,
    EnabledWhere,
    EnumType,
    Expr,
    Initially,
    LeadsTo,
    Literal,
    Not,
    Op,
    Pristine,
    Promise,
    Recoverable,
    RefusesOrAccepts,
    Step,
    Under,
    Variable,
)
from quiesce.spec.reading.expected import Expectation, Expected, ExpectedUnder
from quiesce.spec.rewrite import both, disjunction, either, equal


def as_expected(promise: Promise, expected: Expectation, alternatives: tuple[str, ...]) -> Iterator[Promise]:
    """The promise, or the one that is to hold and one for each alternative where it is declared false.

    `alternatives` are those of the policy that it is about. The others are named as nothing in a spec can be.
    """
    match expected:
        case Expected(holds, assuming):
            yield replace(promise, holds=holds, assuming=assuming)
        case ExpectedUnder(policy, enum, refuted):
            false = dict(refuted)
            kept = tuple(alternative for alternative in alternatives if alternative not in false)
            yield replace(promise, claim=_under(promise.claim, policy, enum, kept), under=Under(policy, kept))
            for alternative, each in refuted:
                yield replace(
                    promise,
                    name=f"{promise.name} under {alternative}",
                    claim=_under(promise.claim, policy, enum, (alternative,)),
                    holds=each.holds,
                    assuming=each.assuming,
                    under=Under(policy, (alternative,)),
                )
        case _:
            assert_never(expected)


def _under(claim: Claim, policy: str, enum: EnumType, chosen: tuple[str, ...]) -> Claim:
    place = Variable(policy, enum)
    return _restricted(claim, disjunction(equal(place, Literal(value, enum)) for value in chosen))


def _restricted(claim: Claim, choice: Expr) -> Claim:
    """The claim that `claim` holds in the runs where `choice` does, which reads policies alone."""
    match claim:
        case Always(inner):
            return Always(Binary(Op.IMPLIES, choice, inner))
        case Step(inner):
            return replace(claim, claim=Binary(Op.IMPLIES, choice, inner))
        case Initially(inner):
            return Initially(Binary(Op.IMPLIES, choice, inner))
        case Pristine(released):
            return Pristine(both(choice, released))
        case RefusesOrAccepts(inner) | EnabledWhere(inner):
            return replace(claim, claim=both(choice, inner))
        case LeadsTo(trigger, goal, fair):
            return LeadsTo(both(choice, trigger), goal, fair)
        case Recoverable(goal):
            return Recoverable(either(Not(choice), goal))
        case _:
            assert_never(claim)
