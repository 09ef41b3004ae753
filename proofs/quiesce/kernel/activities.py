"""The promises that a machine owes because of its activities; they are proved like those that its spec makes.

*Begins*: no activity is due at the start. One of members is never due of a member that is gone: a program may have
forgotten such a member, and at the start all are gone. *Stays due*: no step but an outcome of its own ends what an
activity is due for, so no work loses its place while it runs. *Answered*: after a call that is answered by one of
certain actions, one of them happens, if activities end, timeouts come, and what the call trusts besides happens.

Where these actions are all outcomes of one activity of members, it is enough that the activity is due of the call's
member right after the call: it stays due until an outcome of its own, and activities end. In all other cases a claim P
about the state is found that holds right after the call and that no step but one of these actions ends, and which does
not last for ever. So one of them ends it. Any P that keeps these three promises shows that the call is answered; this
one says in which of the places that the call sets, one after the other, the machine can be meanwhile.

That a due activity has exactly one outcome for each answer is no promise about states alone: see `rules.outcomes`.
"""

from collections.abc import Iterator

from quiesce.spec.activities import Activity, activities_of, due_claim, trusted_to_answer
from quiesce.spec.meaning.formulas import unused_claim
from quiesce.spec.meaning.premises import before
from quiesce.spec.model import (
    FALSE,
    Action,
    Always,
    Binary,
    Claim,
    Expr,
    FamilyDecl,
    Initially,
    LeadsTo,
    Machine,
    Not,
    Op,
    ParameterDecl,
    Promise,
    Quantified,
    Quantifier,
    Span,
    Step,
)
from quiesce.spec.places import places_of_waiting
from quiesce.spec.rewrite import either, rename_member, same


def promises_of_activities(machine: Machine) -> Iterator[Promise]:
    """The promises that a machine owes because of its activities. Their names have a dot, as no name of a spec has."""
    activities = activities_of(machine)
    for activity in activities:
        yield from _about_activity(machine, activity)
    for action in machine.actions:
        if action.until:
            yield from _about_answer(machine, action, activities)


def _owed(name: str, claim: Claim, doc: str, span: Span) -> Promise:
    return Promise(name, claim, holds=True, satisfies=(), doc=doc, span=span, owed=True)


def _family(machine: Machine, member: ParameterDecl) -> FamilyDecl:
    return next(family for family in machine.families if family.member == member.type)


def _of_each(machine: Machine, member: ParameterDecl, claim: Expr, *, others: bool = False) -> Expr:
    """The claim about each member of its family; or about all `others`. They are not called as the member itself is."""
    each, family = f"other_{member.name}", _family(machine, member).name
    besides = same(each, member.name, family) if others else FALSE
    return Quantified(Quantifier.ALL, each, family, either(besides, rename_member(claim, member.name, each)))


def _about_activity(machine: Machine, activity: Activity) -> Iterator[Promise]:
    name, due, member = activity.name, due_claim(activity), activity.member
    if member is None:
        doc = f"The activity `{name}` is not due at the start."
        yield _owed(f"{name}.not_at_first", Initially(Not(due)), doc, activity.span)
    else:
        gone = unused_claim(_family(machine, member), member.name, persistent=False)
        doc = f"The activity `{name}` is not due of a member that is gone, or was never used."
        claim = _of_each(machine, member, Binary(Op.IMPLIES, gone, Not(due)))
        yield _owed(f"{name}.not_when_gone", Always(claim), doc, activity.span)
    doc = f"No step but its own outcomes ends that the activity `{name}` is due."
    for suffix, step in _kept_until(machine, member, due, tuple(action.name for action in activity.outcomes)):
        yield _owed(f"{name}.stays_due{suffix}", step, doc, activity.span)


def _kept_until(
    machine: Machine, member: ParameterDecl | None, claim: Expr, enders: tuple[str, ...]
) -> Iterator[tuple[str, Step]]:
    """Promises that no step but those of `enders` ends the claim, which is about `member` if it is about one.

    A step of these may end the claim about its own member, and about no other.
    """
    kept = Binary(Op.IMPLIES, before(claim), claim)
    if member is None:
        yield "", Step(kept, enders)
        return
    yield "", Step(_of_each(machine, member, kept), enders)
    others = tuple(action.name for action in machine.actions if action.name not in enders)
    yield ".of_others", Step(_of_each(machine, member, kept, others=True), others, (member,))


# --- answered ----------------------------------------------------------------------------------------------------


def _about_answer(machine: Machine, action: Action, activities: tuple[Activity, ...]) -> Iterator[Promise]:
    others = tuple(other.name for other in machine.actions if other is not action)
    name, until = f"{action.name}.answered", ", ".join(action.until)
    doc = f"After `{action.name}` the caller is answered: by {until}."
    of_member = next((a for a in activities if a.member and {o.name for o in a.outcomes} == {*action.until}), None)
    if of_member is not None and of_member.member is not None:
        yield _owed(name, Step(due_claim(of_member), others, (of_member.member,)), doc, action.span)
        return
    waiting = places_of_waiting(machine, action)
    yield _owed(f"{name}.begins", Step(waiting, others), doc, action.span)
    lasts = Step(Binary(Op.IMPLIES, before(waiting), waiting), (*action.until, action.name))
    yield _owed(f"{name}.lasts", lasts, doc, action.span)
    ends = LeadsTo(waiting, Not(waiting), trusted_to_answer(machine, action))
    yield _owed(f"{name}.ends", ends, doc, action.span)
