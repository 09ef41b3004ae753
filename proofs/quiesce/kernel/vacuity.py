"""What has to happen in some run for a promise to say anything. A promise of which it cannot is vacuous.

`implies(a, b)` says something where `a` holds; `a or b` where `a` fails, and where `b` fails, for what always holds
makes the rest idle (Beer, Ben-David, Eisner and Rodeh, "Efficient detection of vacuity in temporal model checking",
2001); a conjunction has to do so in each part; `a == b` of truth values where `a` holds, and where it fails. A promise
without such a premise says something where an action happens that changes what it speaks of. A choice among the
alternatives of a policy is no such premise, for nothing has to happen for it to be met: the rest of the promise has to
say something in a run under it, and does so as it would alone. What a promise says of
every release or recovery has to come about by a step. A call that is promised an answer has to be given it where the
promise says so, and what is promised to be possible has to happen there. A promise that was declared false needs none
of this: its counterexample shows where it says something.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import assert_never

from quiesce.kernel.kinds import Applies
from quiesce.kernel.problem import Problem, flatten_old, initial_claim
from quiesce.spec.effects import ANY_MEMBER, FieldName
from quiesce.spec.model import (
    TRUE,
    Always,
    Answers,
    Binary,
    BoolType,
    Expr,
    Field,
    IfElse,
    Initially,
    LeadsTo,
    Literal,
    Machine,
    Not,
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
    Scale,
    Step,
    Total,
    Variable,
)
from quiesce.spec.rewrite import both, disjunction, equal, map_children, reads_now, walk


@dataclass(frozen=True, slots=True)
class Situation:
    """Something that has to happen for a promise to say anything; `about` is the obligation to show it.

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
        """That it happens in some run."""
        return Applies(self.promise.name, self.number)


def situations(problem: Problem) -> Iterator[Situation]:
    """All of them, for each promise that is to hold."""
    for promise in problem.machine.promises:
        if promise.holds:
            found = tuple(dict.fromkeys(_situations_of(problem, promise)))
            for number, situation in enumerate(found, 1):
                yield situation if len(found) == 1 else replace(situation, number=number)


def _situations_of(problem: Problem, promise: Promise) -> Iterator[Situation]:
    moving = tuple(action.name for action in problem.moving)
    match promise.claim:
        case Always(claim):
            choice, rest = _choice(problem.machine, claim)
            able, telling = _able(problem, rest), changed(problem.machine, _reads(rest))
            for premise in premises(rest):
                anywhere = premise != TRUE and bool(able)
                yield Situation(promise, both(choice, premise), None if anywhere else able, telling)
        case Step(claim, unless, given):
            choice, rest = _choice(problem.machine, claim)
            read = reads_now(rest) - {policy.name for policy in problem.machine.policies}
            able = moving if not read or _able(problem, claim) else ()
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
        case Answers(claim, calls, error, given):
            for call in calls:
                outcomes = problem.machine.answering(call, error)
                # The reader sees to it that all outcomes look at what is given; a faulty machine may have others.
                answering = tuple(a.name for a in outcomes if {p.name for p in given} <= {p.name for p in a.parameters})
                yield Situation(promise, before(claim), answering, TRUE, given)
        case Possible(claim, actions, given):
            for action in actions:
                yield Situation(promise, before(claim), (action,), TRUE, given)
        case Initially(claim):
            start = initial_claim(problem.machine, persistent=True)
            choice, rest = _choice(problem.machine, claim)
            for premise in premises(rest):
                yield Situation(promise, both(start, both(choice, premise)), None, TRUE)
        case _:
            assert_never(promise.claim)


def _choice(machine: Machine, claim: Expr) -> tuple[Expr, Expr]:
    """The premise of a claim that reads policies alone, and what the claim says under it."""
    match claim:
        case Binary(Op.IMPLIES, left, right) if _reads(left) and _reads(left) <= {p.name for p in machine.policies}:
            return left, right
        case _:
            return TRUE, claim


def _able(problem: Problem, claim: Expr) -> tuple[str, ...]:
    """The actions that write something of what a claim reads."""
    read = _reads(claim)
    return tuple(a.name for a in problem.moving if not problem.effects[a.name].writes.isdisjoint(read))


def _reads(claim: Expr) -> frozenset[str | FieldName]:
    """The variables and fields that a claim reads, in either state."""
    return reads_now(flatten_old(claim))


