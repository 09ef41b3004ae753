"""A small machine with every kind of declaration, and random expressions about it."""

from pathlib import PurePosixPath

from hypothesis import strategies as st
from quiesce.spec.model import (
    BOOL,
    INT,
    Binary,
    EnumType,
    Expr,
    Field,
    IfElse,
    IntType,
    Literal,
    Not,
    Op,
    Quantified,
    Quantifier,
    Same,
    ScalarType,
    Scale,
    Total,
    Variable,
)
from quiesce.spec.reader import read_text
from quiesce.spec.rewrite import map_children, rename_member

SPEC = '''
from enum import Enum, auto
from typing import Annotated
from quiesce.spec import Family, Int, Machine, Member, Nat, Range, always, internal, policy

class Phase(Enum):
    UP = auto()
    DOWN = auto()

MODE = policy(Phase.UP, Phase.DOWN)

class it(Member):
    size: Nat = 0
    idle: bool = True
    phase: Phase = Phase.UP

class Other(Member):
    debt: Int = 0

class Box(Machine):
    phase: Phase = Phase.UP
    n: Nat = 0
    debt: Int = 0
    few: Annotated[int, Range(2, 5)] = 2
    flag: bool = False
    things: Family[it]
    others: Family[Other]

    @internal
    def settle(self, a: it) -> None:
        self.n = 0

    @always
    def fine(self) -> bool:
        """So it is."""
        return True
'''
MACHINE = read_text(SPEC, PurePosixPath("spec.py"))


def same_names(expr: Expr, depth: int = 0) -> Expr:
    """`expr` with bound members numbered, and every integer constant of the one type that a text can give it."""
    match expr:
        case Quantified(quantifier, bound, family, body):
            name = f"bound.{depth}"
            return Quantified(quantifier, name, family, same_names(rename_member(body, bound, name), depth + 1))
        case Total(bound, family, term):
            name = f"bound.{depth}"
            return Total(name, family, same_names(rename_member(term, bound, name), depth + 1))
        case Literal(value, IntType()):
            return Literal(value, INT)
        case _:
            return map_children(expr, lambda child: same_names(child, depth))


# --- random expressions --------------------------------------------------------------------------------------------

PHASE = EnumType("Phase", ("UP", "DOWN"))
NAMES = st.sampled_from(["*", "s~", "s~~", "it", "it_2", "s", "any", "class", "Box", "a", "MODE", "member.1"])
FAMILIES: dict[str, dict[str, ScalarType]] = {
    "things": {"size": IntType(0), "idle": BOOL, "phase": PHASE},
    "others": {"debt": IntType()},
}
Bound = tuple[tuple[str, str], ...]


def reads(bound: Bound, *wanted: ScalarType) -> list[Expr]:
    """Every variable, and every field of a member that is named, of these types."""
    variables: dict[str, ScalarType] = {
        "phase": PHASE,
        "n": IntType(0),
        "debt": IntType(),
        "few": IntType(2, 5),
        "flag": BOOL,
        "MODE": PHASE,
    }
    found: list[Expr] = [Variable(name, type_) for name, type_ in variables.items() if type_ in wanted]
    seen = dict(bound)
    for member, family in seen.items():
        fields = FAMILIES[family].items()
        found += [Field(member, family, name, type_) for name, type_ in fields if type_ in wanted]
    return found


@st.composite
def numbers(draw: st.DrawFn, bound: Bound = (), depth: int = 3) -> Expr:
    kind = draw(st.sampled_from(["read", "read", "constant", *(["+", "-", "*", "choice", "total"] * (depth > 0))]))
    match kind:
        case "read":
            return draw(st.sampled_from(reads(bound, IntType(0), IntType(), IntType(2, 5))))
        case "constant":
            return Literal(draw(st.integers(-3, 10)), draw(st.sampled_from([INT, IntType(0), IntType(2, 5)])))
        case "*":
            return Scale(draw(st.integers(-3, 3)), draw(numbers(bound, depth - 1)))
        case "choice":
            parts = draw(claims(bound, depth - 1)), draw(numbers(bound, depth - 1)), draw(numbers(bound, depth - 1))
            return IfElse(*parts)
        case "total":
            name, family = draw(NAMES), draw(st.sampled_from(list(FAMILIES)))
            return Total(name, family, draw(numbers((*bound, (name, family)), depth - 1)))
        case _:
            op = Op.ADD if kind == "+" else Op.SUB
            return Binary(op, draw(numbers(bound, depth - 1)), draw(numbers(bound, depth - 1)))


@st.composite
def words(draw: st.DrawFn, bound: Bound = ()) -> Expr:
    return draw(st.sampled_from([*reads(bound, PHASE), Literal("UP", PHASE), Literal("DOWN", PHASE)]))


@st.composite
def claims(draw: st.DrawFn, bound: Bound = (), depth: int = 4) -> Expr:
    deeper = ["not", "and", "or", "=>", "=", "choice", "all", "any", "count"] * (depth > 0)
    kind = draw(st.sampled_from(["read", "number", "word", "constant", "same", *deeper]))
    match kind:
        case "read":
            return draw(st.sampled_from(reads(bound, BOOL)))
        case "number":
            op = draw(st.sampled_from([Op.EQ, Op.NE, Op.LT, Op.LE, Op.GT, Op.GE]))
            return Binary(op, draw(numbers(bound, depth - 1)), draw(numbers(bound, depth - 1)))
        case "word":
            return Binary(draw(st.sampled_from([Op.EQ, Op.NE])), draw(words(bound)), draw(words(bound)))
        case "constant":
            return Literal(draw(st.booleans()), BOOL)
        case "same":
            seen = dict(bound)
            pairs = [(a, b, seen[a]) for a in seen for b in seen if seen[a] == seen[b]]
            return Same(*draw(st.sampled_from(pairs))) if pairs else Literal(True, BOOL)
        case "not":
            return Not(draw(claims(bound, depth - 1)))
        case "choice":
            return IfElse(*(draw(claims(bound, depth - 1)) for _ in range(3)))
        case "all" | "any":
            name, family = draw(NAMES), draw(st.sampled_from(list(FAMILIES)))
            return Quantified(Quantifier(kind), name, family, draw(claims((*bound, (name, family)), depth - 1)))
        case "count":
            name, family = draw(NAMES), draw(st.sampled_from(list(FAMILIES)))
            term = IfElse(draw(claims((*bound, (name, family)), depth - 1)), Literal(1, INT), Literal(0, INT))
            return Binary(Op.GT, Total(name, family, term), Literal(0, INT))
        case _:
            op = {"and": Op.AND, "or": Op.OR, "=>": Op.IMPLIES, "=": Op.EQ}[kind]
            return Binary(op, draw(claims(bound, depth - 1)), draw(claims(bound, depth - 1)))


def simplified(expr: Expr) -> Expr:
    """`expr` as rewriting it leaves it: nothing compares a member with itself, and no choice is between equals."""
    return rename_member(expr, "nobody", "nobody else")
