"""A random spec that grows: its declarations, its methods, and the text that they make."""

from dataclasses import dataclass, replace

from tests.differential.making.places import Declared, Enumeration, FamilyOf, Number, Places, Type, type_text

HEAD = """from enum import Enum, auto
from typing import Annotated

from quiesce.spec import (
    Answer, Family, Machine, Member, Nat, New, Persistent, Range, Requirement, Uses, accepts, always, assume, call,
    calls, count, enabled, environment, implies, initially, internal, leads_to, policy, pristine, recoverable,
    activity, due, refuses, retire, step, timeout, unchanged, when,
)

LIMIT = 2


def is_beyond(n: int) -> bool:
    return n > LIMIT

"""


@dataclass(frozen=True, slots=True)
class Given:
    """A parameter: of a scalar type, or a member of a family."""

    name: str
    type: Type | FamilyOf
    new: bool = False
    answer: bool = False

    @property
    def text(self) -> str:
        """As it is declared."""
        shown = self.type.cls if isinstance(self.type, FamilyOf) else type_text(self.type)
        mark = "New" if self.new else "Answer" if self.answer else ""
        return f"{self.name}: {f'{mark}[{shown}]' if mark else shown}"


@dataclass(frozen=True, slots=True)
class ActionOf:
    """An action: its kind, its calls, what it is given, and its lines."""

    name: str
    kind: str
    calls: tuple[str, ...]
    given: tuple[Given, ...]
    when: tuple[str, ...]
    assumes: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    fails: str | None = None
    fair: tuple[str, ...] = ()
    until: tuple[str, ...] = ()
    of: str | None = None  # the activity that it is an outcome of, or the timeout
    failing: bool = False

    @property
    def moves(self) -> bool:
        """Whether it may change anything."""
        return self.fails is None and (bool(self.until) or not self.fair)

    def lines(self) -> list[str]:
        """The method."""
        said = [f'"{call}"' for call in self.calls]
        said = [f"calls({', '.join(said)})"] if len(said) > 1 else said
        said += [f'fails="{self.fails}"'] if self.fails else []
        said += [f'"{self.of}"'] if self.of else []
        said += ["fails=True"] if self.failing else []
        said += ["blocks=True"] if self.fair and not self.until else []
        said += [f"until=[{', '.join(self.until)}]"] if self.until else []
        said += [f"fair=[{', '.join(self.fair)}]"] if self.fair else []
        inside = [f"when({claim})" for claim in self.when]
        inside += [f'assume({claim}, "it is so")' for claim in self.assumes]
        inside += self.body
        return [
            f"@{self.kind}({', '.join(said)})" if said else f"@{self.kind}",
            f"def {self.name}({', '.join(['self', *(given.text for given in self.given)])}) -> None:",
            *(f"    {line}" for line in inside or ["pass"]),
        ]


@dataclass(frozen=True)
class Draft:
    """A spec. `imports` stand above all else, `lower` is the declaration of a layer, `head` what the class extends."""

    enums: tuple[Enumeration, ...] = ()
    policies: tuple[tuple[str, Enumeration], ...] = ()
    families: tuple[FamilyOf, ...] = ()
    variables: tuple[Declared, ...] = ()
    actions: tuple[ActionOf, ...] = ()
    promises: tuple[tuple[str, ...], ...] = ()
    requirements: tuple[str, ...] = ()
    name: str = "Random"
    imports: tuple[str, ...] = ()
    lower: tuple[str, ...] = ()
    offers: str | None = None

    @property
    def text(self) -> str:
        """All of it."""
        lines = [*self.imports, *HEAD.splitlines()]
        lines += [f'{id_} = Requirement("{id_}", "It is so.", "a page")' for id_ in self.requirements]
        for enum in self.enums:
            lines += ["", "", f"class {enum.name}(Enum):", *(f"    {value} = auto()" for value in enum.values)]
        for name, enum in self.policies:
            lines += ["", f"{name} = policy({', '.join(f'{enum.name}.{value}' for value in enum.values)})"]
        for family in self.families:
            lines += ["", "", f"class {family.cls}(Member):", *(f"    {declared.text}" for declared in family.fields)]
        lines += ["", "", f"class {self.name}(Machine{f', provides={self.offers}' if self.offers else ''}):"]
        lines += [f"    {declared.text}" for declared in self.variables]
        lines += [f"    {family.name}: Family[{family.cls}]" for family in self.families]
        lines += [f"    {line}" for line in self.lower]
        for method in (*(action.lines() for action in self.actions), *self.promises):
            lines += ["", *(f"    {line}" for line in method)]
        if not (self.variables or self.families or self.lower or self.actions):
            lines.append("    pass")
        return "\n".join(lines) + "\n"

    def places(self, given: tuple[Given, ...] = (), *, old: bool = False) -> Places:
        """What an action or a promise with these parameters can read."""
        scalars = tuple((g.name, g.type) for g in given if not isinstance(g.type, FamilyOf))
        members = {g.name: g.type.name for g in given if isinstance(g.type, FamilyOf)}
        enums = frozenset(enum.name for enum in self.enums) | {name for name, _ in self.policies}
        taken = enums | {family.cls for family in self.families} | {self.name}
        return Places(self.variables, self.families, self.policies, scalars, members, old=old, taken=taken)

    def with_action(self, action: ActionOf) -> "Draft":
        """With one more action."""
        return replace(self, actions=(*self.actions, action))


def in_range(type_: Number, value: int) -> bool:
    """Whether an integer is within the bounds of a type."""
    return (type_.low is None or type_.low <= value) and (type_.high is None or value <= type_.high)
