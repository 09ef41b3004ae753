"""Faults of the statements of an action: another target, one statement less, branches and loops changed."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeAlias, assert_never

from quiesce.mutate.expression_faults import Operator, condition_faults, value_faults
from quiesce.spec.model import Assign, Field, ForEach, If, Machine, Retire, Span, Statement, Variable
from quiesce.spec.parts_of_actions import expressions_of, statements
from quiesce.spec.record import record
from quiesce.spec.rewrite import walk
from quiesce.spec.show import show

Body: TypeAlias = tuple[Statement, ...]


@record
class BodyFault:
    """A changed body: what was done to which statement (`place`, as numbers from the top), shown before and after."""

    operator: Operator
    place: str
    before: str
    after: str
    span: Span
    body: Body


def body_faults(machine: Machine, body: Body) -> Iterator[BodyFault]:
    """Every fault of a body, in the order of its statements."""
    return _body_faults(machine, body, "")


def statement_text(statement: Statement) -> str:
    """A statement as one would write it in a spec; of a compound one its first line."""
    match statement:
        case Assign(target, value):
            return f"{show(target)} = {show(value)}"
        case Retire(member):
            return f"retire({member})"
        case If(condition):
            return f"if {show(condition)}"
        case ForEach(bound, family):
            return f"for {bound} in self.{family}"
        case _:
            assert_never(statement)


def _body_faults(machine: Machine, body: Body, outer: str) -> Iterator[BodyFault]:
    for index, statement in enumerate(body):
        place = f"{outer}{index + 1}"
        before, rest = body[:index], body[index + 1 :]
        dropped = Operator.DROP_RETIRE if isinstance(statement, Retire) else Operator.DROP_UPDATE
        yield BodyFault(dropped, place, statement_text(statement), "", statement.span, (*before, *rest))
        for fault in _statement_faults(machine, statement, place):
            yield replace(fault, body=(*before, *fault.body, *rest))


def _statement_faults(machine: Machine, statement: Statement, place: str) -> Iterator[BodyFault]:
    """Faults of one statement; the body of each is what stands in its place."""
    match statement:
        case Assign(target, value, span):
            shown = statement_text(statement)
            for operator, fault in value_faults(value):
                changed: Statement = Assign(target, fault, span)
                yield BodyFault(operator, place, shown, statement_text(changed), span, (changed,))
            for other in other_targets(machine, target):
                changed = Assign(other, value, span)
                yield BodyFault(Operator.TARGET, place, shown, statement_text(changed), span, (changed,))
        case Retire():
            pass
        case If():
            yield from _if_faults(machine, statement, place)
        case ForEach(_, _, inner):
            for found in _body_faults(machine, inner, f"{place}."):
                loop = replace(statement, body=found.body)
                if _is_pointwise(loop):
                    yield replace(found, body=(loop,))
        case _:
            assert_never(statement)


def _if_faults(machine: Machine, statement: If, place: str) -> Iterator[BodyFault]:
    shown = statement_text(statement)
    for fault in condition_faults(statement.condition):
        if fault.condition is not None:
            changed = replace(statement, condition=fault.condition)
            before, after = show(fault.before), show(fault.after) if fault.after is not None else ""
            yield BodyFault(fault.operator, place, before, after, statement.span, (changed,))
    always = BodyFault(Operator.CHOICE, place, shown, "if True", statement.span, statement.then)
    yield always
    yield replace(always, after="if False", body=statement.otherwise)
    if statement.otherwise:
        yield replace(always, before=f"then of {shown}", after="", body=(replace(statement, then=()),))
        yield replace(always, before=f"else of {shown}", after="", body=(replace(statement, otherwise=()),))
    for found in _body_faults(machine, statement.then, f"{place}."):
        yield replace(found, body=(replace(statement, then=found.body),))
    for found in _body_faults(machine, statement.otherwise, f"{place}.else "):
        yield replace(found, body=(replace(statement, otherwise=found.body),))


def other_targets(machine: Machine, target: Variable | Field) -> Iterator[Variable | Field]:
    """The other places of the same kind and type: variables of the machine, or fields of the same member."""
    if isinstance(target, Variable):
        for declared in machine.variables:
            if declared.name != target.name and declared.type == target.type:
                yield Variable(declared.name, declared.type)
    else:
        for declared in machine.families_by_name[target.family].fields:
            if declared.name != target.name and declared.type == target.type:
                yield Field(target.member, target.family, declared.name, declared.type)


def _is_pointwise(loop: ForEach) -> bool:
    """Whether the loop reads nothing of other members that it writes, so that the order of members is no matter."""
    written = set(_written_places(loop.body))
    return not any(
        isinstance(part, Field) and part.member != loop.bound and (part.family, part.name) in written
        for expr in expressions_of(loop.body)
        for part in walk(expr)
    )


def _written_places(body: Body) -> Iterator[tuple[str, str]]:
    for statement in statements(body):
        match statement:
            case Assign(Field(_, family, name)):
                yield family, name
            case _:
                pass
