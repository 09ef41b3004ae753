"""What is no condition, or no text of terms, is rejected before anything is concluded from it."""

import pytest
from quiesce.recheck import Rejected, check
from quiesce.recheck.terms import read, show

GOOD = "(set-logic ALL)\n(declare-const x Int)\n(assert (< x x))\n(check-sat)\n"
REFUTATION = "use 1\n"


def test_the_good_one_is_refuted() -> None:
    check(GOOD, REFUTATION)


@pytest.mark.parametrize(
    ("right", "wrong", "reason"),
    [
        ("(set-logic ALL)\n", "", "starts with its logic"),
        ("(check-sat)\n", "", "ends with one check"),
        ("(check-sat)\n", "(check-sat)\n(check-sat)\n", "not understood: (check-sat)"),
        ("(assert", "(push 1)\n(assert", "not understood: (push 1)"),
        ("(assert", "(declare-const x Int)\n(assert", "x is not new"),
        ("(assert", "(declare-const true Int)\n(assert", "true is not new"),
        ("(assert", "(declare-const y Real)\n(assert", "no sort: Real"),
        ("(assert", "(declare-const y (Array Int Int))\n(assert", "no sort: (Array Int Int)"),
        ("(assert", "(declare-const (y) Int)\n(assert", "no name: (y)"),
        ("(assert", "(declare-const 4 Int)\n(assert", "no name: 4"),
        ("(assert", "(declare-sort s 1)\n(assert", "not understood"),
        ("(assert", "(declare-datatypes ((e 0)) (((a) (a))))\n(assert", "a is not new"),
        ("(assert", "(declare-datatypes ((e 0)) ((a b)))\n(assert", "mere values"),
        ("(assert", "(declare-datatypes ((e 0)) (((a) (b (of Int)))))\n(assert", "mere values"),
        ("(assert", "(declare-datatypes ((e 0)) (()))\n(assert", "not understood"),
        ("(assert", "(declare-fun f (Int) Int)\n(assert", "not understood"),
        ("(assert", "(declare-sort s 0)\n(declare-fun f (s s) Int)\n(assert", "not understood"),
        ("(assert", "(declare-sort s 0)\n(declare-fun f (s) s)\n(assert", "no sort of a field: s"),
        ("(assert", "(define-fun y () Int 3)\n(assert", "not understood"),
        ("(< x x)", "x", "not of sort Bool: x"),
        ("(< x x)", "(< x true)", "not of sort Int: true"),
        ("(< x x)", "(< x x x)", "means nothing"),
        ("(< x x)", "(= x true)", "not of sort Int: true"),
        ("(< x x)", "(< x y)", "means nothing: y"),
        ("(< x x)", "(< x (div x 2))", "means nothing"),
        ("(< x x)", "(and)", "means nothing"),
        ("(< x x)", "()", "means nothing"),
        ("(< x x)", "(let ((y)) (< y y))", "no name for a term"),
        ("(< x x)", "(forall ((y Int)) (< y y))", "means nothing"),
        ("(< x x)", "(ite x (< x x) (< x x))", "not of sort Bool: x"),
        ("(assert (< x x))", "(declare-sort s 0)\n(assert (forall ((x s)) false))", "x is not new"),
        ("(assert (< x x))", "(assert (< x x)", "a parenthesis is not closed"),
        ("(assert (< x x))", "(assert (< x x)))", "a parenthesis is closed that was not opened"),
        ("(< x x)", "(< x 01)", "neither a symbol nor a numeral: '01'"),
        ("(< x x)", "(< x 1.5)", "neither a symbol nor a numeral: '1.5'"),
        ("(< x x)", "(< x |y|)", "neither a symbol nor a numeral: '|y|'"),
        ("(< x x)", "(< x \u0661)", "neither a symbol nor a numeral"),
        ("(< x x)", "(< x\u00a0x)", "neither a symbol nor a numeral"),
        ("(< x x)", f"(< x {'9' * 5000})", "neither a symbol nor a numeral"),
        ("(< x x)", f"{'(not ' * 500}(< x x){')' * 500}", "nested too deeply"),
        ("(< x x)", f"{'(' * 100_000}", "nested too deeply"),
    ],
)
def test_what_is_no_condition_is_rejected(right: str, wrong: str, reason: str) -> None:
    assert right in GOOD
    with pytest.raises(Rejected) as rejected:
        check(GOOD.replace(right, wrong), REFUTATION)
    assert reason in str(rejected.value)


@pytest.mark.parametrize(
    "text", ["", ")", "use 1)", "split (", "split " + "(not " * 400, "use \x00", "use 1 1", "\ufeff"]
)
def test_what_is_no_refutation_is_rejected(text: str) -> None:
    with pytest.raises(Rejected):
        check(GOOD, text)


@pytest.mark.parametrize(
    ("left", "right"),
    [("(not ", ")"), ("(and true ", ")"), ("(ite true ", " false)"), ("(= true ", ")"), ("(=> ", " false)")],
)
@pytest.mark.parametrize("depth", [50, 99, 290])
def test_deep_terms_are_checked_or_refused(left: str, right: str, depth: int) -> None:
    deep = GOOD.replace("(< x x)", f"(and (< x x) {left * depth}false{right * depth})")
    if depth < 100:
        check(deep, REFUTATION)
        return
    try:
        check(deep, REFUTATION)
    except Rejected as reason:
        assert str(reason) == "nested too deeply"  # noqa: PT017


def test_deep_trees_are_followed() -> None:
    splits = 90
    # Below the first split the others settle nothing, so that their second branches are closed at once.
    tree = "split (= x 0)\n" * splits + "use 1\n" + "else\n" * splits
    check(GOOD, tree + "use 1\n")
    with pytest.raises(Rejected, match="a branch is left open"):
        check(GOOD, tree)
    with pytest.raises(Rejected, match="more than 100 branches are open"):
        check(GOOD, "split (= x 0)\n" * 5_000)


def test_terms_are_shown_as_they_are_read() -> None:
    [term] = read("(and  (< x 1)\n(f a) )")
    assert show(term) == "(and (< x 1) (f a))"
