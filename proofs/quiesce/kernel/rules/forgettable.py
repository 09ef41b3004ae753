"""Members that are gone, as they were given back, make no difference to actions, promises and waits.

A member is *gone* if every field that does not persist has its default; fields that persist may have any value. A
program keeps the members that are not gone, and those that the call at hand was given. What it forgets is gone. So
let M be the members of the model in a state, and K those that the program knows: whoever is in M and not in K is gone,
and is no argument of what happens. It is shown here that the program, which looks at K alone, does what the model does
with M, and that what is promised of M holds of K. Forgotten members are taken out one after the other, so it is enough
to take out one of them, g.

*Expressions.* Each quantifier and each sum or count is asked what it makes of g, with any values of what is bound
around it. Where `all` finds its claim true of g, `any` finds it false, and a sum adds nothing, the value with g is the
value without: by induction over the expression, as what stands inside has the same value for every other member. Only
members other than g, and arguments, are bound around it then, and none of these is g. Of what an action asks and writes
this is shown without that, so it holds for any arguments. Nothing is supposed of the state, so it also holds in the
middle of an action. Each loop has to leave g as it was, by itself and in any state: what two of them do together is
not enough, for something may look at g in between.

*Promises.* What is promised has to follow for K from what holds of M; the other direction is not needed. A claim that
only grows stronger with more members needs no answer: `all` where nothing stands in the way between it and the promise,
`any` behind a negation or in a premise. In every other place the value has to be the same, as above. What is a premise
of a promise, such as the trigger of `leads_to`, has to follow for M from what holds of K. A promise about the start
speaks of members that were never used, so fields that persist have their defaults, too.

*Steps.* A step promise looks at two states. g is forgotten in both only if it is gone in both: a member that becomes
gone by the step was known before it, and one that stops being gone was given to the step or is known after it. So
K has every member that is not gone in one of the two states, and both have to be asked about a g that is gone in both.
What persists may differ between them.

*Fairness.* Some action is trusted to happen as long as one of several can. Whether one can must not depend on a
forgotten member as its argument, for the program has nobody left to do it with. So no guard of a fair action may hold
of a gone member. One that the action asks for as `New` is no argument that the program has to remember.

What is declared false is shown by a run, and needs none of this.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias, assert_never

from quiesce.kernel.batches import Batch
from quiesce.kernel.kinds import Obligation
from quiesce.kernel.problem import Problem
from quiesce.kernel.subjects import Forgettable, ForgettableByPromise, ForgettableByWait, Subject
from quiesce.spec.effects import ANY_MEMBER, effect_of
from quiesce.spec.meaning.family_uses import (
    Direction,
    FamilyUse,
    family_uses,
    parameters_of,
    uses_in_expr,
    uses_of_claim,
)
from quiesce.spec.meaning.formulas import guard, inhabited, unused_claim
from quiesce.spec.meaning.totals import split
from quiesce.spec.model import (
    INT,
    Accepts,
    Action,
    Binary,
    Blocks,
    Claim,
    Expr,
    Field,
    ForEach,
    Initially,
    LeadsTo,
    Literal,
    Machine,
    MemberType,
    Not,
    Op,
    ParameterDecl,
    Promise,
    Quantified,
    Quantifier,
    Step,
    Total,
    Variable,
)
from quiesce.spec.record import record
from quiesce.spec.rewrite import conjunction, equal, rename_arguments, rename_member, same, substitute

OLD = "old."
"""Stands before the names of variables and fields of the state before a step. No name of a spec holds a dot."""


@record
class ByAction:
    """The questions about the reads and writes of an action."""

    action: Action


@record
class ByPromise:
    """The questions about a promise."""

    promise: Promise


@record
class ByWait:
    """The wait of a caller whom an action blocks."""

    action: Action


Asked: TypeAlias = ByAction | ByPromise | ByWait


def asked_of(problem: Problem) -> Iterator[Asked]:
    """The actions and promises that look at members they are not given, so that gone ones might make a difference."""
    if not problem.machine.families:
        return
    for action in problem.machine.actions:
        if any(True for _ in family_uses(action)):
            yield ByAction(action)
    for promise in problem.machine.promises:
        if promise.holds and (uses_of_claim(promise.claim) or _fair_member_arguments(problem.machine, promise.claim)):
            yield ByPromise(promise)
    for action in problem.machine.actions:
        if isinstance(action.outcome, Blocks) and _fair_members_that_change(problem.machine, action.outcome.fair):
            yield ByWait(action)


def owed_to_forgetting(asked: Asked) -> Obligation:
    """The obligation that gone members make no difference to an action or promise."""
    match asked:
        case ByAction(action):
            return Obligation(Forgettable(action.name), action.span)
        case ByPromise(promise):
            return Obligation(ForgettableByPromise(promise.name), promise.span)
        case ByWait(action):
            return Obligation(ForgettableByWait(action.name), action.span)
        case _:
            assert_never(asked)


def forgettable_batches(problem: Problem) -> Iterator[tuple[str, Batch[Subject]]]:
    """The conditions that gone members make no difference, in one batch about states and one about steps."""
    asked_about = tuple(asked_of(problem))
    about_steps = [a for a in asked_about if isinstance(a, ByPromise) and isinstance(a.promise.claim, Step)]
    about_states = [a for a in asked_about if a not in about_steps]
    if about_states:
        yield (
            "forgettable",
            _batch_of_questions(problem, [_question_about(problem, problem, asked) for asked in about_states]),
        )
    if about_steps:
        pairs = _with_old_state(problem)
        yield (
            "forgettable steps",
            _batch_of_questions(pairs, [_question_about(problem, pairs, asked) for asked in about_steps]),
        )


def newcomers_neutral(
    problem: Problem, about: Subject, terms: Iterable[Expr], families: Collection[str]
) -> tuple[Expr, tuple[ParameterDecl, ...]]:
    """The claim that one more member of these families, never used, changes no value of `terms`, which bind all theirs.

    The members that the claim speaks of are returned with it.
    """
    uses = (use for term in terms for use in uses_in_expr(term, Direction.BOTH) if use.part.family in families)
    return _Forgetting(about, problem, (), tuple(uses), never_used=True).claim()


def _batch_of_questions(problem: Problem, questions: "Iterable[_Forgetting]") -> Batch[Subject]:
    """The conditions under which the answer to each of `questions` is no."""
    goals: list[tuple[Subject, Expr]] = []
    declared: list[ParameterDecl] = []
    for number, question in enumerate(questions):
        claim, parameters = question.claim()
        prefix = f"{number}."
        goals.append((question.about, split(rename_arguments(claim, parameters, prefix))))
        declared += (replace(parameter, name=f"{prefix}{parameter.name}") for parameter in parameters)
    return Batch(problem, tuple(declared), (), tuple(goals), reachable=False)


def _question_about(problem: Problem, pairs: Problem, asked: Asked) -> "_Forgetting":
    """The question about one subject; `pairs` is the problem whose states are pairs."""
    about = owed_to_forgetting(asked).about
    match asked:
        case ByAction(action):
            return _Forgetting(about, problem, action.parameters, tuple(family_uses(action)), action=action)
        case ByPromise(promise):
            claim = promise.claim
            where = pairs if isinstance(claim, Step) else problem
            uses, fair = uses_of_claim(claim), _fair_member_arguments(problem.machine, claim)
            return _Forgetting(about, where, parameters_of(claim), uses, fair, never_used=isinstance(claim, Initially))
        case ByWait(action):
            names = action.outcome.fair if isinstance(action.outcome, Blocks) else ()
            return _Forgetting(about, problem, (), (), _fair_members_that_change(problem.machine, names))
        case _:
            assert_never(asked)


def _fair_member_arguments(machine: Machine, claim: Claim) -> tuple[tuple[Action, ParameterDecl], ...]:
    return _fair_members_that_change(machine, claim.fair) if isinstance(claim, LeadsTo) else ()


def _fair_members_that_change(machine: Machine, names: Iterable[str]) -> tuple[tuple[Action, ParameterDecl], ...]:
    """The member arguments of those of these actions that change something, except new members."""
    return tuple(
        (action, parameter)
        for action in machine.actions
        if action.name in names and isinstance(action.outcome, Accepts)
        for parameter in action.parameters
        if isinstance(parameter.type, MemberType) and not parameter.new
    )


# --- what is asked -----------------------------------------------------------------------------------------------


@record
class _Forgetting:
    """Whether a gone member makes a difference to any of `uses`, or any of the `fair` actions can happen to it."""

    about: Subject
    problem: Problem
    parameters: tuple[ParameterDecl, ...]
    uses: tuple[FamilyUse, ...]
    fair: tuple[tuple[Action, ParameterDecl], ...] = ()
    action: Action | None = None
    never_used: bool = False

    def claim(self) -> tuple[Expr, tuple[ParameterDecl, ...]]:
        """The claim that a gone member makes no difference, and the arguments that the claim speaks of."""
        declared = list(self.parameters)
        families = dict.fromkeys(use.part.family for use in self.uses)
        declared += (self._member(_name_of_gone_member(family), family) for family in families)
        known = [self._is_gone(_name_of_gone_member(family), family) for family in families]
        goals = []
        for number, use in enumerate(self.uses):
            part = use.part
            for bound, family in use.within:
                apart = f"{number}.{bound}"
                declared.append(self._member(apart, family))
                part = part if isinstance(part, ForEach) else _with_member_renamed(part, bound, apart)
            within = tuple((f"{number}.{bound}", family) for bound, family in use.within)
            goals.append(self._no_difference(FamilyUse(part, within)))
        for number, (action, parameter) in enumerate(self.fair):
            prefix = f"fair.{number}."
            declared += (replace(p, name=f"{prefix}{p.name}") for p in action.parameters)
            can_happen = rename_arguments(guard(self.problem.machine, action), action.parameters, prefix)
            assert isinstance(parameter.type, MemberType)  # noqa: S101 -- by the filter of `_fair_members_that_change`
            family = self.problem.machine.family_of(parameter.type).name
            gone = self._is_gone(f"{prefix}{parameter.name}", family)
            goals.append(Binary(Op.IMPLIES, gone, Not(can_happen)))
        there = dict.fromkeys(of for parameter in declared if (of := self._family(parameter)) is not None)
        known += map(inhabited, there)
        return Binary(Op.IMPLIES, conjunction(known), conjunction(goals)), tuple(declared)

    def _member(self, name: str, family: str) -> ParameterDecl:
        declared = self.problem.machine.families_by_name[family]
        return ParameterDecl(name, declared.member, new=False, span=declared.span)

    def _is_gone(self, member: str, family: str) -> Expr:
        """The claim that a member is gone; for a pair of states, that it is gone in both."""
        return unused_claim(self.problem.machine.families_by_name[family], member, persistent=self.never_used)

    def _no_difference(self, use: FamilyUse) -> Expr:
        part = use.part
        gone = _name_of_gone_member(part.family)
        match part:
            case Quantified(quantifier, bound, _, body):
                claim = rename_member(_in_two_states(body), bound, gone)
                neutral = claim if quantifier is Quantifier.ALL else Not(claim)
            case Total(bound, _, term):
                neutral = Binary(Op.EQ, rename_member(_in_two_states(term), bound, gone), Literal(0, INT))
            case ForEach():
                return self._unchanged(part)
            case _:
                assert_never(part)
        if self.action is not None:
            return neutral
        named = (*use.within, *((p.name, self._family(p)) for p in self.parameters))
        others = conjunction(Not(same(gone, name, part.family)) for name, family in named if family == part.family)
        return Binary(Op.IMPLIES, others, neutral)

    def _family(self, parameter: ParameterDecl) -> str | None:
        type_ = parameter.type
        return self.problem.machine.family_of(type_).name if isinstance(type_, MemberType) else None

    def _unchanged(self, loop: ForEach) -> Expr:
        """The claim that a loop, in whatever state it begins, leaves a gone member unchanged."""
        if self.action is None:
            raise TypeError("only an action has loops")
        effect = effect_of(self.problem.machine, replace(self.action, body=(loop,)))
        family, gone = loop.family, _name_of_gone_member(loop.family)
        return conjunction(
            equal(rename_member(effect.fields[family, f.name], ANY_MEMBER, gone), Field(gone, family, f.name, f.type))
            for f in self.problem.machine.families_by_name[family].fields
            if (family, f.name) in effect.fields
        )


def _name_of_gone_member(family: str) -> str:
    return f"retired.{family}"


def _with_member_renamed(part: Quantified | Total, before: str, now: str) -> Quantified | Total:
    renamed = rename_member(part, before, now)
    if not isinstance(renamed, Quantified | Total):
        raise TypeError("another name of a member makes no other expression")
    return renamed


# --- the state before a step -------------------------------------------------------------------------------------


def _with_old_state(problem: Problem) -> Problem:
    """A problem whose states are pairs: each variable and field is there a second time, for the state before a step."""
    machine = problem.machine
    return Problem(
        replace(
            machine,
            variables=(*machine.variables, *(replace(v, name=f"{OLD}{v.name}") for v in machine.variables)),
            families=tuple(
                replace(family, fields=(*family.fields, *(replace(f, name=f"{OLD}{f.name}") for f in family.fields)))
                for family in machine.families
            ),
            actions=(),
            promises=(),
        )
    )


def _in_two_states(expr: Expr) -> Expr:
    """A claim about a step, rewritten as a claim about a pair of states."""

    def in_pair(part: Expr) -> Expr | None:
        match part:
            case Variable(name, type_, True):
                return Variable(f"{OLD}{name}", type_)
            case Field(member, family, name, type_, True):
                return Field(member, family, f"{OLD}{name}", type_)
            case _:
                return None

    return substitute(expr, in_pair)
