"""Tables for a shell of what the model says: calls, steps from outside, activities, timeouts, what follows what."""

from collections.abc import Iterator

from quiesce.generate.core.methods import accepting, parameters_of
from quiesce.generate.python import names
from quiesce.generate.python.expressions import type_name
from quiesce.generate.python.line_breaking import INDENT, Bracketed, Shape, Word, laid_out
from quiesce.generate.python.text import first_paragraph, quoted
from quiesce.spec.activities import Activity, activities_of, due_claim
from quiesce.spec.model import (
    Accepts,
    Action,
    ActionKind,
    Assign,
    Blocks,
    Expr,
    Fails,
    Field,
    ForEach,
    IntType,
    Machine,
    MemberType,
    ParameterDecl,
    Quantified,
    Retire,
    Total,
    Variable,
)
from quiesce.spec.parts_of_actions import statements
from quiesce.spec.rewrite import conjunction, reads_now, walk


def outside_steps(machine: Machine) -> tuple[Action, ...]:
    """The steps that somebody outside of the shell reports: all that are neither calls, nor work, nor of the clock."""
    kinds = (ActionKind.INTERNAL, ActionKind.ENVIRONMENT)
    return tuple(action for action in machine.actions if action.kind in kinds and action.timeout is None)


def timeouts(machine: Machine) -> tuple[Action, ...]:
    """The steps of the clock."""
    return tuple(action for action in machine.actions if action.timeout is not None)


def tables(machine: Machine) -> Iterator[str]:
    """The lines of all tables but for the rules, which take them together."""
    for activity in activities_of(machine):
        yield from _table("work", activity.name, _activity(machine, activity))
    for action in timeouts(machine):
        yield from _table("clock", str(action.timeout), _timeout(action))
    for call, outcomes in machine.calls.items():
        yield from _table("call", names.call_method(call), _call(call, outcomes))
    for action in outside_steps(machine):
        step = _step(names.step_method(action), (action,), action.parameters)
        yield from _table("step", action.name, Bracketed("_pending.Call(", (_quoted(action.name), step), commas=True))


def follows(machine: Machine) -> Iterator[str]:
    """The lines of the rule that says which activities and timeouts an action may begin or end."""
    entries = []
    answering = {name for action in machine.actions for name in action.until}
    for action in machine.actions:
        found = [
            *(
                names.table_entry("work", each.name)
                for each in activities_of(machine)
                if _may_begin(machine, action, each)
            ),
            *(
                names.table_entry("clock", str(each.timeout))
                for each in timeouts(machine)
                if _may_hold(machine, action, each)
            ),
        ]
        if isinstance(action.outcome, Accepts) and (found or action.until or action.name in answering):
            entries.append(Bracketed(f'"{action.name}": [', tuple(map(Word, found)), commas=True, closing="]"))
    yield from laid_out("follows=", Bracketed("{", tuple(entries), commas=True, closing="}"), ",", INDENT)


# --- entries -----------------------------------------------------------------------------------------------------


def _table(kind: str, name: str, shape: Shape) -> list[str]:
    return laid_out(f"{names.table_entry(kind, name)} = ", shape, "", 0)


def _quoted(name: str) -> Word:
    return Word(f'"{name}"')


def _set(found: tuple[str, ...], head: str = "") -> Shape:
    return Bracketed(f"{head}{{", tuple(map(_quoted, found)), commas=True, closing="}")


def _activity(machine: Machine, activity: Activity) -> Shape:
    parts: list[Shape] = [_quoted(activity.name), Word(f"_State.{names.due_method(activity.name)}")]
    parts.append(Bracketed("succeeds=[", tuple(_outcome(activity, each) for each in activity.succeeding), True, "]"))
    if activity.failing:
        failing = tuple(_outcome(activity, each) for each in activity.failing)
        parts.append(Bracketed("fails=[", failing, True, "]"))
    if activity.answers:
        types = tuple(Word(value_type(answer)) for answer in activity.answers)
        parts.append(Bracketed("answers=[", types, True, "]"))
    if activity.member is not None and isinstance(activity.member.type, MemberType):
        family = machine.family_of(activity.member.type)
        parts.append(Word(f'family="{family.name}"'))
        everywhere = tuple(
            each.name for each in machine.actions if _may_begin_of_any(machine, each, activity, family.name)
        )
        if everywhere:
            parts.append(_set(everywhere, "everywhere="))
    return Bracketed("_pending.Activity(", tuple(parts), commas=True)


def value_type(parameter: ParameterDecl) -> str:
    """The type of what work returns, or a call is given, as a class."""
    if isinstance(parameter.type, MemberType):
        return parameter.type.name
    return "int" if isinstance(parameter.type, IntType) else type_name(parameter.type)


def _outcome(activity: Activity, action: Action) -> Shape:
    given = [activity.answers.index(answer) for answer in action.parameters if answer.answer]
    step = _step(names.step_method(action), (action,), action.parameters)
    parts: tuple[Shape, ...] = (_quoted(action.name), step)
    if given:
        parts = (*parts, Bracketed("given=[", tuple(Word(str(place)) for place in given), True, "]"))
    return Bracketed("_pending.Outcome(", parts, commas=True)


