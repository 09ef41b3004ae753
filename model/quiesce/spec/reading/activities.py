"""Activities and sessions: whether their outcomes and calls fit together, and `due(…)` in promises."""

import ast
from collections.abc import Iterable

from quiesce.spec.activities import Activity, activities_among, due_claim
from quiesce.spec.codes import Code
from quiesce.spec.model import BOOL, Accepts, Action, MemberType, ParameterDecl, SessionDecl
from quiesce.spec.reading.context import Context
from quiesce.spec.reading.problems import POISON, Poison, did_you_mean
from quiesce.spec.reading.scope import Meaning, MemberRef, Typed
from quiesce.spec.rewrite import rename_member


def read_activities(context: Context, actions: Iterable[Action]) -> None:
    """Enter the activities that these actions are outcomes of into the symbols, once all actions were read."""
    found: dict[str, Activity | Poison] = {}
    for activity in activities_among(actions):
        mistakes = len(context.problems)
        _check_outcomes(context, activity)
        found[activity.name] = activity if len(context.problems) == mistakes else POISON
    context.symbols.activities = found


def _check_outcomes(context: Context, activity: Activity) -> None:
    if not activity.succeeding:
        message = f"nothing says what happens when `{activity.name}` succeeds"
        hint = f'add an outcome `@activity("{activity.name}")` without `fails`'
        context.report(Code.BAD_ACTIVITY, activity.span, message, hint)
    if activity.answers and not activity.failing:
        message = f"nothing says what happens when `{activity.name}` raises, and so returns nothing"
        hint = f'add an outcome `@activity("{activity.name}", fails=True)`'
        context.report(Code.BAD_ACTIVITY, activity.answers[0].span, message, hint)
    _check_agreed(context, activity)
    for action in activity.outcomes:
        members = _members(action)
        for extra in (*members[1:], *(parameter for parameter in members[:1] if parameter.new)):
            message = "an activity belongs to one member that is there already, or to none"
            context.report(Code.BAD_ACTIVITY, extra.span, message)
        if activity.member is not None and not members:
            message = f"another outcome of `{activity.name}` is given `{activity.member.name}`"
            context.report(Code.BAD_ACTIVITY, action.span, message, "give it to each of them, under one name")
        elif activity.member is not None and members[0].name != activity.member.name:
            message = f"another outcome of `{activity.name}` calls this member `{activity.member.name}`"
            context.report(Code.BAD_ACTIVITY, members[0].span, message, "give it one name everywhere")
        for parameter in action.parameters:
            if isinstance(parameter.type, MemberType):
                continue
            if action in activity.failing:
                message = "work that has failed returns nothing"
                context.report(Code.BAD_ACTIVITY, parameter.span, message, "leave the parameter out")
            elif not parameter.answer:
                message = f"`{parameter.name}` is what the work returns"
                context.report(Code.BAD_ACTIVITY, parameter.span, message, f"write `{parameter.name}: Answer[…]`")


def _check_agreed(context: Context, activity: Activity) -> None:
    """Whether the outcomes agree about what the work is given and returns: they are told apart by nothing else."""
    agreed: dict[str, ParameterDecl] = {}
    for parameter in (parameter for action in activity.outcomes for parameter in action.parameters):
        first = agreed.setdefault(parameter.name, parameter)
        if first.type != parameter.type:
            message = f"line {first.span.line} gives `{parameter.name}` another type, for another outcome"
            context.report(Code.PARAMETERS_DISAGREE, parameter.span, f"{message} of `{activity.name}`")


def check_answers(context: Context, actions: Iterable[Action]) -> None:
    """Whether what answers a call is about nothing but the member that the call itself is given."""
    by_name = {action.name: action for action in actions}
    for action in by_name.values():
        of_members = [name for name in action.until if name in by_name and _members(by_name[name])]
        if not of_members:
            continue
        ends = {end.name for name in action.until if (end := by_name[name].ends) is not None}
        activity = next((a for a in activities_among(by_name.values()) if ends == {a.name}), None)
        if activity is None or {outcome.name for outcome in activity.outcomes} != set(action.until):
            message = (
                f"`{of_members[0]}` is about one member, so it answers a call only with all outcomes of its activity"
            )
            context.report(Code.BAD_ACTIVITY, action.span, message, "list all outcomes of one activity, and no others")
        elif (member := activity.member) and (member.name, member.type) not in {
            (p.name, p.type) for p in _members(action)
        }:
            message = f"`{activity.name}` is of a member `{member.name}`, which this call is not given"
            context.report(Code.BAD_ACTIVITY, action.span, message, "give the call a member under the same name")


