"""Whatever is done to scripts and refutations, the checker accepts nothing that a solver knows to be satisfiable."""

from collections import Counter

import pytest
import z3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from quiesce.certify.refute import produce
from quiesce.recheck import Rejected, check
from quiesce.recheck.sums import Sum

from tests.by_day import examples

HEAD = """(set-logic ALL)
(declare-datatypes ((enum.P 0)) (((P.A) (P.B) (P.C))))
(declare-sort member.s 0)
(declare-const p enum.P)
(declare-const q enum.P)
(declare-const yes Bool)
(declare-const x Int)
(declare-const y Int)
(declare-const a member.s)
(declare-const b member.s)
(declare-fun f (member.s) Int)
(declare-fun g (member.s) Bool)
(declare-fun h (member.s) enum.P)
"""
BUDGET = 3_000_000


def script(assertions: list[str]) -> str:
    return HEAD + "".join(f"(assert {assertion})\n" for assertion in assertions) + "(check-sat)\n"


def solved(text: str) -> str:
    """What the solver says of a script."""
    solver = z3.Solver(ctx=z3.Context())
    solver.set("rlimit", BUDGET)
    solver.from_string(text)
    return str(solver.check())


def accepted(text: str, refutation: str) -> bool:
    """Whether the checker accepts; nothing but a rejection may come out of it otherwise."""
    try:
        check(text, refutation)
    except Rejected:
        return False
    return True


members = st.sampled_from(["a", "b"])


@st.composite
def integers(draw: st.DrawFn, member: st.SearchStrategy[str] = members, depth: int = 2) -> str:
    """A term of integers."""
    kind = draw(st.sampled_from(["x", "y", "number", "f", "f", *(["+", "-", "*", "ite"] if depth else [])]))
    if kind in {"x", "y"}:
        return kind
    if kind == "number":
        number = draw(st.integers(-3, 3))
        return str(number) if number >= 0 else f"(- {-number})"
    if kind == "f":
        return f"(f {draw(member)})"
    left = draw(integers(member, depth - 1))
    if kind == "*":
        return f"(* {draw(st.integers(0, 3))} {left})"
    right = draw(integers(member, depth - 1))
    return f"(ite {draw(atoms(member, 0))} {left} {right})" if kind == "ite" else f"({kind} {left} {right})"


@st.composite
def enums(draw: st.DrawFn, member: st.SearchStrategy[str] = members, depth: int = 1) -> str:
    """A term of the enum."""
    kind = draw(st.sampled_from(["p", "q", "P.A", "P.B", "P.C", "h", *(["ite"] if depth else [])]))
    if kind == "h":
        return f"(h {draw(member)})"
    if kind == "ite":
        return f"(ite {draw(atoms(member, 0))} {draw(enums(member, 0))} {draw(enums(member, 0))})"
    return kind


@st.composite
def atoms(draw: st.DrawFn, member: st.SearchStrategy[str] = members, depth: int = 2) -> str:
    """A formula without connectives, but for those in conditions."""
    kind = draw(st.sampled_from(["yes", "g", "int", "int", "enum", "same"]))
    if kind == "yes":
        return kind
    if kind == "g":
        return f"(g {draw(member)})"
    word = draw(st.sampled_from(["=", "distinct"]))
    if kind == "same":
        return f"({word} {draw(member)} {draw(member)})"
    if kind == "enum":
        return f"({word} {draw(enums(member, min(depth, 1)))} {draw(enums(member, 0))})"
    word = draw(st.sampled_from(["=", "distinct", "<", "<=", ">", ">="]))
    return f"({word} {draw(integers(member, depth))} {draw(integers(member, 0))})"


@st.composite
def formulas(draw: st.DrawFn, member: st.SearchStrategy[str] = members, depth: int = 2, bound: int = 0) -> str:
    """A formula."""
    kind = draw(
        st.sampled_from(["atom", "atom", *(["not", "and", "or", "=>", "=", "ite", "quantified"] * (depth > 0))])
    )
    if kind == "atom":
        return draw(atoms(member))
    if kind == "quantified":
        name = f"m{bound}"
        inside = formulas(st.one_of(st.just(name), member), depth - 1, bound + 1)
        return f"({draw(st.sampled_from(['forall', 'exists']))} (({name} member.s)) {draw(inside)})"
    count = {"not": 1, "ite": 3}.get(kind, 2)
    return f"({kind} {' '.join(draw(formulas(member, depth - 1, bound)) for _ in range(count))})"


scripts = st.lists(formulas(), min_size=2, max_size=6)


