"""Which members a core knows, as a part of the state, and what has to hold of it.

A core keeps, for each family, a dictionary of the members that it knows. Its loops, quantifiers and totals run over
these alone, where those of the model run over every member. Whether the core knows a member is told by a field that no
spec declares. Of this field two things are proved, for each way through each method:

*Nothing is lost.* Each member that a family does not know is as new: every field that is not persistent has its
default. The empty dictionaries of a new core keep that, as each member is new before it is ever used; and if it holds
before a method, then it holds after each way through it. So it holds in every state of the core, and the comparison of
outcomes and updates may use it: there it shows that what is done to the known members is what the model does to all.

*Nothing is kept.* A member that is as new may be known, for that makes no difference. But a member that is known at
the end of a way was known before it, or was given to it as a new one, or is written to by the action; and the action
does not give it back after that. So a program does not remember members for ever.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import assert_never

from quiesce.spec.effects import ANY_MEMBER, Effect
from quiesce.spec.meaning.formulas import after, for_all, unused_claim
from quiesce.spec.model import (
    BOOL,
    FALSE,
    TRUE,
    Action,
    Assign,
    Binary,
    Expr,
    FamilyDecl,
    Field,
    ForEach,
    If,
    Machine,
    MemberType,
    Op,
    Retire,
    Statement,
    VariableDecl,
)
from quiesce.spec.parts_of_actions import compared_members
from quiesce.spec.rewrite import either


def known_field(machine: Machine) -> str:
    """The name of the field that tells whether the core knows a member; nothing else has that name."""
    taken = {machine.name, *(enum.type.name for enum in machine.enums), *(policy.name for policy in machine.policies)}
    taken |= {family.member.name for family in machine.families}
    taken |= {declared.name for family in machine.families for declared in family.fields}
    name = "known_member"
    while name in taken:
        name += "_"
    return name


def with_membership(machine: Machine) -> Machine:
    """The machine with the field, where each action says which members there is a reason to know at its end.

    The field is declared persistent, so that no promise about a released machine speaks of it.
    """
    name = known_field(machine)
    declared = {
        f.name: (*f.fields, VariableDecl(name, BOOL, False, persistent=True, span=f.span)) for f in machine.families
    }
    return replace(
        machine,
        families=tuple(replace(family, fields=declared[family.name]) for family in machine.families),
        actions=tuple(
            replace(action, body=tuple(_body_with_membership(machine, action, name))) for action in machine.actions
        ),
    )


def all_known(machine: Machine) -> Iterator[tuple[FamilyDecl, Expr]]:
    """For each family of `machine`, which has no field of ours, that the core knows each member that is not as new."""
    name = known_field(machine)
    for family in machine.families:
        known = Field(ANY_MEMBER, family.name, name, BOOL)
        yield family, for_all(family, either(known, unused_claim(family, ANY_MEMBER, persistent=False)))


def membership_goals(machine: Machine, model: Effect, code: Effect) -> Iterator[tuple[str, Expr]]:
    """The required effect of a way through the code on the membership of each family.

    `model` is of `with_membership`.
    """
    name = known_field(machine)
    for family, claim in all_known(machine):
        yield f"{family.name}: who is not as new at the end is known", after(code, claim)
        key, before = (family.name, name), Field(ANY_MEMBER, family.name, name, BOOL)
        known, wanted = code.fields.get(key, before), model.fields.get(key, before)
        yield (
            f"{family.name}: who is known at the end was known before or written to, and not given back since",
            for_all(family, Binary(Op.IMPLIES, known, wanted)),
        )


# --- the reasons to know a member ---------------------------------------------------------------------------------


def _body_with_membership(machine: Machine, action: Action, name: str) -> Iterator[Statement]:
    members = {p.name: machine.family_of(p.type).name for p in action.parameters if isinstance(p.type, MemberType)}

    def note(member: str, family: str, reason: Expr, near: Statement | Action) -> Assign:
        return Assign(Field(member, family, name, BOOL), reason, near.span)

    def noted(statement: Statement) -> Iterator[Statement]:
        match statement:
            case Assign(Field(member, family)):
                yield note(member, family, TRUE, statement)
                yield statement
            case Assign():
                yield statement
            case Retire(member, family):
                yield statement
                yield note(member, family, FALSE, statement)
            case If(_, then, otherwise):
                yield replace(statement, then=each(then), otherwise=each(otherwise))
            case ForEach(_, family, inner):
                singled_out = [m for m in compared_members(inner) if members.get(m) == family]
                yield from (note(member, family, TRUE, statement) for member in singled_out)
                yield replace(statement, body=each(inner))
            case _:
                assert_never(statement)

    def each(body: Iterable[Statement]) -> tuple[Statement, ...]:
        return tuple(note for statement in body for note in noted(statement))

    yield from (note(p.name, members[p.name], TRUE, action) for p in action.parameters if p.new and p.name in members)
    yield from each(action.body)