def _members(action: Action) -> list[ParameterDecl]:
    return [parameter for parameter in action.parameters if isinstance(parameter.type, MemberType)]


def read_due(context: Context, node: ast.Call, member: Meaning | None) -> Typed | Poison:
    """The value of `due("name")`, or of `due("name", member)` where `member` is what its second argument stands for."""
    match node:
        case ast.Call(args=[ast.Constant(value=str(name)), *_], keywords=[]) if len(node.args) <= 2:
            pass
        case _:
            return context.report(
                Code.BAD_CALL, node, 'this is written `due("activity")`, or `due("activity", member)`'
            )
    known = context.symbols.activities
    if known is None:
        message = "`due` is a part of promises"
        return context.report(Code.BAD_EXPRESSION, node, message, "say here in which state the activity is due")
    activity = known.get(name)
    if activity is None:
        hint = did_you_mean(name, sorted(known))
        return context.report(Code.UNKNOWN_NAME, node.args[0], f"there is no activity `{name}`", hint)
    if activity is POISON or member is POISON:
        return POISON
    return _due(context, node, activity, member)


def _due(context: Context, node: ast.Call, activity: Activity, member: Meaning | None) -> Typed | Poison:
    if activity.member is None:
        if member is None:
            return Typed(due_claim(activity), BOOL)
        return context.report(Code.BAD_CALL, node.args[1], f"`{activity.name}` belongs to no member")
    cls = activity.member.type
    if not isinstance(cls, MemberType) or not isinstance(member, MemberRef) or member.cls.name != cls.name:
        wanted = cls.name if isinstance(cls, MemberType) else ""
        message = f"`{activity.name}` is due of a {wanted}"
        return context.report(Code.BAD_CALL, node, message, f'write `due("{activity.name}", member)`')
    if member.old:
        message = "`due` speaks of the state after the step"
        return context.report(Code.BAD_EXPRESSION, node.args[1], message)
    return Typed(rename_member(due_claim(activity), activity.member.name, member.name), BOOL)


def read_session(context: Context, node: ast.Call, name: str, target: ast.Name) -> SessionDecl | Poison:
    """The session of this name; whether its calls fit together is checked once they are known."""
    match node:
        case ast.Call(args=[ast.Constant(value=str(begin)), ast.Constant(value=str(end))], keywords=[]):
            return SessionDecl(name, begin, end, context.source.span(target))
        case _:
            message = "a session is made of the names of two calls"
            return context.report(Code.BAD_ACTIVITY, node, message, f'write `{name} = session("start", "stop")`')


def check_sessions(context: Context, actions: tuple[Action, ...]) -> None:
    """Whether the calls of each session are there, and the second can be given what it needs."""
    for session in context.symbols.sessions.values():
        if isinstance(session, Poison):
            continue
        if session.begin == session.end:
            message = f"the call `{session.begin}` cannot both begin and end a session"
            context.report(Code.BAD_ACTIVITY, session.span, message, "name the two calls that belong together")
            continue
        calls = {name for action in actions for name in action.calls}
        missing = [call for call in (session.begin, session.end) if call not in calls]
        for call in missing:
            hint = did_you_mean(call, sorted(calls))
            context.report(Code.BAD_ACTIVITY, session.span, f"there is no call `{call}`", hint)
        if not missing:
            _check_given(context, session, actions)


def _check_given(context: Context, session: SessionDecl, actions: tuple[Action, ...]) -> None:
    given = _parameters(actions, session.begin)
    for parameter in _parameters(actions, session.end).values():
        known = given.get(parameter.name)
        if parameter.new or parameter.answer or known is None or known.type != parameter.type:
            message = f"the session does not know `{parameter.name}`, which the call `{session.end}` is given"
            hint = f"a call can be given what the call `{session.begin}` is given or makes, under the same name"
            context.report(Code.BAD_ACTIVITY, session.span, message, hint)
    if not any(session.begin in action.calls and isinstance(action.outcome, Accepts) for action in actions):
        context.report(Code.BAD_ACTIVITY, session.span, f"no outcome of the call `{session.begin}` accepts it")


def _parameters(actions: tuple[Action, ...], call: str) -> dict[str, ParameterDecl]:
    return {p.name: p for action in actions if call in action.calls for p in action.parameters}
