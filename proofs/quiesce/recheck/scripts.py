"""Conditions as SMT-LIB scripts: what their symbols stand for, and that every term means something."""

from dataclasses import dataclass, field, replace

from quiesce.recheck.lets import written_out
from quiesce.recheck.terms import Rejected, Term, is_numeral, read, show

BOOL, INT = "Bool", "Int"
WORDS = frozenset(
    {"Bool", "Int", "true", "false", "forall", "exists", "let", "match", "par", "as", "_", "!"}
    | {"not", "and", "or", "=>", "=", "distinct", "ite", "<=", "<", ">=", ">", "+", "-", "*"}
)
"""Names with a meaning of their own."""


@dataclass(frozen=True, slots=True)
class Signature:
    """The meanings of the symbols of a script.

    `enums` has the values of each enum, `constants` the sort of each constant (values of enums among them), and
    `functions` the sorts of each function's argument and result.
    """

    enums: dict[str, frozenset[str]] = field(default_factory=dict)
    members: frozenset[str] = frozenset()
    constants: dict[str, str] = field(default_factory=dict)
    functions: dict[str, tuple[str, str]] = field(default_factory=dict)

    def with_constant(self, name: Term, sort: Term) -> "Signature":
        """A signature with one more constant, whose name must be new."""
        if not isinstance(sort, str) or not (sort in {BOOL, INT, *self.enums} or sort in self.members):
            raise Rejected(f"no sort: {show(sort)}")
        return replace(self, constants={**self.constants, self.new(name): sort})

    def with_enum(self, name: Term, constructors: Term) -> "Signature":
        """A signature with one more enum, whose values must be new."""
        values = [value for (value,) in (c for c in constructors if isinstance(c, tuple) and len(c) == 1)]
        if len(values) != len(constructors):
            raise Rejected(f"not all of {show(name)} are mere values")
        known = replace(self, enums={**self.enums, self.new(name): frozenset(map(show, values))})
        for value in values:
            known = known.with_constant(value, name)
        return known

    def new(self, name: Term) -> str:
        """The name, which must stand for nothing yet."""
        if not isinstance(name, str) or is_numeral(name):
            raise Rejected(f"no name: {show(name)}")
        if name in WORDS or any(name in known for known in (self.enums, self.members, self.constants, self.functions)):
            raise Rejected(f"{name} is not new")
        return name

    def sort(self, term: Term) -> str:
        """The sort of a term, every part of which has been looked at.

        Raises:
            Rejected: the term means nothing here.
        """
        match term:
            case "true" | "false":
                return BOOL
            case str() if is_numeral(term):
                return INT
            case str() if term in self.constants:
                return self.constants[term]
            case ("forall" | "exists", ((bound, str(sort)),), body) if sort in self.members:
                return self.with_constant(bound, sort).require(BOOL, body)
            case ("not", arg):
                return self.require(BOOL, arg)
            case ("and" | "or", _, _, *_) | ("=>", _, _):
                return self.require(BOOL, *term[1:])
            case ("=" | "distinct", left, right):
                self.require(self.sort(left), right)
                return BOOL
            case ("<=" | "<" | ">=" | ">", left, right):
                self.require(INT, left, right)
                return BOOL
            case ("+", _, _, *_) | ("-", _) | ("-" | "*", _, _):
                return self.require(INT, *term[1:])
            case ("ite", condition, then, otherwise):
                self.require(BOOL, condition)
                return self.require(self.sort(then), otherwise)
            case (str(function), arg) if function in self.functions:
                taken, given = self.functions[function]
                self.require(taken, arg)
                return given
            case _:
                raise Rejected(f"means nothing: {show(term)[:80]}")

    def sort_of(self, term: Term) -> str:
        """The sort of a term that is known to have one."""
        match term:
            case str():
                return self.constants.get(term, INT if is_numeral(term) else BOOL)
            case ("ite", _, then, _):
                return self.sort_of(then)
            case ("+" | "-" | "*", *_):
                return INT
            case (str(function), _) if function in self.functions:
                return self.functions[function][1]
            case _:
                return BOOL

    def require(self, sort: str, *terms: Term) -> str:
        """The sort, which all `terms` must have."""
        for term in terms:
            if self.sort(term) != sort:
                raise Rejected(f"not of sort {sort}: {show(term)[:80]}")
        return sort


@dataclass(frozen=True, slots=True)
class Script:
    """A condition: assertions that shall contradict each other."""

    signature: Signature
    assertions: tuple[Term, ...]


def read_script(text: str) -> Script:
    """The condition that a script states.

    Raises:
        Rejected: it uses more of SMT-LIB than conditions do, or means nothing.
    """
    known, assertions = Signature(), list[Term]()
    commands = read(text)
    if commands[:1] != (("set-logic", "ALL"),) or commands[-1] != ("check-sat",):
        raise Rejected("a script starts with its logic and ends with one check")
    for command in commands[1:-1]:
        match command:
            case ("declare-datatypes", ((name, "0"),), ((_, *_) as constructors,)):
                known = known.with_enum(name, constructors)
            case ("declare-sort", name, "0"):
                known = replace(known, members=known.members | {known.new(name)})
            case ("declare-const", name, sort):
                known = known.with_constant(name, sort)
            case ("declare-fun", name, (str(taken),), str(given)) if taken in known.members:
                if given not in {BOOL, INT, *known.enums}:
                    raise Rejected(f"no sort of a field: {given}")
                known = replace(known, functions={**known.functions, known.new(name): (taken, given)})
            case ("assert", shared):
                term = written_out(shared)
                known.require(BOOL, term)
                assertions.append(term)
            case _:
                raise Rejected(f"not understood: {show(command)[:80]}")
    return Script(known, tuple(assertions))
