"""The meanings of the names inside a body."""

import ast
from collections.abc import Mapping
from dataclasses import field, replace
from typing import TypeAlias

from quiesce.spec.model import Expr, ScalarType
from quiesce.spec.reading.problems import Poison
from quiesce.spec.reading.symbols import Layer, MemberClass
from quiesce.spec.record import record


@record
class Typed:
    """A scalar expression and its type. The type of an integer has no bounds."""

    expr: Expr
    type: ScalarType


@record
class StateRef:
    """The machine itself: `self`, or `old` for the state before the step."""

    old: bool


@record
class MemberRef:
    """A member under its name in the model, seen in the new or the old state."""

    name: str
    family: str
    cls: MemberClass
    old: bool = False


@record
class FamilyRef:
    """A family of the machine, in the new or the old state."""

    name: str
    cls: MemberClass
    old: bool


@record
class LayerRef:
    """A layer below, in the new or the old state."""

    layer: Layer
    old: bool


@record
class Given:
    """An argument of a helper: an expression, read where the helper uses it but with the names of its caller."""

    node: ast.expr
    scope: "Scope"


Meaning: TypeAlias = Typed | StateRef | MemberRef | FamilyRef | LayerRef | Poison
Binding: TypeAlias = Typed | StateRef | MemberRef | Given | Poison


@record
class Loop:
    """The loop around a statement: its member, and the fields that its body writes."""

    member: str
    family: str
    written: frozenset[str]


@record
class Scope:
    """The names in force.

    `taken` are names of the model that no inner binding may hide. `called_at` is where the spec's own text calls the
    helper that is being put in place.
    """

    names: Mapping[str, Binding]
    taken: frozenset[str] = field(default=frozenset())
    loop: Loop | None = None
    called_at: ast.expr | None = None

    def bind(self, name: str, family: FamilyRef) -> "tuple[MemberRef, Scope]":
        """`name` runs through the family: its member, which may have a number in the model, and the scope within."""
        fresh, number = name, 2
        while fresh in self.taken:
            fresh, number = f"{name}_{number}", number + 1
        member = MemberRef(fresh, family.name, family.cls, family.old)
        return member, replace(self, names={**self.names, name: member}, taken=self.taken | {fresh})
