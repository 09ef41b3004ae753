"""The names of a spec: the words of the language it uses, and what it declares itself."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias, TypeVar, get_args
from typing import Literal as OneOf

from quiesce.spec.activities import Activity
from quiesce.spec.model import (
    EnumType,
    FamilyDecl,
    Literal,
    Machine,
    MemberType,
    ScalarType,
    SessionDecl,
    Span,
    Variable,
    VariableDecl,
)
from quiesce.spec.reading.problems import POISON, Poison
from quiesce.spec.record import record

_T = TypeVar("_T")

ActionWord: TypeAlias = OneOf["call", "internal", "environment", "activity", "timeout"]
ClaimWord: TypeAlias = OneOf[
    "always", "step", "pristine", "recoverable", "leads_to", "accepts", "refuses", "enabled", "initially"
]
PromiseWord: TypeAlias = ClaimWord | OneOf["unchanged"]
DecoratorWord: TypeAlias = ActionWord | PromiseWord

DECORATORS: Final = (*get_args(ActionWord), *get_args(ClaimWord), "unchanged")

WORDS: Final = {
    **dict.fromkeys(("Enum", "auto"), "enum"),
    "Annotated": "typing",
    **dict.fromkeys(("Answer", "Uses"), "quiesce.spec"),
    **dict.fromkeys(("Family", "Int", "Machine", "Member", "Nat", "New", "Persistent", "Range"), "quiesce.spec"),
    **dict.fromkeys(("Requirement", "assume", "calls", "count", "implies", "policy", "retire", "when"), "quiesce.spec"),
    **dict.fromkeys(("due", "session"), "quiesce.spec"),
    **dict.fromkeys(DECORATORS, "quiesce.spec"),
}
"""Each word of the language that has to be imported, with the module that has it."""

FORMER: Final = {
    "answers": 'did you mean `@refuses("Call", "ERROR")`, or `@accepts("Call")`?',
    "possible": "did you mean `enabled`?",
    "Lower": "did you mean `Uses`?",
}
"""The words to write in the place of those that the language had once."""

BUILTINS: Final = frozenset({"all", "any", "bool", "int", "max", "min", "self", "sum", "tuple"})
"""Words of the language that Python itself has, and `self`."""

ParameterType: TypeAlias = ScalarType | MemberType


@record
class Helper:
    """A method or function that is put in place where it is called: `value` is what it returns.

    `owner` is the class that it belongs to, the machine's or that of a member; None stands for the module.
    """

    name: str
    owner: str | None
    value: ast.expr
    parameters: tuple[tuple[str, ParameterType], ...]
    result: ScalarType


@dataclass(eq=False, repr=False)
class MemberClass:
    """A member class with its fields and helpers, and the family that holds its members, and where it is `declared`."""

    name: str
    doc: str
    span: Span
    fields: dict[str, VariableDecl | Poison] = field(default_factory=dict)
    helpers: dict[str, Helper | Poison] = field(default_factory=dict)
    family: str | Poison = POISON
    declared: Span | None = None

    def names(self) -> set[str]:
        """Every name declared in the class."""
        return {*self.fields, *self.helpers}


@record
class Layer:
    """A layer below, under the name of the attribute that stands for it, with its contract."""

    name: str
    contract: Machine
    span: Span

    def variable(self, name: str) -> Variable | None:
        """The variable of the upper machine that holds a variable of the contract."""
        found = next((v for v in self.contract.variables if v.name == name), None)
        return None if found is None else Variable(f"{self.name}_{name}", found.type)

    @property
    def variables(self) -> tuple[VariableDecl, ...]:
        """The variables by which the upper machine remembers its dealings with this layer."""
        return tuple(replace(v, name=f"{self.name}_{v.name}", span=self.span) for v in self.contract.variables)


@dataclass(eq=False, repr=False)
class Symbols:
    """Everything a spec declares, by name. Filled while declarations are read; bodies only look it up."""

    imported: set[str] = field(default_factory=set)
    lazy_annotations: bool = False
    defined: dict[str, Span] = field(default_factory=dict)  # every name of the module that the spec defines
    faulty: set[str] = field(default_factory=set)  # those of them whose meaning is lost to a reported mistake
    enums: dict[str, EnumType] = field(default_factory=dict)
    policies: dict[str, EnumType | Poison] = field(default_factory=dict)
    alternatives: dict[str, tuple[str, ...]] = field(default_factory=dict)  # of the policies that were understood
    requirements: dict[str, str | Poison] = field(default_factory=dict)  # ids by name
    constants: dict[str, Literal | Poison] = field(default_factory=dict)  # values by name
    groups: dict[str, tuple[str, ...] | Poison] = field(default_factory=dict)  # names of calls by the group's name
    functions: dict[str, Helper | Poison] = field(default_factory=dict)  # helpers of the module
    members: dict[str, MemberClass] = field(default_factory=dict)
    machine: str | None = None
    variables: dict[str, VariableDecl | Poison] = field(default_factory=dict)
    families: dict[str, MemberClass | Poison] = field(default_factory=dict)
    helpers: dict[str, Helper | Poison] = field(default_factory=dict)
    contracts: dict[str, Machine | Poison] = field(default_factory=dict)  # imported machines by name
    layers: dict[str, Layer | Poison] = field(default_factory=dict)  # the layers below
    actions: dict[str, Span] = field(default_factory=dict)
    promises: dict[str, Span] = field(default_factory=dict)
    sessions: dict[str, SessionDecl | Poison] = field(default_factory=dict)
    activities: dict[str, Activity | Poison] | None = None  # by name, once all actions were read

    def of_machine(self) -> set[str]:
        """Every name declared in the machine class."""
        places = {*self.variables, *self.families, *self.layers}
        return {*places, *self.helpers, *self.actions, *self.promises, *self.sessions}


def declared_families(symbols: Symbols) -> tuple[FamilyDecl, ...]:
    """The families that were understood: all of them, once no mistake was found."""
    return tuple(_family(name, cls) for name, cls in symbols.families.items() if cls is not POISON)


def layer_variables(symbols: Symbols) -> tuple[VariableDecl, ...]:
    """The variables by which the machine remembers its dealings with the layers below it."""
    return tuple(variable for layer in sound(symbols.layers.values()) for variable in layer.variables)


def _family(name: str, cls: MemberClass) -> FamilyDecl:
    return FamilyDecl(name, MemberType(cls.name), sound(cls.fields.values()), cls.doc, cls.span, cls.declared)


def sound(things: Iterable[_T | Poison]) -> tuple[_T, ...]:
    """Those that were understood: all of them, once no mistake was found."""
    return tuple(thing for thing in things if not isinstance(thing, Poison))
