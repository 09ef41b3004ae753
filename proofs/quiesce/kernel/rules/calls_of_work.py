"""Obligations of activities whose work calls a layer below: what happens meanwhile leaves these calls as they were.

In the model an outcome of an activity makes its calls when the work ends. The work itself makes them earlier, one after
the other, at any time while the activity is due. Two things could go wrong meanwhile. Something else may call the same
layer, so that the layer is called in another order than in the model; it might be called when what it needs was undone
already. And some step may change which outcome the work ends with, or what that gives to the layer, so that the model
speaks of other calls than those that were made.

*Apart*: as long as work runs that may make a call, no step makes one to the same layer, if their order makes a
difference (`order_of_calls`).

*The same calls*: if an outcome is possible, then after any step but an outcome of the same work some outcome is that
makes the same calls, for the same answers; one that fails if it fails, and one that succeeds if it succeeds. With
"lands" it is the only one. So what the work calls, given what it returns, stays the same from its beginning to its end.

That the layer is called rightly then follows. Take the calls in the order in which they are really made, and look at
the layer as it is before each of them: it has got the calls of all steps that the model has taken, and, in the order in
which they came, those of the work that runs, of which the model knows nothing yet. By "the same calls", an outcome that
makes the latter is possible in the model's present state, and by "apart" they exchange with whatever is called by
someone else. So each call that a step or work makes now is legal, and may be answered, as if the model were asked; and
when work ends, its calls can be moved behind all that were made meanwhile, to where the model makes them.

What is trusted is that the work makes the calls of the outcome that it ends with, and no others. Where an outcome
assumes something, that is trusted as long as the work runs.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from quiesce.kernel.kinds import Obligation
from quiesce.kernel.problem import Problem
from quiesce.kernel.rules.lower_calls import Owed, as_before
from quiesce.kernel.rules.order_of_calls import order_matters
from quiesce.kernel.rules.outcomes import parameters_of_activity
from quiesce.kernel.rules.state_goals import StateGoal
from quiesce.kernel.subjects import Apart, SameCalls
from quiesce.spec.activities import Activity, activities_of, whatever_is_returned
from quiesce.spec.meaning.formulas import after, guard, parameter_claims
from quiesce.spec.meaning.premises import before
from quiesce.spec.model import (
    FALSE,
    TRUE,
    Accepts,
    Action,
    Binary,
    Expr,
    LowerCall,
    Not,
    Op,
)
from quiesce.spec.record import record
from quiesce.spec.rewrite import both, conjunction, disjunction, reads_now, rename_arguments, same


def owed_while_work_runs(problem: Problem, acting: Problem) -> Iterator[Owed]:
    """The claims that running work calls what the model says it does, and nothing else calls in between.

    What the work calls is read off `problem`; where a step is taken, what it calls and does, off the same action of
    `acting`.
    """
    for activity in activities_of(problem.machine):
        work = _Work(problem, acting, activity)
        for action in problem.machine.actions:
            if activity.member is not None or action not in activity.outcomes:
                yield from work.owed(action)


@record
class _Work:
    """The work of one activity, and what it is owed by a step of anything else."""

    problem: Problem
    acting: Problem
    activity: Activity

    def owed(self, action: Action) -> Iterator[Owed]:
        """The obligations of an action; nothing if it neither calls nor changes what the work has to do with."""
        for number, call in enumerate(action.lower_calls, 1):
            if met := tuple(c for c in self._calls if order_matters(self.problem.machine, c, call)):
                obligation = Obligation(Apart(action.name, self.activity.name, number), call.span)
                yield Owed(obligation, partial(self._apart, action, number, met, obligation))
        if isinstance(action.outcome, Accepts) and not self._looked_at.isdisjoint(self._writes(action)):
            obligation = Obligation(SameCalls(action.name, self.activity.name), action.span)
            yield Owed(obligation, partial(self._same_calls, action, obligation))

    @property
    def _calls(self) -> tuple[LowerCall, ...]:
        return tuple(call for outcome in self.activity.outcomes for call in outcome.lower_calls)

    @property
    def _looked_at(self) -> frozenset[object]:
        """The variables and fields that decide which calls the work makes."""
        asked = (conjunction(outcome.when) for ends in self._ends for outcome in ends)
        told = (expr for call in self._calls for expr in (call.asking, *(value for _, value in call.given)))
        return frozenset(place for expr in (*asked, *told) for place in reads_now(expr))

    def _writes(self, action: Action) -> frozenset[object]:
        return frozenset(self.problem.effects[action.name].writes)

    @property
    def _ends(self) -> Iterator[tuple[Action, ...]]:
        """The outcomes that succeed, and those that fail, if any of them makes a call."""
        either_way = (self.activity.succeeding, self.activity.failing)
        return (outcomes for outcomes in either_way if any(outcome.lower_calls for outcome in outcomes))

    def _apart(self, action: Action, number: int, met: tuple[LowerCall, ...], obligation: Obligation) -> StateGoal:
        call = self.acting.machine.actions_by_name[action.name].lower_calls[number - 1]
        runs = disjunction(dict.fromkeys(self._own(whatever_is_returned((other.asking,))) for other in met))
        names = ", ".join(dict.fromkeys(f"{other.layer}.{other.outcome}" for other in met))
        meets = f"calls {call.layer}.{call.outcome}, while this work may have called {names} already"
        otherwise = f"{meets}: the order of the two makes a difference"
        return self._goal(action, obligation, conjunction([runs, call.asking]), FALSE, otherwise)

    def _same_calls(self, action: Action, obligation: Obligation) -> StateGoal:
        claims = []
        for outcomes in self._ends:
            for outcome in outcomes:
                made = tuple(_seen_before(self._own_call(call)) for call in outcome.lower_calls)
                same_again = (
                    both(self._own(conjunction(o.when)), as_before(made, tuple(map(self._own_call, o.lower_calls))))
                    for o in outcomes
                )
                was = before(self._own(conjunction(outcome.when)))
                claims.append(Binary(Op.IMPLIES, was, disjunction(same_again)))
        claim = after(self.acting.effects[action.name], conjunction(claims))
        otherwise = "changes which calls to the layer below this work is said to have made"
        return self._goal(action, obligation, TRUE, claim, otherwise)

    def _goal(self, action: Action, obligation: Obligation, where: Expr, claim: Expr, otherwise: str) -> StateGoal:
        """The goal about a step of an action in the presence of work, which has arguments of its own."""
        machine, member = self.problem.machine, self.activity.member
        theirs = tuple(replace(p, name=f"{self._prefix}{p.name}") for p in parameters_of_activity(self.activity))
        taken = guard(self.acting.machine, self.acting.machine.actions_by_name[action.name])
        known = [*parameter_claims(machine, theirs), taken, where]
        if member is not None and action in self.activity.outcomes:
            family = next(family.name for family in machine.families if family.member == member.type)
            known.append(Not(same(member.name, f"{self._prefix}{member.name}", family)))
        return StateGoal(obligation, (*action.parameters, *theirs), conjunction(known), claim, otherwise)

    @property
    def _prefix(self) -> str:
        """Stands before the names of what the work is given and returns. No name of a spec has a dot."""
        return f"{self.activity.name}."

    def _own(self, expr: Expr) -> Expr:
        """An expression of an outcome, with the arguments of the work."""
        return rename_arguments(expr, parameters_of_activity(self.activity), self._prefix)

    def _own_call(self, call: LowerCall) -> LowerCall:
        given = tuple((name, self._own(value)) for name, value in call.given)
        return replace(call, asking=self._own(call.asking), given=given)


def _seen_before(call: LowerCall) -> LowerCall:
    """A call as it was before a step."""
    given = tuple((name, before(value)) for name, value in call.given)
    return replace(call, asking=before(call.asking), given=given)
