"""What the expressions of a spec can read where they stand."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

BOUND = ("s", "t", "u", "m", "other")
"""Names of bound members. Some of them are given to parameters and variables, too."""


@dataclass(frozen=True, slots=True)
class Enumeration:
    """An enum."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Number:
    """Integers within bounds."""

    low: int | None
    high: int | None

    @property
    def text(self) -> str:
        """As a type of the language."""
        match self.low, self.high:
            case 0, None:
                return "Nat"
            case None, None:
                return "int"
            case _:
                return f"Annotated[int, Range({self.low}, {self.high})]"


Type = bool | Number | Enumeration
"""`True` stands for truth values."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A variable or a field."""

    name: str
    type: Type
    initial: str
    persistent: bool

    @property
    def text(self) -> str:
        """Its declaration."""
        shown = type_text(self.type)
        return f"{self.name}: {f'Persistent[{shown}]' if self.persistent else shown} = {self.initial}"


@dataclass(frozen=True, slots=True)
class FamilyOf:
    """A family and the class of its members."""

    name: str
    cls: str
    fields: tuple[Declared, ...]


def type_text(type_: Type) -> str:
    """A type as it is written."""
    match type_:
        case bool():
            return "bool"
        case Number():
            return type_.text
        case Enumeration(name):
            return name


@dataclass(frozen=True)
class Places:
    """The names in force. With `old`, the state before the step can be read, too.

    Fields in `hidden` of the family that is `looped` over are read of the member `loop` alone. No member is bound to a
    name that is `taken`.
    """

    variables: tuple[Declared, ...]
    families: tuple[FamilyOf, ...]
    policies: tuple[tuple[str, Enumeration], ...] = ()
    parameters: tuple[tuple[str, Type], ...] = ()
    members: Mapping[str, str] = field(default_factory=dict)
    was: frozenset[str] = frozenset()
    old: bool = False
    loop: str | None = None
    looped: str | None = None
    hidden: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()

    def all(self) -> list[tuple[str, Type]]:
        """Every place that holds a value, with its type."""
        found: list[tuple[str, Type]] = [*self.policies, *self.parameters]
        for declared in self.variables:
            found.append((f"self.{declared.name}", declared.type))
            if self.old:
                found.append((f"old.{declared.name}", declared.type))
        for member in self.members:
            found += self.of_member(member)
        return found

    def of_member(self, member: str) -> list[tuple[str, Type]]:
        """The fields of one member."""
        family = self.family(self.members[member])
        of_loop = family.name == self.looped
        found: list[tuple[str, Type]] = []
        for declared in family.fields:
            if declared.name in self.hidden and of_loop and member != self.loop:
                continue
            found.append((f"{member}.{declared.name}", declared.type))
            if self.old:
                state = "self" if member in self.was else "old"
                found.append((f"{state}[{member}].{declared.name}", declared.type))
        return found

    def family(self, name: str) -> FamilyOf:
        """The family of a name."""
        return next(family for family in self.families if family.name == name)

    def numbers(self) -> list[str]:
        """The places of integers."""
        return [text for text, type_ in self.all() if isinstance(type_, Number)]

    def enums(self, wanted: Enumeration) -> list[str]:
        """The places of one enum."""
        return [text for text, type_ in self.all() if type_ == wanted]

    def bind(self, family: FamilyOf, *, was: bool = False) -> "tuple[str, Places] | None":
        """A name for a member that is not in use here, and the places with it; None where there have been enough."""
        used = {*self.taken, *self.members, *(name for name, _ in self.parameters)}
        name = next((name for name in BOUND if name not in used), None)
        if name is None:
            return None
        more = frozenset({name}) if was else frozenset()
        return name, replace(self, members={**self.members, name: family.name}, was=self.was | more)

    def in_term(self, bound: str) -> "Places":
        """The places without parameters and members but one."""
        taken = self.taken | {*self.members, *(name for name, _ in self.parameters)}
        return replace(self, parameters=(), members={bound: self.members[bound]}, taken=taken)
