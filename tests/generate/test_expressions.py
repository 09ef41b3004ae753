"""Expressions as Python text mean what the model says, and stay within their lines as a formatter would have it."""

import ast
import subprocess
import sys
from pathlib import Path, PurePosixPath
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from quiesce.generate.python.expressions import phrase, text
from quiesce.generate.python.line_breaking import WIDTH, laid_out
from quiesce.spec.interpreter import Scope, evaluate
from quiesce.spec.model import (
    BOOL,
    INT,
    Binary,
    EnumType,
    Expr,
    FamilyDecl,
    Field,
    IfElse,
    Literal,
    Machine,
    MemberType,
    Not,
    Op,
    Parameter,
    Quantified,
    Quantifier,
    Same,
    Scale,
    Span,
    Total,
    Variable,
)
from quiesce.spec.state import State

from tests.by_day import examples

COLOUR = EnumType("Colour", ("RED", "GREEN", "BLUE"))
SPAN = Span(1, 1, 1, 2)
MACHINE = Machine(
    name="Paint",
    doc="",
    path=PurePosixPath("paint.py"),
    enums=(),
    variables=(),
    policies=(),
    families=(FamilyDecl("brushes", MemberType("Brush"), (), "", SPAN),),
    actions=(),
    promises=(),
    requirements=(),
    span=SPAN,
)
ORDER = (Op.LT, Op.LE, Op.GT, Op.GE)


def number_leaves(members: tuple[str, ...]) -> st.SearchStrategy[Expr]:
    fields = [Field(member, "brushes", "strokes_painted", INT) for member in members]
    return st.one_of(
        st.integers(-2, 3).map(lambda value: Literal(value, INT)),
        st.sampled_from([Variable("paint_left_in_pots", INT), Parameter("n", INT), *fields]),
    )


def truth_leaves(members: tuple[str, ...]) -> st.SearchStrategy[Expr]:
    colours = [Literal(value, COLOUR) for value in COLOUR.values]
    places = [Variable("colour_of_the_wall", COLOUR), *(Field(m, "brushes", "colour", COLOUR) for m in members)]
    same = st.builds(Same, st.sampled_from(members), st.sampled_from(members), st.just("brushes"))
    return st.one_of(
        st.booleans().map(lambda value: Literal(value, BOOL)),
        st.sampled_from([Variable("is_dry", BOOL), *(Field(m, "brushes", "clean", BOOL) for m in members)]),
        st.builds(Binary, st.sampled_from([Op.EQ, Op.NE]), st.sampled_from(places), st.sampled_from(colours)),
        same,
    )


def numbers(depth: int, members: tuple[str, ...]) -> st.SearchStrategy[Expr]:
    if depth == 0:
        return number_leaves(members)
    smaller, truth = numbers(depth - 1, members), truths(depth - 1, members)
    ordered = st.builds(
        lambda op, left, right, swap: IfElse(Binary(op, left, right), *((right, left) if swap else (left, right))),
        st.sampled_from(ORDER),
        smaller,
        smaller,
        st.booleans(),
    )
    bound = f"b{depth}"
    inner = numbers(depth - 1, (*members, bound))
    choice = st.builds(IfElse, truths(depth - 1, (*members, bound)), inner, st.just(Literal(0, INT)))
    return st.one_of(
        number_leaves(members),
        st.builds(Binary, st.sampled_from([Op.ADD, Op.SUB]), smaller, smaller),
        st.builds(Scale, st.integers(-2, 3), smaller),
        st.builds(IfElse, truth, smaller, smaller),
        ordered,
        st.builds(Total, st.just(bound), st.just("brushes"), st.one_of(inner, choice)),
    )


def truths(depth: int, members: tuple[str, ...]) -> st.SearchStrategy[Expr]:
    if depth == 0:
        return truth_leaves(members)
    smaller, number = truths(depth - 1, members), numbers(depth - 1, members)
    bound = f"b{depth}"
    inner = truths(depth - 1, (*members, bound))
    return st.one_of(
        truth_leaves(members),
        st.builds(Binary, st.sampled_from([Op.AND, Op.OR, Op.IMPLIES, Op.EQ, Op.NE]), smaller, smaller),
        st.builds(Binary, st.sampled_from([*ORDER, Op.EQ, Op.NE]), number, number),
        st.builds(Not, smaller),
        st.builds(IfElse, smaller, smaller, smaller),
        st.builds(Quantified, st.sampled_from(Quantifier), st.just(bound), st.just("brushes"), inner),
    )


