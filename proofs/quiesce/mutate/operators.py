"""Every mutant of a machine: the machine with one small fault in what it says happens, and with the same promises."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from quiesce.mutate.activity_faults import activity_faults
from quiesce.mutate.body_faults import body_faults, statement_text
from quiesce.mutate.canonical import difference
from quiesce.mutate.expression_faults import ConditionFault, Operator, condition_faults
from quiesce.mutate.extra_updates import extra_updates
from quiesce.spec.model import (
    Action,
    Blocks,
    BoolType,
    EnumType,
    Fails,
    FamilyDecl,
    IntType,
    LeadsTo,
    Machine,
    Promise,
    Span,
    Step,
    Value,
    VariableDecl,
)
from quiesce.spec.record import record
from quiesce.spec.show import show, show_value


@record
class Mutant:
    """A machine with one fault.

    `id` is readable, unique within the machine, and the same on every run. `scope` is the action that has the fault, or
    the variable or field whose initial value has; `place` says where in it. `before` and `after` show it in the syntax
    of specs; where something was dropped, `after` is empty, and where something was added, `before` is.
    """

    id: str
    operator: Operator
    scope: str
    place: str
    before: str
    after: str
    span: Span
    machine: Machine

    @property
    def description(self) -> str:
        """The change in one line."""
        return _description_of_change(self.before, self.after, " -> ")


@record
class _Fault:
    """A mutant without its name."""

    operator: Operator
    scope: str
    place: str
    before: str
    after: str
    span: Span
    machine: Machine


def mutants(machine: Machine) -> tuple[Mutant, ...]:
    """Every mutant, in the order of the spec. No two are the same machine, and none is the original.

    Machines that differ in nothing but the spelling of comparisons with a constant (`n > 0` and `n >= 1`) are the same.
    """
    seen = {difference(machine, machine)}
    taken: dict[str, int] = {}
    found = []
    for fault in _all_faults(machine):
        form = difference(machine, fault.machine)
        if form in seen:
            continue
        seen.add(form)
        name = f"{fault.scope}/{fault.place}/{_description_of_change(fault.before, fault.after, ' to ')}"
        number = taken[name] = taken.get(name, 0) + 1
        found.append(
            Mutant(
                name if number == 1 else f"{name} ({number})",
                fault.operator,
                fault.scope,
                fault.place,
                fault.before,
                fault.after,
                fault.span,
                fault.machine,
            )
        )
    return tuple(found)


def _description_of_change(before: str, after: str, becomes: str) -> str:
    if not before:
        return f"also {after}"
    return f"{before}{becomes}{after}" if after else f"without {before}"


def _all_faults(machine: Machine) -> Iterator[_Fault]:
    yield from _initial_faults(machine)
    for action in machine.actions:
        for operator, place, before, after, span, changed in _action_faults(machine, action):
            yield _Fault(operator, action.name, place, before, after, span, _with_action(machine, changed))
        yield from _outcome_faults(machine, action)
    for found in activity_faults(machine):
        scope = found.scope
        yield _Fault(found.operator, scope.name, "outcome", found.before, found.after, scope.span, found.machine)


# --- initial values ----------------------------------------------------------------------------------------------


def _initial_faults(machine: Machine) -> Iterator[_Fault]:
    for family in machine.families:
        for declared in family.fields:
            for value in _other_initial_values(declared):
                fields = tuple(replace(f, initial=value) if f is declared else f for f in family.fields)
                changed = _with_family(machine, replace(family, fields=fields))
                yield _fault_of_initial_value(f"{family.name}.{declared.name}", declared, value, changed)
    for declared in machine.variables:
        for value in _other_initial_values(declared):
            variables = tuple(replace(v, initial=value) if v is declared else v for v in machine.variables)
            yield _fault_of_initial_value(declared.name, declared, value, replace(machine, variables=variables))


def _fault_of_initial_value(scope: str, declared: VariableDecl, value: Value, machine: Machine) -> _Fault:
    before, after = (show_value(shown, declared.type) for shown in (declared.initial, value))
    return _Fault(Operator.INITIAL, scope, "initial", before, after, declared.span, machine)


def _other_initial_values(declared: VariableDecl) -> Iterator[Value]:
    match declared.type:
        case BoolType():
            yield not declared.initial
        case EnumType(_, values):
            yield from (value for value in values if value != declared.initial)
        case IntType(low, high):
            for value in (int(declared.initial) + 1, int(declared.initial) - 1):
                if (low is None or low <= value) and (high is None or value <= high):
                    yield value


def _with_family(machine: Machine, changed: FamilyDecl) -> Machine:
    return replace(machine, families=tuple(changed if f.name == changed.name else f for f in machine.families))


# --- guards, assumptions, bodies ---------------------------------------------------------------------------------


def _action_faults(machine: Machine, action: Action) -> Iterator[tuple[Operator, str, str, str, Span, Action]]:
    for number, condition in enumerate(action.when):
        span = action.when_spans[number] if action.when_spans else action.span
        for fault in condition_faults(condition):
            left = () if fault.condition is None else (fault.condition,)
            changed = replace(action, when=(*action.when[:number], *left, *action.when[number + 1 :]))
            yield fault.operator, f"when {number + 1}", *_texts_of_fault(fault), span, changed
    for number, assumption in enumerate(action.assumes):
        for fault in condition_faults(assumption.claim):
            kept = () if fault.condition is None else (replace(assumption, claim=fault.condition),)
            changed = replace(action, assumes=(*action.assumes[:number], *kept, *action.assumes[number + 1 :]))
            operator = Operator.DROP_ASSUMPTION if fault.after is None else fault.operator
            yield operator, f"assumption {number + 1}", *_texts_of_fault(fault), assumption.span, changed
    for found in body_faults(machine, action.body):
        changed = replace(action, body=found.body)
        yield found.operator, f"update {found.place}", found.before, found.after, found.span, changed
    for extra in extra_updates(machine, action):
        changed = replace(action, body=(*action.body, extra))
        yield Operator.ADD_UPDATE, f"update {len(action.body) + 1}", "", statement_text(extra), extra.span, changed


def _texts_of_fault(fault: ConditionFault) -> tuple[str, str]:
    return show(fault.before), "" if fault.after is None else show(fault.after)


def _with_action(machine: Machine, changed: Action) -> Machine:
    return replace(machine, actions=tuple(changed if a.name == changed.name else a for a in machine.actions))


# --- calls and outcomes ------------------------------------------------------------------------------------------


def _outcome_faults(machine: Machine, action: Action) -> Iterator[_Fault]:
    def fault(operator: Operator, place: str, before: str, after: str, changed: Machine) -> _Fault:
        return _Fault(operator, action.name, place, before, after, action.span, changed)

    shared = [name for name in action.calls if len(machine.calls[name]) > 1]
    if len(action.calls) > 1:
        for name in shared:
            calls = tuple(other for other in action.calls if other != name)
            yield fault(Operator.DROP_CALL, "calls", name, "", _with_action(machine, replace(action, calls=calls)))
    for name in action.fair:
        trusting_fewer = replace(action, fair=tuple(other for other in action.fair if other != name))
        yield fault(Operator.FAIR, "fair", name, "", _with_action(machine, trusting_fewer))
    match action.outcome:
        case Fails(error):
            for other in _errors_of_calls(machine, shared):
                if other != error:
                    changed = _with_action(machine, replace(action, outcome=Fails(other)))
                    yield fault(Operator.ERROR, "fails", error, other, changed)
        case Blocks(fair):
            for name in fair if len(fair) > 1 else ():
                fewer = Blocks(tuple(other for other in fair if other != name))
                changed = _with_action(machine, replace(action, outcome=fewer))
                yield fault(Operator.FAIR, "fair", name, "", changed)
        case _:
            return
    if shared == list(action.calls):
        yield fault(
            Operator.DROP_OUTCOME, "outcome", _outcome_text(action), "", _machine_without_action(machine, action)
        )


def _errors_of_calls(machine: Machine, calls: Iterable[str]) -> tuple[str, ...]:
    """The errors of some calls, each once."""
    outcomes = (action.outcome for name in calls for action in machine.calls[name])
    return tuple(dict.fromkeys(outcome.error for outcome in outcomes if isinstance(outcome, Fails)))


def _outcome_text(action: Action) -> str:
    return f"fails={action.outcome.error}" if isinstance(action.outcome, Fails) else "blocks"


def _machine_without_action(machine: Machine, action: Action) -> Machine:
    """The machine without an action that changes nothing, and without its name in the lists of others."""

    def fewer(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in names if name != action.name)

    def without(promise: Promise) -> Promise:
        match promise.claim:
            case Step(_, unless):
                return replace(promise, claim=replace(promise.claim, unless=fewer(unless)))
            case LeadsTo(_, _, fair):
                return replace(promise, claim=replace(promise.claim, fair=fewer(fair)))
            case _:
                return promise

    actions = tuple(
        replace(other, outcome=Blocks(fewer(other.outcome.fair)))
        if isinstance(other.outcome, Blocks)
        else replace(other, until=fewer(other.until), fair=fewer(other.fair))
        for other in machine.actions
        if other.name != action.name
    )
    return replace(machine, actions=actions, promises=tuple(without(promise) for promise in machine.promises))