def changed(machine: Machine, places: frozenset[str | FieldName]) -> Expr:
    """That a step changes one of these variables and fields."""
    scalars = (
        Not(equal(Variable(v.name, v.type), Variable(v.name, v.type, old=True)))
        for v in machine.variables
        if v.name in places
    )
    fields = (
        Quantified(
            Quantifier.ANY,
            ANY_MEMBER,
            family.name,
            Not(
                equal(
                    Field(ANY_MEMBER, family.name, f.name, f.type),
                    Field(ANY_MEMBER, family.name, f.name, f.type, old=True),
                )
            ),
        )
        for family in machine.families
        for f in family.fields
        if (family.name, f.name) in places
    )
    return disjunction([*scalars, *fields])


def before(claim: Expr) -> Expr:
    """A claim about one state, of the state before a step."""
    match claim:
        case Variable(name, type_):
            return Variable(name, type_, old=True)
        case Field(member, family, name, type_):
            return Field(member, family, name, type_, old=True)
        case _:
            return map_children(claim, before)


def premises(claim: Expr) -> tuple[Expr, ...]:
    """Where a claim says something, each of which has to be met; the constant true where it has no premise."""
    return tuple(dict.fromkeys(_premises(claim)))


def _premises(claim: Expr) -> Iterator[Expr]:
    match claim:
        case Binary(Op.OR):
            yield from (negated(part) for part in _disjuncts(claim))
        case Binary(Op.EQ | Op.NE, left, right) if _is_choice(left) and _is_choice(right) and not _reads_old(claim):
            yield from (left, negated(left))
        case Binary(Op.AND, left, right):
            yield from _premises(left)
            yield from _premises(right)
        case Quantified(Quantifier.ALL, bound, family, body):
            yield from (_some(bound, family, premise) for premise in _premises(body))
        case Not(arg) if negated(arg) != claim:
            yield from _premises(negated(arg))
        case _:
            yield from _implied(claim)


def _implied(claim: Expr) -> Iterator[Expr]:
    """The premises of what stands behind a premise: there, weaker words than needed are not held against a promise."""
    match claim:
        case Binary(Op.IMPLIES, left, right):
            yield from (both(left, premise) for premise in _implied(right))
        case Binary(Op.AND, left, right):
            yield from _implied(left)
            yield from _implied(right)
        case Quantified(Quantifier.ALL, bound, family, body):
            yield from (_some(bound, family, premise) for premise in _implied(body))
        case IfElse(condition, then, otherwise):
            yield from (both(condition, premise) for premise in _implied(then))
            yield from (both(negated(condition), premise) for premise in _implied(otherwise))
        case _:
            yield TRUE


def _some(bound: str, family: str, premise: Expr) -> Expr:
    return premise if premise == TRUE else Quantified(Quantifier.ANY, bound, family, premise)


def _disjuncts(claim: Expr) -> tuple[Expr, ...]:
    if isinstance(claim, Binary) and claim.op is Op.OR:
        return (*_disjuncts(claim.left), *_disjuncts(claim.right))
    return (claim,)


def negated(claim: Expr) -> Expr:
    """That `claim` fails, with the negation moved inwards."""
    match claim:
        case Not(arg):
            return arg
        case Binary(Op.AND, left, right):
            return Binary(Op.OR, negated(left), negated(right))
        case Binary(Op.OR, left, right):
            return Binary(Op.AND, negated(left), negated(right))
        case Binary(Op.IMPLIES, left, right):
            return Binary(Op.AND, left, negated(right))
        case Quantified(Quantifier.ALL, bound, family, body):
            return Quantified(Quantifier.ANY, bound, family, negated(body))
        case Quantified(Quantifier.ANY, bound, family, body):
            return Quantified(Quantifier.ALL, bound, family, negated(body))
        case _:
            return Not(claim)


def _is_choice(claim: Expr) -> bool:
    """Whether an expression is a truth value that is not written down."""
    match claim:
        case Literal():
            return False
        case Variable(type=type_) | Field(type=type_) | Parameter(type=type_):
            return isinstance(type_, BoolType)
        case Same() | Not() | Quantified():
            return True
        case Binary(op):
            return op not in (Op.ADD, Op.SUB)
        case IfElse(_, then, otherwise):
            return _is_choice(then) or _is_choice(otherwise)
        case Scale() | Total():
            return False
        case _:
            assert_never(claim)


def _reads_old(claim: Expr) -> bool:
    return any(isinstance(part, Variable | Field) and part.old for part in walk(claim))