def _timeout(action: Action) -> Shape:
    step = _step(names.step_method(action), (action,), action.parameters)
    outcome = Bracketed("_pending.Outcome(", (_quoted(action.name), step), commas=True)
    holds = Word(f"_State.{names.guard_method(action)}")
    return Bracketed("_pending.Timeout(", (_quoted(str(action.timeout)), holds, outcome), commas=True)


def _call(call: str, outcomes: tuple[Action, ...]) -> Shape:
    parts: list[Shape] = [_quoted(call), _step(names.call_method(call), outcomes, parameters_of(outcomes))]
    if waits_for := _waits_for(outcomes):
        parts.append(_set(waits_for, "waits_for="))
    until = tuple(_set(action.until, f'"{action.name}": ') for action in accepting(outcomes) if action.until)
    if until:
        parts.append(Bracketed("until={", until, commas=True, closing="}"))
    if why := tuple(_why(outcomes)):
        parts.append(Bracketed("why={", why, commas=True, closing="}"))
    return Bracketed("_pending.Call(", tuple(parts), commas=True)


def _why(outcomes: tuple[Action, ...]) -> Iterator[Shape]:
    """The words of the spec on each reason for which a call is refused; those of several outcomes one after another."""
    said: dict[str, list[str]] = {}
    for action in outcomes:
        match action.outcome:
            case Fails(error):
                said.setdefault(error, []).append(action.doc)
            case _:
                pass
    for error, docs in said.items():
        entry = f'"{error}": '
        if all(docs):
            told = " Or: ".join(dict.fromkeys(map(first_paragraph, docs)))
            yield Word(entry + quoted(told, _ENTRY + len(f"{entry},")))


_ENTRY = 2 * INDENT
"""Blanks before an entry of what a call is told, where it is broken."""


def _waits_for(outcomes: tuple[Action, ...]) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(name for each in outcomes if isinstance(each.outcome, Blocks) for name in each.outcome.fair)
    )


def _step(method: str, outcomes: tuple[Action, ...], parameters: tuple[ParameterDecl, ...]) -> Shape:
    """A step of the state; where it touches members, on copies of their values."""
    step = Word(f"_State.{method}")
    families = tuple(
        dict.fromkeys(
            each.family for action in outcomes for each in statements(action.body) if isinstance(each, ForEach)
        )
    )
    kinds = Bracketed("[", tuple(Word(value_type(each)) for each in parameters), commas=True, closing="]")
    if not families and not any(isinstance(each.type, MemberType) for each in parameters):
        if all(each.answer for each in parameters):
            return step  # the type of an answer was looked at when the work ended
        return Bracketed("_fitting.on_values(", (step, kinds), commas=True)
    parts: list[Shape] = [step, kinds]
    if families:
        parts.append(Bracketed("[", tuple(map(_quoted, families)), commas=True, closing="]"))
    return Bracketed("_members.on_members(", tuple(parts), commas=True)


# --- what follows what -------------------------------------------------------------------------------------------


def _writes(machine: Machine, action: Action) -> frozenset[str]:
    """The variables that an action may write, and the families of which it may change a member."""
    found = {machine.family_of(p.type).name for p in action.parameters if isinstance(p.type, MemberType) and p.new}
    for statement in statements(action.body):
        match statement:
            case Assign(Variable(name)):
                found.add(name)
            case Assign(Field(_, family)) | Retire(_, family):
                found.add(family)
            case _:
                pass
    return frozenset(found)


def _reads(claim: Expr) -> frozenset[str]:
    """The variables that a claim depends on, and the families of whose members it speaks."""
    places = (place if isinstance(place, str) else place[0] for place in reads_now(claim))
    return frozenset(places) | _speaks_of_all(claim)


def _speaks_of_all(claim: Expr) -> frozenset[str]:
    """The families of whose members a claim speaks all at once."""
    return frozenset(part.family for part in walk(claim) if isinstance(part, Quantified | Total)) - {""}


def _may_begin(machine: Machine, action: Action, activity: Activity) -> bool:
    """Whether an action may make an activity due; an outcome ends work, and may leave it due to be done once more."""
    return action in activity.outcomes or bool(_writes(machine, action) & _reads(due_claim(activity)))


def _may_begin_of_any(machine: Machine, action: Action, activity: Activity, family: str) -> bool:
    """Whether an action may make the activity due of members that it is not given."""
    claim = due_claim(activity)
    of_all = {name for name in _reads(claim) if name not in machine.families_by_name} | _speaks_of_all(claim)
    loops = (each for each in statements(action.body) if isinstance(each, ForEach))
    return bool(_writes(machine, action) & of_all) or any(each.family == family for each in loops)


def _may_hold(machine: Machine, action: Action, timeout: Action) -> bool:
    """Whether the seconds of a timeout may begin or end with an action; its own step is the end of them."""
    return action is timeout or bool(_writes(machine, action) & _reads(conjunction(timeout.when)))