@st.composite
def mutated(draw: st.DrawFn, text: str) -> str:
    """A text of steps with a few faults."""
    lines = text.splitlines()
    for _ in range(draw(st.integers(0, 3))):
        if not lines:
            break
        number = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["drop", "double", "swap", "word", "word", "cut"])):
            case "drop":
                del lines[number]
            case "double":
                lines.insert(number, lines[number])
            case "swap":
                other = draw(st.integers(0, len(lines) - 1))
                lines[number], lines[other] = lines[other], lines[number]
            case "word":
                words = lines[number].replace("(", " ( ").replace(")", " ) ").split() or ["use"]
                others = [
                    "1",
                    "2",
                    "3",
                    "7",
                    "8",
                    "9",
                    "a",
                    "b",
                    "x",
                    "not",
                    "<=",
                    "P.A",
                    "some.1",
                    "use",
                    "at",
                    *words,
                ]
                words[draw(st.integers(0, len(words) - 1))] = draw(st.sampled_from(others))
                lines[number] = " ".join(words)
            case _:
                lines[number] = lines[number][: draw(st.integers(0, len(lines[number])))]
    return "".join(f"{line}\n" for line in lines)


several = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=examples(30), derandomize=True)


@pytest.mark.slow
@several
@given(scripts)
def test_what_is_refuted_is_unsatisfiable(assertions: list[str]) -> None:
    text = script(assertions)
    refutation = produce(text)
    if refutation is not None:
        assert accepted(text, refutation)
        assert solved(text) == "unsat"


@pytest.mark.slow
@several
@given(scripts, st.data())
def test_a_refutation_with_faults_proves_nothing_that_is_false(assertions: list[str], data: st.DataObject) -> None:
    # What follows is added denied, so that there is something to refute.
    contrary = [*assertions, data.draw(st.sampled_from([f"(not {one})" for one in assertions] + ["(> x (+ x y))"]))]
    refutation = produce(script(contrary))
    if refutation is None:
        return
    other = list(contrary)
    place = data.draw(st.integers(0, len(other) - 1))
    other[place] = data.draw(st.one_of(st.just("true"), st.just(f"(not {other[place]})"), formulas()))
    text = script(other)
    if accepted(text, data.draw(mutated(refutation))):
        assert solved(text) == "unsat"


STEPS = st.one_of(
    st.integers(1, 9).map(lambda n: f"use {n}"),
    st.builds(lambda n, m: f"at {n} {m}", st.integers(1, 9), st.sampled_from(["a", "b", "w1", "w2"])),
    st.builds(lambda n, m: f"name {n} {m}", st.integers(1, 9), st.sampled_from(["w1", "w2"])),
    formulas(depth=1).map(lambda formula: f"split {formula}"),
    st.just("else"),
    st.lists(st.builds(lambda n, atom: f"({n} {atom})", st.integers(0, 3), atoms(depth=1)), min_size=1, max_size=3).map(
        lambda parts: f"sum {' '.join(parts)}"
    ),
)


@several
@given(scripts, st.lists(STEPS, max_size=12))
def test_steps_at_random_prove_nothing_that_is_false(assertions: list[str], steps: list[str]) -> None:
    text = script(assertions)
    if accepted(text, "\n".join(steps)):
        assert solved(text) == "unsat"


@several
@given(st.text(alphabet="()use at1234name split else sum \n\x00\u0663xab<=", max_size=80))
def test_any_text_is_accepted_or_rejected(refutation: str) -> None:
    assert not accepted(script(["(<= x y)", "(forall ((m member.s)) (g m))"]), refutation)


@pytest.mark.nightly
@pytest.mark.slow
def test_these_scripts_are_often_refuted_and_often_satisfiable() -> None:
    # Otherwise the tests above would show nothing.
    seen: Counter[str] = Counter()

    @settings(several, max_examples=examples(60))
    @given(scripts)
    def look(assertions: list[str]) -> None:
        text = script(assertions)
        seen[solved(text)] += 1
        seen["refuted"] += produce(text) is not None

    look()
    assert seen["refuted"] >= 8
    assert seen["sat"] >= 8
    assert seen["refuted"] >= 0.8 * seen["unsat"]


def test_a_checker_that_rounds_too_far_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(self: Sum) -> Sum:
        tight = rounded(self)
        return tight.plus(1) if tight.coefficients != self.coefficients else tight

    text, refutation = script(["(<= (* 2 x) 1)", "(>= x 0)"]), "use 1\nuse 2\n"
    assert not accepted(text, refutation)
    rounded = Sum.tightened
    monkeypatch.setattr(Sum, "tightened", careless)
    assert accepted(text, refutation)
    assert solved(text) == "sat"
