"""The names of a spec: the words of the language it uses, and what it declares itself."""

import ast
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, get_args

from quiesce.spec.model import EnumType, MemberType, ScalarType, Span, VariableDecl
from quiesce.spec.reading.problems import POISON, Poison

ActionWord: TypeAlias = Literal["call", "internal", "environment"]
PromiseWord: TypeAlias = Literal["always", "step", "pristine", "recoverable", "leads_to"]
DecoratorWord: TypeAlias = ActionWord | PromiseWord

DECORATORS: Final = (*get_args(ActionWord), *get_args(PromiseWord))

WORDS: Final = {
    **dict.fromkeys(("Enum", "auto"), "enum"),
    "Annotated": "typing",
    **dict.fromkeys(("Family", "Int", "Machine", "Member", "Nat", "New", "Persistent", "Range"), "quiesce.spec"),
    **dict.fromkeys(("Requirement", "count", "implies", "policy", "retire", "when"), "quiesce.spec"),
    **dict.fromkeys(DECORATORS, "quiesce.spec"),
}
"""Each word of the language that has to be imported, with the module that has it."""

BUILTINS: Final = frozenset({"all", "any", "bool", "int", "max", "min", "self", "sum", "tuple"})
"""Words of the language that Python itself has, and `self`."""

ParameterType: TypeAlias = ScalarType | MemberType


@dataclass(frozen=True)
class Helper:
    """A method that is put in place where it is called: `value` is what it returns.

    `owner` is the member class it belongs to; None stands for the machine.
    """

    name: str
    owner: str | None
    value: ast.expr
    parameters: tuple[tuple[str, ParameterType], ...]
    result: ScalarType


@dataclass
class MemberClass:
    """A member class with its fields and helpers, and the family that holds its members."""

    name: str
    doc: str
    span: Span
    fields: dict[str, VariableDecl | Poison] = field(default_factory=dict)
    helpers: dict[str, Helper | Poison] = field(default_factory=dict)
    family: str | Poison = POISON

    def names(self) -> set[str]:
        """Every name declared in the class."""
        return {*self.fields, *self.helpers}


@dataclass
class Symbols:
    """Everything a spec declares, by name. Filled while declarations are read; bodies only look it up."""

    imported: set[str] = field(default_factory=set)
    lazy_annotations: bool = False
    defined: dict[str, Span] = field(default_factory=dict)  # every name of the module that the spec defines
    faulty: set[str] = field(default_factory=set)  # those of them whose meaning is lost to a reported mistake
    enums: dict[str, EnumType] = field(default_factory=dict)
    policies: dict[str, EnumType | Poison] = field(default_factory=dict)
    requirements: dict[str, str | Poison] = field(default_factory=dict)  # ids by name
    members: dict[str, MemberClass] = field(default_factory=dict)
    machine: str | None = None
    variables: dict[str, VariableDecl | Poison] = field(default_factory=dict)
    families: dict[str, MemberClass | Poison] = field(default_factory=dict)
    helpers: dict[str, Helper | Poison] = field(default_factory=dict)
    actions: dict[str, Span] = field(default_factory=dict)
    promises: dict[str, Span] = field(default_factory=dict)

    def of_machine(self) -> set[str]:
        """Every name declared in the machine class."""
        return {*self.variables, *self.families, *self.helpers, *self.actions, *self.promises}
