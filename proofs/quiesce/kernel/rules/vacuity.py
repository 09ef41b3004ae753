"""Vacuity: the situations in which a promise says something, and the values that have to be reached.

A promise whose situations never arise is vacuous.

`implies(a, b)` says something where `a` holds; `a or b` where `a` fails, and where `b` fails, for what always holds
makes the rest idle (Beer, Ben-David, Eisner and Rodeh, "Efficient detection of vacuity in temporal model checking",
2001); a conjunction has to do so in each part; `a == b` of truth values where `a` holds, and where it fails. A promise
without such a premise says something where an action happens that changes what it speaks of. A choice among the
alternatives of a policy is no such premise, for nothing has to happen for it to be met: the rest of the promise has to
say something in a run under it, and does so as it would alone. A release or recovery that a promise is about has to
come about by a step. A call that is promised an answer has to be given it where the promise says so, and what is
promised to be possible has to happen there. A promise that was declared false needs none of this: its counterexample
shows where it says something; nor does what a machine owes because of its activities, whose outcomes have to happen.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import assert_never

from quiesce.kernel.problem import Problem
from quiesce.kernel.subjects import Applies, ValueTaken
from quiesce.spec.effects import ANY_MEMBER, FieldName
from quiesce.spec.meaning.formulas import flatten_old, initial_claim
from quiesce.spec.meaning.premises import before, changed, premises
from quiesce.spec.model import (
    TRUE,
    Always,
    Binary,
    EnabledWhere,
    EnumType,
    Expr,
    Field,
    Initially,
    LeadsTo,
    Literal,
    Machine,
    Not,
    Op,
    ParameterDecl,
    Pristine,
    Promise,
    Quantified,
    Quantifier,
    Recoverable,
    RefusesOrAccepts,
    Span,
    Step,
    Variable,
)
from quiesce.spec.record import record
from quiesce.spec.rewrite import both, equal, reads_now


@record
class Situation:
    """A situation in which a promise says something; `about` is the obligation to show the situation.

    `claim` is about a state. If `actions` are listed it is about a step of one of them, and may speak of the state
    before as `old`, and of the arguments `given` to the action; if the list is empty it can never happen. `telling` is
    what the last step should do besides, if a run can be chosen.
    """

    promise: Promise
    claim: Expr
    actions: tuple[str, ...] | None
    telling: Expr
    given: tuple[ParameterDecl, ...] = ()
    number: int = 0

    @property
    def about(self) -> Applies:
        """The obligation that the situation arises in some run."""
        return Applies(self.promise.name, self.number)


def situations(problem: Problem) -> Iterator[Situation]:
    """The situations of every promise that is to hold."""
    for promise in problem.machine.promises:
        if promise.holds and not promise.owed:
            found = tuple(_situations_of(problem, promise))
            if len(found) > 1:
                found = tuple(dict.fromkeys(found))
            for number, situation in enumerate(found, 1):
                yield situation if len(found) == 1 else replace(situation, number=number)


def _situations_of(problem: Problem, promise: Promise) -> Iterator[Situation]:
    moving = tuple(action.name for action in problem.moving)
    match promise.claim:
        case Always(claim):
            choice, rest = _premise_on_policies(problem.machine, claim)
            places = _places_read(rest)
            able, telling = _actions_that_write(problem, places), changed(problem.machine, places)
            for premise in premises(rest):
                anywhere = premise != TRUE and bool(able)
                yield Situation(promise, both(choice, premise), None if anywhere else able, telling)
        case Step(claim, unless, given):
            choice, rest = _premise_on_policies(problem.machine, claim)
            read = reads_now(rest) - {policy.name for policy in problem.machine.policies}
            able = moving if not read or _actions_that_write(problem, _places_read(claim)) else ()
            allowed = tuple(name for name in able if name not in unless)
            # Of the state before alone a promise says something wherever the action happens.
            telling = changed(problem.machine, read) if read else TRUE
            for premise in premises(rest):
                yield Situation(promise, both(choice, premise), allowed, telling, given)
        case Pristine(reached) | Recoverable(reached):
            yield Situation(promise, both(reached, Not(before(reached))), moving, TRUE)
        case LeadsTo(trigger, goal):
            waiting = both(trigger, Not(goal))
            yield Situation(promise, waiting, None, Not(before(waiting)))
        case RefusesOrAccepts(claim, calls, error, given):
            for call in calls:
                outcomes = problem.machine.answering(call, error)
                # The reader sees to it that all outcomes look at what is given; a faulty machine may have others.
                answering = tuple(a.name for a in outcomes if {p.name for p in given} <= {p.name for p in a.parameters})
                yield Situation(promise, before(claim), answering, TRUE, given)
        case EnabledWhere(claim, actions, given):
            for action in actions:
                yield Situation(promise, before(claim), (action,), TRUE, given)
        case Initially(claim):
            start = initial_claim(problem.machine, persistent=True)
            choice, rest = _premise_on_policies(problem.machine, claim)
            for premise in premises(rest):
                yield Situation(promise, both(start, both(choice, premise)), None, TRUE)
        case _:
            assert_never(promise.claim)


def _premise_on_policies(machine: Machine, claim: Expr) -> tuple[Expr, Expr]:
    """The premise of a claim that reads policies alone, and what the claim says under it."""
    match claim:
        case Binary(Op.IMPLIES, left, right) if machine.policies:
            read = _places_read(left)
            return (left, right) if read and read <= {policy.name for policy in machine.policies} else (TRUE, claim)
        case _:
            return TRUE, claim


def _actions_that_write(problem: Problem, places: frozenset[str | FieldName]) -> tuple[str, ...]:
    """The actions that write some of these variables and fields."""
    return tuple(a.name for a in problem.moving if not problem.effects[a.name].writes.isdisjoint(places))


def _places_read(claim: Expr) -> frozenset[str | FieldName]:
    """The variables and fields that a claim reads, in either state."""
    return reads_now(flatten_old(claim))


# --- what there is to witness ------------------------------------------------------------------------------------


@record
class ReachableValue:
    """A value that an enum variable, or an enum field of some member, has to take in some run."""

    about: ValueTaken
    claim: Expr
    span: Span


def reachable_values(machine: Machine) -> Iterator[ReachableValue]:
    """Each value of each enum variable and enum field."""
    for variable in machine.variables:
        if isinstance(variable.type, EnumType):
            for value in variable.type.values:
                claim = equal(Variable(variable.name, variable.type), Literal(value, variable.type))
                yield ReachableValue(ValueTaken(None, variable.name, value), claim, variable.span)
    for family in machine.families:
        for declared in family.fields:
            if isinstance(declared.type, EnumType):
                place = Field(ANY_MEMBER, family.name, declared.name, declared.type)
                for value in declared.type.values:
                    claim = Quantified(
                        Quantifier.ANY, ANY_MEMBER, family.name, equal(place, Literal(value, declared.type))
                    )
                    yield ReachableValue(ValueTaken(family.name, declared.name, value), claim, declared.span)