STATES = st.builds(
    lambda paint, dry, wall, brushes: State(
        {"paint_left_in_pots": paint, "is_dry": dry, "colour_of_the_wall": wall},
        {"brushes": tuple({"strokes_painted": n, "clean": clean, "colour": colour} for n, clean, colour in brushes)},
    ),
    st.integers(-1, 3),
    st.booleans(),
    st.sampled_from(COLOUR.values),
    st.lists(st.tuples(st.integers(-1, 3), st.booleans(), st.sampled_from(COLOUR.values)), min_size=1, max_size=3),
)


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=examples(100))
@given(expr=st.one_of(truths(3, ("s",)), numbers(3, ("s",))), state=STATES, n=st.integers(-1, 3))
def test_the_text_means_what_the_expression_means(expr: Expr, state: State, n: int) -> None:
    brushes = [SimpleNamespace(**fields) for fields in state.families["brushes"]]
    names = {
        "Colour": SimpleNamespace(**{value: value for value in COLOUR.values}),
        "self": SimpleNamespace(**state.scalars, brushes=brushes),
        "s": brushes[0],
        "n": n,
    }
    expected = evaluate(expr, Scope(state, None, {"n": n}, {"s": 0}))
    code = compile(text(MACHINE, expr), "<text>", "eval", dont_inherit=True)
    assert eval(code, names) == expected  # noqa: S307 -- the text under test


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=examples(50))
@given(expr=truths(4, ("s",)))
def test_breaking_a_line_changes_nothing_else(expr: Expr) -> None:
    shape = phrase(MACHINE, expr)
    broken = "\n".join(["if True:", *laid_out("if ", shape, ":", 4), "        pass"])
    (outer,) = ast.parse(broken).body
    assert isinstance(outer, ast.If)
    assert isinstance(outer.body[0], ast.If)
    assert ast.dump(outer.body[0].test) == ast.dump(ast.parse(text(MACHINE, expr), mode="eval").body)


A, B, C = (Variable(f"{letter * 40}", BOOL) for letter in "abc")
N = Parameter("n", INT)
STROKES = Field("s", "brushes", "strokes_painted", INT)


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (Binary(Op.AND, Binary(Op.LT, Literal(0, INT), N), Binary(Op.LE, N, STROKES)), "0 < n <= s.strokes_painted"),
        (Binary(Op.AND, Binary(Op.LT, N, STROKES), Binary(Op.GT, STROKES, N)), None),
        (IfElse(Binary(Op.LE, N, STROKES), N, STROKES), "min(n, s.strokes_painted)"),
        (IfElse(Binary(Op.GT, N, STROKES), N, STROKES), "max(n, s.strokes_painted)"),
        (Binary(Op.SUB, N, Binary(Op.ADD, N, STROKES)), "n - (n + s.strokes_painted)"),
        (Not(Same("s", "t", "brushes")), "s is not t"),
        (
            Total("t", "brushes", IfElse(Field("t", "brushes", "clean", BOOL), Literal(1, INT), Literal(0, INT))),
            "sum(1 for t in self.brushes if t.clean)",
        ),
    ],
)
def test_idioms(expr: Expr, expected: str | None) -> None:
    assert text(MACHINE, expr) == (expected or "n < s.strokes_painted and s.strokes_painted > n")


def test_membership_is_written_as_such() -> None:
    wall = Variable("colour_of_the_wall", COLOUR)
    red, blue = (Binary(Op.EQ, wall, Literal(name, COLOUR)) for name in ("RED", "BLUE"))
    assert text(MACHINE, Binary(Op.OR, red, blue)) == "self.colour_of_the_wall in (Colour.RED, Colour.BLUE)"
    assert text(MACHINE, Not(Binary(Op.OR, red, blue))) == "self.colour_of_the_wall not in (Colour.RED, Colour.BLUE)"


def test_a_condition_that_is_just_true_is_left_out_of_others() -> None:
    true = Literal(True, BOOL)
    assert text(MACHINE, Binary(Op.AND, Binary(Op.AND, A, true), B)) == text(MACHINE, Binary(Op.AND, A, B))
    assert text(MACHINE, Binary(Op.AND, true, Binary(Op.OR, A, B))) == text(MACHINE, Binary(Op.OR, A, B))
    assert text(MACHINE, Binary(Op.AND, true, true)) == "True"


def statements(expr: Expr) -> list[str]:
    shape = phrase(MACHINE, expr)
    return [
        *laid_out("if ", shape, ":", 4),
        "        pass",
        *laid_out("return ", shape, "", 4),
        *laid_out("self.x = ", shape, "", 4),
    ]


@pytest.mark.parametrize("depth", [1, 2])
def test_a_formatter_leaves_long_conditions_alone(depth: int, tmp_path: Path) -> None:
    clauses: list[Expr] = [A, Not(B), Binary(Op.OR, A, Binary(Op.AND, B, C)), Binary(Op.OR, A, Binary(Op.OR, B, C))]
    long_claims = Binary(Op.AND, Field("s", "brushes", "d" * 60, BOOL), Field("s", "brushes", "e" * 60, BOOL))
    clauses.append(Not(Quantified(Quantifier.ANY, "s", "brushes", long_claims)))
    clauses.append(Quantified(Quantifier.ALL, "s", "brushes", Field("s", "brushes", "clean", BOOL)))
    combined: list[Expr] = clauses
    for _ in range(depth):
        pairs = [(op, left, right) for left in combined for right in clauses for op in (Op.AND, Op.OR)]
        combined = [Binary(*pair) for pair in pairs[:80]]
    lines = ["def method(self):", *(line for expr in (*clauses, *combined) for line in statements(expr))]
    assert max(map(len, lines)) <= WIDTH
    page = tmp_path / "conditions.py"
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", str(WIDTH), "--diff", str(page)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout
