"""An action as one simultaneous update: its statements executed symbolically, from top to bottom.

A value that is read several times is one expression that stands in several places. So what an action does to a variable
grows by a few parts with each statement, and not by all that the variable was before.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TypeAlias, assert_never

from quiesce.spec.model import (
    Action,
    Assign,
    Expr,
    FamilyDecl,
    Field,
    ForEach,
    If,
    Literal,
    Machine,
    Retire,
    Same,
    Statement,
    Variable,
    VariableDecl,
)
from quiesce.spec.record import record
from quiesce.spec.rewrite import Rewriting, if_else, renaming, same, substitute

ANY_MEMBER = "*"
"""The member that a field's new value is described for. No name of a spec is spelled like this."""

FieldName: TypeAlias = tuple[str, str]
"""A family and one of its fields."""


@record
class Effect:
    """New values in terms of the state before the action; what is not listed stays as it is.

    A field's new value is an expression about the member `ANY_MEMBER`. `points` are the members that the action changes
    one by one, as (family, name), and `loops` the families that it changes as a whole.
    """

    scalars: Mapping[str, Expr]
    fields: Mapping[FieldName, Expr]
    points: tuple[tuple[str, str], ...]
    loops: frozenset[str]

    @cached_property
    def writes(self) -> frozenset[str | FieldName]:
        """The variables and fields that may change."""
        return frozenset([*self.scalars, *self.fields])

    @cached_property
    def after(self) -> Rewriting:
        """A claim about the state after the action, rewritten as a claim about the state before it.

        Where the claim speaks of the state before a step, it then speaks of the only state left.
        """
        members: dict[str, Rewriting] = {}

        def now(part: Expr) -> Expr | None:
            match part:
                case Variable(name, type_, old):
                    return Variable(name, type_) if old else self.scalars.get(name)
                case Field(member, family, name, type_, old):
                    if old:
                        return Field(member, family, name, type_)
                    value = self.fields.get((family, name))
                    if value is None:
                        return None
                    if member not in members:
                        members[member] = renaming(ANY_MEMBER, member)
                    return members[member](value)
                case _:
                    return None

        return Rewriting(now)


@record
class _Store:
    """Current values in terms of the state before the action, with the renamings of members that were made so far."""

    scalars: Mapping[str, Expr]
    fields: Mapping[FieldName, Expr]
    renamings: dict[tuple[str, str], Rewriting]

    def read(self, expr: Expr, loop: str | None) -> Expr:
        """The current value of `expr`.

        Inside a loop, the value speaks of `ANY_MEMBER` in the place of the loop's own member.
        """

        def read(part: Expr) -> Expr | None:
            match part:
                case Variable(name) if name in self.scalars:
                    return self.scalars[name]
                case Field(member, family, name):
                    value = self.fields[family, name]
                    return value if member == loop else self.renamed(value, ANY_MEMBER, member)
                case Same(left, right, family) if loop in (left, right):
                    return same(_member_in_loop(left, loop), _member_in_loop(right, loop), family)
                case _:
                    return None

        return substitute(expr, read)

    def renamed(self, expr: Expr, before: str, now: str) -> Expr:
        """`expr` about another member. Two values that share a part share it afterwards, too."""
        if (before, now) not in self.renamings:
            self.renamings[before, now] = renaming(before, now)
        return self.renamings[before, now](expr)


def _member_in_loop(member: str, loop: str | None) -> str:
    return ANY_MEMBER if member == loop else member


def effect_of(machine: Machine, action: Action) -> Effect:
    """The simultaneous update that the statements of `action` amount to."""
    start = _store_at_start(machine.variables, machine.families)
    end = _store_after_body(machine.families_by_name, action.body, start, loop=None)
    return Effect(
        {name: value for name, value in end.scalars.items() if value != start.scalars[name]},
        {key: value for key, value in end.fields.items() if value != start.fields[key]},
        tuple(dict.fromkeys(_members_written(action.body))),
        frozenset(_loops_in_body(action.body)),
    )


def seen_before(
    variables: Iterable[VariableDecl], families: Sequence[FamilyDecl], body: tuple[Statement, ...], expr: Expr
) -> Expr:
    """The value of `expr` after the statements of `body`, in terms of the state before them."""
    start = _store_at_start(variables, families)
    return _store_after_body({family.name: family for family in families}, body, start, loop=None).read(expr, None)


def _store_at_start(variables: Iterable[VariableDecl], families: Iterable[FamilyDecl]) -> _Store:
    return _Store(
        {variable.name: Variable(variable.name, variable.type) for variable in variables},
        {
            (family.name, field.name): Field(ANY_MEMBER, family.name, field.name, field.type)
            for family in families
            for field in family.fields
        },
        {},
    )


def _store_after_body(
    families: Mapping[str, FamilyDecl], body: tuple[Statement, ...], store: _Store, loop: str | None
) -> _Store:
    for statement in body:
        store = _store_after_statement(families, statement, store, loop)
    return store


def _store_after_statement(
    families: Mapping[str, FamilyDecl], statement: Statement, store: _Store, loop: str | None
) -> _Store:
    match statement:
        case Assign(target, value):
            new = store.read(value, loop)
            if isinstance(target, Variable):
                return replace(store, scalars={**store.scalars, target.name: new})
            return _store_after_write(store, target, new, loop)
        case Retire(member, family):
            for declared in families[family].fields:
                if not declared.persistent:
                    place = Field(member, family, declared.name, declared.type)
                    store = _store_after_write(store, place, Literal(declared.initial, declared.type), loop)
            return store
        case If(condition, then, otherwise):
            return _merged_stores(
                store.read(condition, loop),
                _store_after_body(families, then, store, loop),
                _store_after_body(families, otherwise, store, loop),
            )
        case ForEach(bound, _, inner):
            return _store_after_body(families, inner, store, loop=bound)
        case _:
            assert_never(statement)


def _store_after_write(store: _Store, target: Field, value: Expr, loop: str | None) -> _Store:
    key = (target.family, target.name)
    if loop is not None:
        if target.member != loop:
            raise ValueError("a loop changes its own member only")
        new = value
    else:
        new = if_else(same(ANY_MEMBER, target.member, target.family), value, store.fields[key])
    return replace(store, fields={**store.fields, key: new})


def _merged_stores(condition: Expr, then: _Store, otherwise: _Store) -> _Store:
    return _Store(
        {name: if_else(condition, value, otherwise.scalars[name]) for name, value in then.scalars.items()},
        {key: if_else(condition, value, otherwise.fields[key]) for key, value in then.fields.items()},
        then.renamings,
    )


def _members_written(body: tuple[Statement, ...]) -> Iterator[tuple[str, str]]:
    for statement in body:
        match statement:
            case Assign(Field(member, family)) | Retire(member, family):
                yield family, member
            case If(_, then, otherwise):
                yield from _members_written((*then, *otherwise))
            case Assign() | ForEach():
                pass
            case _:
                assert_never(statement)


def _loops_in_body(body: tuple[Statement, ...]) -> Iterator[str]:
    for statement in body:
        match statement:
            case ForEach(_, family):
                yield family
            case If(_, then, otherwise):
                yield from _loops_in_body((*then, *otherwise))
            case Assign() | Retire():
                pass
            case _:
                assert_never(statement)
